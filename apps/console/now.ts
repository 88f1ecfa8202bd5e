/** What the page's first screen shows, in the four parts that the event stream sends when they change. */
import { first } from './paging.js';
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
      return (await queries.products(reader, first(PRODUCTS_SHOWN))).rows;
    case 'forecasts':
      return (await queries.forecasts(reader, first(SYMBOLS_SHOWN))).rows;
    case 'pipeline':
      return queries.pipeline(reader);
  }
}
