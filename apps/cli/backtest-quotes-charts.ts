/** Charts of the quotes report, as inline SVG. */
import type { CoverageSpan, Fan } from './backtest-quotes-trace.js';

const [WIDTH, HEIGHT] = [360, 150];
const escape = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const figure = (label: string, inside: string, caption: string): string =>
  `<figure style="margin:0"><svg width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escape(label)}">${inside}</svg><figcaption>${escape(caption)}</figcaption></figure>`;
const points = (xy: readonly (readonly [number, number])[]): string => xy.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');

/** Closes as a line; from the bar it was made at, the fan's 5 to 95 and 25 to 75 % bands and its median, over what then came. */
export function fanChart({ symbol, closes, at, bands }: Fan): string {
  const prices = [...closes, ...bands.flatMap((band) => band.prices)].filter(Number.isFinite);
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const x = (bar: number): number => (bar / Math.max(closes.length - 1, 1)) * (WIDTH - 4) + 2;
  const y = (price: number): number => HEIGHT - 4 - ((price - low) / Math.max(high - low, 1e-12)) * (HEIGHT - 8);
  const start = [x(at), y(closes[at]!)] as const;
  const edge = (level: number) => bands.map(({ horizon, prices: own }) => [x(at + horizon), y(own[level]!)] as const);
  const area = (from: number, to: number, opacity: number): string => `<polygon points="${points([start, ...edge(to), ...edge(from).toReversed()])}" fill="#4a7bb5" fill-opacity="${opacity}"/>`;
  const line = (xy: readonly (readonly [number, number])[], color: string): string => `<polyline points="${points(xy)}" fill="none" stroke="${color}"/>`;
  return figure(`Fan of ${symbol}`, `${area(0, 4, 0.25)}${area(1, 3, 0.35)}${line([start, ...edge(2)], '#4a7bb5')}${line(closes.map((close, bar) => [x(bar), y(close)] as const), '#222')}`, `${symbol}: 50 and 90 % bands made ${closes.length - 1 - at} bars before the end, and what came`);
}

/** Share of actuals in the 90 % band over time, between 70 and 100 %; the line is 90 %. */
export function coverageChart(horizon: number, spans: readonly CoverageSpan[]): string {
  const y = (share: number): number => HEIGHT - ((Math.min(Math.max(share, 0.7), 1) - 0.7) / 0.3) * (HEIGHT - 4) - 2;
  const xy = spans.map(({ covered90 }, i) => [(i / Math.max(spans.length - 1, 1)) * (WIDTH - 4) + 2, y(covered90)] as const);
  const range = spans.length === 0 ? 'nothing scored' : `${spans[0]!.from.slice(0, 16)} to ${spans.at(-1)!.from.slice(0, 16)}`;
  return figure(`Coverage over time, ${horizon} ahead`, `<line x1="0" x2="${WIDTH}" y1="${y(0.9)}" y2="${y(0.9)}" stroke="#c33"/><polyline points="${points(xy)}" fill="none" stroke="#4a7bb5"/>`, `${horizon} ahead, 70 to 100 %, ${range}`);
}
