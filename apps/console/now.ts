/** What the page's first screen shows, in the four parts that the event stream sends when they change. */
import type { QueryResultRow } from 'pg';
import { first, type Page, type PageRequest } from './paging.js';
import * as queries from './queries.js';
import type { Reader } from './reader.js';

export const PARTS = ['surges', 'products', 'forecasts', 'pipeline'] as const;
export type Part = (typeof PARTS)[number];

const SURGES_SHOWN = 20;
const PRODUCTS_SHOWN = 60;
const SYMBOLS_SHOWN = 1_000;

export async function readPart(reader: Reader, part: Part): Promise<unknown> {
  switch (part) {
    case 'surges':
      return (await queries.surges(reader, first(SURGES_SHOWN), null)).rows;
    case 'products':
      return (await productsWithSparklines(reader, first(PRODUCTS_SHOWN))).rows;
    case 'forecasts':
      return (await queries.forecasts(reader, first(SYMBOLS_SHOWN))).rows;
    case 'pipeline':
      return queries.pipeline(reader);
  }
}

export async function productsWithSparklines(reader: Reader, asked: PageRequest): Promise<Page<QueryResultRow>> {
  const { rows, next } = await queries.products(reader, asked);
  const newest = Math.max(...rows.map((row) => (row['last_review_at'] as Date).getTime()));
  if (!Number.isFinite(newest)) return { rows, next };
  const points = await queries.sparklines(reader, rows.map((row) => String(row['product_id'])), new Date(newest));
  return {
    rows: rows.map((row) => ({
      ...row,
      sparkline: points.filter((point) => point['product_id'] === row['product_id']).map(({ bucket, reviews, negatives }) => ({ bucket: bucket as Date, reviews: reviews as number, negatives: negatives as number })),
    })),
    next,
  };
}
