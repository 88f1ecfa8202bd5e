/**
 * Negative reviews over time around a surge: bars, pale before the change and strong since; the level that was expected
 * since the change, with the band in which chance alone keeps 19 bars of 20 (Poisson, by the square root: Anscombe 1948); lines where it began and where the
 * alarm was raised. The bars count reviews with P(negative) >= 0.5.
 */
import { axis, bars, chartFrame, colour, timeAxis, verticalLine, withAlpha } from './theme.js';

const HOUR = 3600;
const WIDTHS = [1, 2, 3, 6, 12, 24];
const MOST_BARS = 84;

const seconds = (time) => Date.parse(time) / 1000;

/** Bars of equal width over [from, until): { width (hours), starts, negatives, reviews }. Seconds. */
export function binned(hours, from, until) {
  const span = (until - from) / HOUR;
  const width = WIDTHS.find((w) => span / w <= MOST_BARS) ?? 24;
  const first = Math.floor(from / (width * HOUR)) * width * HOUR;
  const size = Math.max(1, Math.ceil((until - first) / (width * HOUR)));
  const starts = Array.from({ length: size }, (_, n) => first + n * width * HOUR);
  const negatives = new Array(size).fill(0);
  const reviews = new Array(size).fill(0);
  for (const row of hours) {
    const n = Math.floor((seconds(row.hour) - first) / (width * HOUR));
    if (n < 0 || n >= size) continue;
    negatives[n] += row.negatives;
    reviews[n] += row.reviews;
  }
  return { width, starts, negatives, reviews };
}

/** Lower and upper limit of 95 % of the counts with this mean. */
export function chanceBand(mean) {
  const root = Math.sqrt(mean + 0.375);
  return [-0.98, 0.98].map((reach) => Math.max(0, Math.max(0, root + reach) ** 2 - 0.375));
}

/** The stretch to show: well before the change, to the end or to now. */
export function stretchOf(surge, now) {
  const began = seconds(surge.started_at);
  const end = surge.closed_at === null ? Math.max(now / 1000, seconds(surge.last_change_at)) : seconds(surge.closed_at) + 6 * HOUR;
  const before = Math.min(Math.max((end - began) * 0.75, 24 * HOUR), 96 * HOUR);
  return { from: began - before, until: end };
}

export function surgeChart(host, height = 168) {
  const frame = chartFrame(host, height);
  let mark = {};
  return {
    remove: frame.remove,
    /** hours: rows { hour, negatives, reviews } of the product. Gives the bar width in hours. */
    draw(surge, hours, now) {
      const { from, until } = stretchOf(surge, now);
      const { width, starts, negatives } = binned(hours, from, until);
      const began = seconds(surge.started_at);
      const lasted = Math.max(seconds(surge.last_change_at) - began, HOUR / 2) / HOUR;
      const level = (surge.expected / lasted) * width;
      const since = (n) => starts[n] + width * HOUR > began;
      mark = { began, opened: seconds(surge.opened_at), closed: surge.closed_at === null ? null : seconds(surge.closed_at) };
      const data = [
        starts,
        negatives.map((value, n) => (since(n) ? null : value)),
        negatives.map((value, n) => (since(n) ? value : null)),
        ...[level, ...chanceBand(level)].map((value) => starts.map((_, n) => (since(n) ? value : null))),
      ];
      frame.draw(`surge ${width}`, () => options(() => mark, width), data);
      return width;
    },
  };
}

function options(mark, width) {
  const alarm = colour('bad');
  const pale = colour('faint-bar');
  return {
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 20, 0, 0],
    scales: { x: { range: (u, low, high) => [low, high + width * HOUR] }, y: { range: (u, low, high) => [0, Math.max(3, high * 1.12)] } },
    axes: [timeAxis(), axis({ size: 30, space: 34, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] })],
    series: [
      {},
      { paths: bars(), fill: pale, width: 0, points: { show: false } },
      { paths: bars(), fill: alarm, width: 0, points: { show: false } },
      { stroke: colour('text'), width: 1.5, dash: [5, 4], points: { show: false }, paths: window.uPlot.paths.stepped({ align: 1 }) },
      ...[0, 1].map(() => ({ stroke: 'transparent', width: 0, points: { show: false }, paths: window.uPlot.paths.stepped({ align: 1 }) })),
    ],
    bands: [{ series: [5, 4], fill: withAlpha(colour('text'), 0.14) }],
    hooks: {
      drawClear: [(u) => {
        const { began, closed } = mark();
        const left = Math.max(u.valToPos(began, 'x', true), u.bbox.left);
        const right = closed === null ? u.bbox.left + u.bbox.width : Math.min(u.valToPos(closed, 'x', true), u.bbox.left + u.bbox.width);
        u.ctx.fillStyle = withAlpha(alarm, 0.06);
        u.ctx.fillRect(left, u.bbox.top, Math.max(0, right - left), u.bbox.height);
      }],
      draw: [(u) => {
        const { began, opened, closed } = mark();
        verticalLine(u, began, colour('muted'), [2, 3]);
        verticalLine(u, opened, alarm);
        if (closed !== null) verticalLine(u, closed, colour('good'));
      }],
    },
  };
}
