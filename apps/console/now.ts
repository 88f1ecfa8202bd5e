/** What the page's first screen shows, in the four parts that the event stream sends when they change. */
import type { QueryResultRow } from 'pg';
import * as queries from './queries.js';
import type { Reader } from './reader.js';

export const PARTS = ['surges', 'products', 'forecasts', 'pipeline'] as const;
export type Part = (typeof PARTS)[number];

const SURGES_SHOWN = 20;
const PRODUCTS_SHOWN = 60;

export async function readPart(reader: Reader, part: Part): Promise<unknown> {
  switch (part) {
    case 'surges':
      return queries.surges(reader, SURGES_SHOWN, null);
    case 'products':
      return productsWithSparklines(reader, PRODUCTS_SHOWN);
    case 'forecasts':
      return queries.forecasts(reader, null);
    case 'pipeline':
      return queries.pipeline(reader);
  }
}

export async function productsWithSparklines(reader: Reader, limit: number): Promise<QueryResultRow[]> {
  const rows = await queries.products(reader, limit);
  const newest = Math.max(...rows.map((row) => (row['last_review_at'] as Date).getTime()));
  if (!Number.isFinite(newest)) return rows;
  const points = await queries.sparklines(reader, rows.map((row) => String(row['product_id'])), new Date(newest));
  return rows.map((row) => ({
    ...row,
    sparkline: points.filter((point) => point['product_id'] === row['product_id']).map(({ bucket, reviews, negatives }) => ({ bucket: bucket as Date, reviews: reviews as number, negatives: negatives as number })),
  }));
}
