/** A sparkline as one small SVG: all reviews as a pale area, the negative ones as a line, of the last seven days. */
import { svg } from '../lib/dom.js';

const BUCKETS = 28;
const BUCKET_MS = 6 * 3_600_000;
const WIDTH = 112;
const HEIGHT = 26;

/** The end of the six hours of UTC that `time` lies in: a grid that all products share, and that stands still for hours. */
export const gridEnd = (time) => (Math.floor(time / BUCKET_MS) + 1) * BUCKET_MS;

/** Points [{ bucket, reviews, negatives }] on the grid that ends at `until`; buckets without a row are 0. */
export function onGrid(points, until) {
  const from = until - BUCKETS * BUCKET_MS;
  const reviews = new Array(BUCKETS).fill(0);
  const negatives = new Array(BUCKETS).fill(0);
  for (const point of points ?? []) {
    const slot = Math.round((Date.parse(point.bucket) - from) / BUCKET_MS);
    if (slot < 0 || slot >= BUCKETS) continue;
    reviews[slot] += point.reviews;
    negatives[slot] += point.negatives;
  }
  return { reviews, negatives };
}

function path(values, most, close) {
  const x = (n) => ((n / (values.length - 1)) * WIDTH).toFixed(1);
  const y = (value) => (HEIGHT - 1.5 - (value / most) * (HEIGHT - 3)).toFixed(1);
  const line = values.map((value, n) => `${n === 0 ? 'M' : 'L'}${x(n)} ${y(value)}`).join('');
  return close ? `${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z` : line;
}

export function sparkline(points, until, name) {
  const { reviews, negatives } = onGrid(points, until);
  const most = Math.max(...reviews, 1);
  return svg('svg', { class: 'spark', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': `${name}: ${negatives.reduce((a, b) => a + b, 0)} negative of ${reviews.reduce((a, b) => a + b, 0)} reviews in seven days` },
    svg('path', { class: 'all', d: path(reviews, most, true) }),
    svg('path', { class: 'bad', d: path(negatives, most, false) }));
}
