/**
 * One surge as an SVG: negatives per bucket as bars, what was expected as a line, the estimated start, opening and closing as
 * upright lines, evidence as dots. The window is the surge with four times its length (two weeks at least) before it.
 */
import type { SurgeEvidence, SurgeRecord } from '#contracts';
import type { ProductSeries } from './collect.js';
import { escapeHtml } from './escape.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WIDTHS = [HOUR, 3 * HOUR, 6 * HOUR, DAY, 7 * DAY, 28 * DAY, 91 * DAY];
const MOST_BUCKETS = 110;
const W = 860;
const H = 220;
const PAD = { left: 40, right: 12, top: 14, bottom: 26 };

export interface ChartInput {
  readonly series: Pick<ProductSeries, 'at' | 'pNegative'>;
  /** Newest record of the surge. */
  readonly surge: SurgeRecord;
  readonly evidence: readonly SurgeEvidence[];
  /** Newest event time of the file, epoch ms. */
  readonly to: number;
}

export function surgeChart({ series, surge, evidence, to }: ChartInput): string {
  const end = surge.closedAt ?? to;
  const length = Math.max(end - surge.startedAt, HOUR);
  const first = series.at.reduce((low, at) => Math.min(low, at), Infinity);
  const begin = Math.max(first, surge.startedAt - Math.max(4 * length, 14 * DAY));
  const until = Math.min(to, end + Math.max(length / 2, 3 * DAY)) + 1;
  const width = WIDTHS.find((w) => (until - begin) / w <= MOST_BUCKETS) ?? WIDTHS[WIDTHS.length - 1]!;
  const from = Math.floor(begin / width) * width;
  const buckets = Math.max(1, Math.ceil((until - from) / width));
  const negatives = new Array<number>(buckets).fill(0);
  const reviews = new Array<number>(buckets).fill(0);
  series.at.forEach((at, i) => {
    const bucket = Math.floor((at - from) / width);
    if (bucket < 0 || bucket >= buckets) return;
    negatives[bucket]! += series.pNegative[i]!;
    reviews[bucket]! += 1;
  });
  const perMs = surge.expected / Math.max(surge.at - surge.startedAt, 1);
  const expected = reviews.map((count) => (surge.channel === 'count' ? perMs * width : surge.shareBefore * count));
  const top = Math.max(1, ...negatives, ...expected) * 1.08;
  const x = (at: number) => PAD.left + ((at - from) / (buckets * width)) * (W - PAD.left - PAD.right);
  const y = (value: number) => H - PAD.bottom - (value / top) * (H - PAD.top - PAD.bottom);
  const n = (value: number) => value.toFixed(1);

  const bars = negatives.map((value, i) => (value === 0 ? '' : `<rect class="bar" x="${n(x(from + i * width) + 0.5)}" y="${n(y(value))}" width="${n(Math.max(1, x(from + width) - x(from) - 1))}" height="${n(y(0) - y(value))}"/>`)).join('');
  const line = expected.map((value, i) => `${i === 0 ? 'M' : 'L'}${n(x(from + i * width))} ${n(y(value))}H${n(x(from + (i + 1) * width))}`).join('');
  const upright = (at: number, kind: string, label: string, row: number) => `<line class="${kind}" x1="${n(x(at))}" x2="${n(x(at))}" y1="${PAD.top}" y2="${H - PAD.bottom}"/><text x="${n(Math.min(x(at) + 3, W - 60))}" y="${PAD.top + 9 + 11 * row}">${label}</text>`;
  const marks = [
    upright(surge.startedAt, 'start', 'start', 0),
    upright(surge.openedAt, 'opened', 'opened', 1),
    surge.closedAt === null ? '' : upright(surge.closedAt, 'closed', 'closed', 2),
  ].join('');
  const dots = evidence.filter(({ at }) => at >= from && at < from + buckets * width).map(({ at, rank }) => `<circle class="evidence" cx="${n(x(at))}" cy="${H - PAD.bottom - 4}" r="3.5"><title>evidence ${rank}</title></circle>`).join('');
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = from + share * buckets * width;
    return `<text x="${n(x(at))}" y="${H - 8}" text-anchor="${share === 0 ? 'start' : share === 1 ? 'end' : 'middle'}">${new Date(at).toISOString().slice(0, width < DAY ? 13 : 10).replace('T', ' ')}${width < DAY ? 'h' : ''}</text>`;
  }).join('');
  const scale = `<text x="4" y="${n(y(0))}">0</text><text x="4" y="${n(y(top / 1.08) + 4)}">${n(top / 1.08)}</text>`;
  const title = `Negatives per ${width < DAY ? `${width / HOUR} h` : `${width / DAY} d`} of ${surge.productId}; expected as a line`;
  return `<svg viewBox="0 0 ${W} ${H}" role="img" aria-label="${escapeHtml(title)}"><title>${escapeHtml(title)}</title>${bars}<path class="expected" d="${line}"/>${marks}${dots}${ticks}${scale}</svg>`;
}
