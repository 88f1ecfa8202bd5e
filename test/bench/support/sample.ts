/** Reviews made from the real texts, with Zipf product keys, as messages; and the figures that benches print. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { OutgoingMessage } from '#contracts';
import { seededRandom } from '#seeded-random';

export interface BenchReview {
  readonly productId: string;
  readonly text: string;
  readonly rating: number;
  readonly reviewedAt: number;
  readonly message: OutgoingMessage;
  /** The same review as if written at this moment. */
  readonly at: (reviewedAt: number) => OutgoingMessage;
}

export function sampleReviews({ folder, count, products, seed }: { folder: string; count: number; products: number; seed: number }): BenchReview[] {
  const random = seededRandom(seed);
  const lines = readdirSync(folder).filter((name) => name.endsWith('.jsonl.gz')).sort()
    .flatMap((name) => gunzipSync(readFileSync(join(folder, name))).toString('utf8').trimEnd().split('\n'));
  const cumulative: number[] = [];
  for (let rank = 1; rank <= products; rank += 1) cumulative.push((cumulative.at(-1) ?? 0) + 1 / rank);
  const start = Date.UTC(2025, 0, 1);
  return Array.from({ length: count }, (_, n) => {
    const { text, rating, title } = JSON.parse(lines[Math.floor(random() * lines.length)]!) as { text: string; rating: number; title?: string };
    const mark = random() * cumulative.at(-1)!;
    let low = 0;
    for (let high = products - 1; low < high;) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! < mark) low = middle + 1; else high = middle;
    }
    const productId = `product-${low}`;
    const make = (reviewedAt: number): OutgoingMessage => ({ key: productId, value: JSON.stringify({ reviewId: `review-${n}`, productId, ...(title === undefined ? {} : { title }), text, rating, reviewedAt: new Date(reviewedAt).toISOString(), source: 'bench' }) });
    const reviewedAt = start + n * 1_000;
    return { productId, text: title === undefined ? text : `${title}\n${text}`, rating, reviewedAt, message: make(reviewedAt), at: make };
  });
}

export const percentile = (values: readonly number[], share: number): number => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;
export const median = (values: readonly number[]): number => percentile(values, 0.5);
