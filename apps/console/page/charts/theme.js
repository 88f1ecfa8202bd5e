/** Colours of the style sheet for canvas drawing, and a frame that keeps one uPlot at the width of its host. */
import { clockOnly, dateOnly } from '../lib/format.js';

const uPlot = () => window.uPlot;

/** Asked of the style sheet once each, since every asking makes the browser reckon its styles anew. */
const colours = new Map();
export function colour(name) {
  if (!colours.has(name)) colours.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
  return colours.get(name);
}

const frames = new Set();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  colours.clear();
  frames.forEach((frame) => frame.rebuild());
});
const watcher = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) for (const frame of frames) if (frame.host === target) frame.resize(Math.round(contentRect.width));
});

/**
 * The plot is made anew when `shape` changes or the colours do, and only fed when the data do. The width is what the observer saw: reading it
 * while drawing would lay the whole page out in the midst of a frame.
 */
export function chartFrame(host, height) {
  let plot = null;
  let last = null;
  let width = 0;
  const frame = {
    host,
    draw(shape, options, data) {
      last = { shape, options, data };
      if (width === 0) return;
      if (plot !== null && plot.shape === shape) {
        plot.setData(data);
        return;
      }
      plot?.destroy();
      plot = new (uPlot())({ width, height, ...options() }, data, host);
      plot.shape = shape;
    },
    rebuild() {
      if (last === null) return;
      plot?.destroy();
      plot = null;
      frame.draw(last.shape, last.options, last.data);
    },
    resize(seen) {
      width = seen;
      if (plot === null) frame.rebuild();
      else if (width > 0 && width !== plot.width) plot.setSize({ width, height });
    },
    remove() {
      watcher.unobserve(host);
      frames.delete(frame);
      plot?.destroy();
    },
  };
  frames.add(frame);
  watcher.observe(host);
  return frame;
}

const DAY = 86_400;
const FONT = '11px system-ui, sans-serif';
/** An axis in the page's colours; `extra` overrides. */
export const axis = (extra = {}) => ({
  stroke: colour('muted'), font: FONT, grid: { stroke: colour('grid'), width: 1 }, ticks: { show: false }, gap: 4, ...extra,
});
/** An axis of time in the viewer's zone: the clock, and the date where a day begins. */
export const timeAxis = (extra = {}) => axis({
  size: 26, grid: { show: false }, space: 64,
  values: (u, splits, n, space, step) => splits.map((at) => (step >= DAY || new Date(at * 1000).getHours() + new Date(at * 1000).getMinutes() === 0 ? dateOnly(at * 1000) : clockOnly(at * 1000))),
  ...extra,
});
export const bars = (align = 1) => uPlot().paths.bars({ size: [0.82, 28], align });
export const withAlpha = (hex, alpha) => `${hex}${Math.round(alpha * 255).toString(16).padStart(2, '0')}`;

/** A vertical line at x with a label at its head. */
export function verticalLine(plot, x, stroke, dash = []) {
  const left = Math.round(plot.valToPos(x, 'x', true)) + 0.5;
  const { left: from, width, top, height } = plot.bbox;
  if (left < from || left > from + width) return;
  const { ctx } = plot;
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash(dash.map((n) => n * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(left, top);
  ctx.lineTo(left, top + height);
  ctx.stroke();
  ctx.restore();
}
