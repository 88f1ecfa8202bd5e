/**
 * Forecasts as fans. The axis counts bars, because the time of a bar that has not come is not known (markets close);
 * past bars are labelled with their time, coming ones with +n.
 */
import { dayAndClock, price } from '../lib/format.js';
import { axis, chartFrame, colour, verticalLine, withAlpha } from './theme.js';

const QUANTILES = ['q05', 'q25', 'q50', 'q75', 'q95'];

/** The newest bars and the fan from the last of them. */
export function fanChart(host, height = 170) {
  const frame = chartFrame(host, height);
  let row = null;
  return {
    remove: frame.remove,
    draw(forecast) {
      row = forecast;
      const { recent, fan, bar, close } = forecast;
      const x = [...recent.map((point) => point.bar), ...fan.map(({ horizon }) => bar + horizon)];
      const past = [...recent.map((point) => point.close), ...fan.map(() => null)];
      const bands = QUANTILES.map((q) => [...recent.map((point) => (point.bar === bar ? close : null)), ...fan.map((step) => step[q])]);
      frame.draw('fan', () => options(() => row), [x, past, ...bands]);
    },
  };
}

function options(row) {
  const line = (extra) => ({ width: 1, points: { show: false }, spanGaps: true, ...extra });
  const tide = colour('tide');
  const time = (bar) => row().recent.find((point) => point.bar === bar)?.at;
  return {
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 16, 0, 0],
    scales: { x: { time: false }, y: { range: padded } },
    axes: [
      axis({ size: 26, grid: { show: false }, splits: () => splitsOf(row()), values: (u, splits) => splits.map((bar) => (bar > row().bar ? `+${bar - row().bar}` : time(bar) === undefined ? '' : dayAndClock(time(bar)))) }),
      axis({ size: 58, space: 36, values: (u, splits) => splits.map(price) }),
    ],
    series: [{}, { stroke: colour('text'), width: 1.5, points: { show: false } }, line({ stroke: withAlpha(tide, 0.5) }), line({ stroke: withAlpha(tide, 0) }), line({ stroke: tide, dash: [4, 3], width: 1.5 }), line({ stroke: withAlpha(tide, 0) }), line({ stroke: withAlpha(tide, 0.5) })],
    bands: [{ series: [6, 2], fill: withAlpha(tide, 0.16) }, { series: [5, 3], fill: withAlpha(tide, 0.24) }],
    hooks: { draw: [(u) => verticalLine(u, row().bar, colour('muted'), [2, 3])] },
  };
}

function padded(u, low, high) {
  if (low === null || high === null) return [0, 1];
  const room = Math.max((high - low) * 0.06, Math.abs(high) * 1e-4);
  return [low - room, high + room];
}

function splitsOf({ recent, fan, bar }) {
  const first = recent[0]?.bar ?? bar;
  const last = fan.at(-1)?.horizon ?? 0;
  return [first + Math.round((bar - first) * 0.25), bar - Math.round((bar - first) * 0.25), ...(last > 0 ? [bar + last] : [])].filter((b, n, all) => all.indexOf(b) === n);
}

/** Bands of one horizon as they were stated, at the bar they were for, beside the price that came. Rows oldest first; a click picks one. */
export function pastBandsChart(host, pick, height = 260) {
  const frame = chartFrame(host, height);
  let rows = [];
  let looked = null;
  return {
    remove: frame.remove,
    draw(history, chosen) {
      rows = history;
      looked = chosen;
      const q = (name) => history.map((f) => f[`price_${name}`]);
      frame.draw('past', () => pastOptions(() => rows, () => looked, pick), [history.map((f) => f.bar + f.horizon), history.map((f) => f.actual_close), q('q05'), q('q25'), q('q75'), q('q95'), history.map((f) => (f.covered90 === false ? f.actual_close : null))]);
    },
  };
}

function pastOptions(rows, looked, pick) {
  const tide = colour('tide');
  const edge = (alpha) => ({ stroke: withAlpha(tide, alpha), width: 1, points: { show: false } });
  const settled = (bar) => rows().find((f) => f.bar + f.horizon === bar);
  return {
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 40, 0, 0],
    scales: { x: { time: false }, y: { range: padded } },
    axes: [
      axis({ size: 26, grid: { show: false }, space: 110, incrs: [1, 2, 5, 10, 20, 50, 100], values: (u, splits) => splits.map((bar) => { const f = settled(bar); return f?.settled_at ? dayAndClock(f.settled_at) : ''; }) }),
      axis({ size: 58, space: 36, values: (u, splits) => splits.map(price) }),
    ],
    series: [{}, { stroke: colour('text'), width: 1.5, points: { show: false } }, edge(0.5), edge(0), edge(0), edge(0.5), { stroke: colour('bad'), fill: colour('bad'), width: 0, paths: () => null, points: { show: true, size: 6, fill: colour('bad'), width: 0 } }],
    bands: [{ series: [5, 2], fill: withAlpha(tide, 0.16) }, { series: [4, 3], fill: withAlpha(tide, 0.22) }],
    hooks: {
      ready: [(u) => u.over.addEventListener('click', ({ offsetX }) => { const f = rows()[u.posToIdx(offsetX)]; if (f !== undefined) pick(f); })],
      draw: [(u) => looked() !== null && verticalLine(u, looked().bar + looked().horizon, colour('text'), [3, 3])],
    },
  };
}
