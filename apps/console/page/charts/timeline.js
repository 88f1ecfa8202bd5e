/** A product's two weeks: all reviews as pale bars, the negative ones in front, its surges shaded, known events as a band above. */
import { binned } from './hours.js';
import { axis, bars, chartFrame, colour, timeAxis, withAlpha } from './theme.js';

export function productChart(host, height = 210) {
  const frame = chartFrame(host, height);
  let surges = [];
  let known = [];
  return {
    remove: frame.remove,
    draw(hours, episodes, until, events = []) {
      surges = episodes;
      known = events;
      const from = hours.length === 0 ? until - 86_400 : Math.min(Date.parse(hours[0].hour) / 1000, until - 86_400);
      const { width, starts, negatives, reviews } = binned(hours, from, until);
      frame.draw(`product ${width}`, () => options(() => surges, () => known, width), [starts, reviews, negatives]);
      return width;
    },
  };
}

function options(surges, known, width) {
  const bad = colour('bad');
  return {
    legend: { show: false },
    cursor: { show: false },
    padding: [10, 6, 0, 0],
    scales: { x: { range: (u, low, high) => [low, high + width * 3600] }, y: { range: (u, low, high) => [0, Math.max(3, high * 1.1)] } },
    axes: [timeAxis(), axis({ size: 34, space: 36, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] })],
    series: [{}, { paths: bars(), fill: colour('faint-bar'), width: 0, points: { show: false } }, { paths: bars(), fill: bad, width: 0, points: { show: false } }],
    hooks: {
      drawClear: [(u) => {
        u.ctx.fillStyle = withAlpha(bad, 0.07);
        for (const { started_at: began, closed_at: closed } of surges()) {
          const left = Math.max(u.valToPos(Date.parse(began) / 1000, 'x', true), u.bbox.left);
          const right = Math.min(closed === null ? Infinity : u.valToPos(Date.parse(closed) / 1000, 'x', true), u.bbox.left + u.bbox.width);
          if (right > left) u.ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height);
        }
        u.ctx.fillStyle = withAlpha(colour('muted'), 0.45);
        for (const { from_at: from, until_at: until } of known()) {
          const left = Math.max(u.valToPos(Date.parse(from) / 1000, 'x', true), u.bbox.left);
          const right = Math.min(u.valToPos(Date.parse(until) / 1000, 'x', true), u.bbox.left + u.bbox.width);
          if (right > left) u.ctx.fillRect(left, u.bbox.top, right - left, Math.round(u.bbox.height * 0.04));
        }
      }],
    },
  };
}
