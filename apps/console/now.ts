/** What the page's first screen shows, in the parts that the event stream sends when they change. */
import { first } from './paging.js';
import * as queries from './queries.js';
import type { Reader } from './reader.js';

export const PARTS = ['surges', 'products', 'forecasts', 'pipeline', 'totals'] as const;
export type Part = (typeof PARTS)[number];

const SURGES_SHOWN = 20;
/** All open ones are shown, up to so many. */
const OPEN_SURGES_SHOWN = 200;
const PRODUCTS_SHOWN = 60;
const SYMBOLS_SHOWN = 1_000;

export async function readPart(reader: Reader, part: Part): Promise<unknown> {
  switch (part) {
    case 'surges':
      return shownSurges(reader);
    case 'products':
      return (await queries.products(reader, first(PRODUCTS_SHOWN))).rows;
    case 'forecasts':
      return (await queries.forecasts(reader, first(SYMBOLS_SHOWN))).rows;
    case 'pipeline':
      return queries.pipeline(reader);
    case 'totals':
      return queries.totals(reader);
  }
}

async function shownSurges(reader: Reader): Promise<unknown> {
  const { rows, next } = await queries.surges(reader, first(SURGES_SHOWN), null);
  const moreAreOpen = next !== null && rows.at(-1)?.['closed_at'] === null;
  return moreAreOpen ? (await queries.surges(reader, first(OPEN_SURGES_SHOWN), null)).rows : rows;
}
