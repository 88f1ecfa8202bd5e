/**
 * A file's row to a message: fields renamed by --map and by the names that common files use, cells of CSV files typed,
 * and the bytes left alone where nothing had to change.
 */
import { TidewatchError } from '#contracts';
import type { FileRow } from '#read-files';

export type StreamKind = 'reviews' | 'quotes';
/** Target field to source field. */
export type FieldMap = ReadonlyMap<string, string>;

/** Where a target is absent, the first of these names that the row has is taken for it. */
const USUAL: Readonly<Record<StreamKind, readonly (readonly [string, readonly string[]])[]>> = {
  reviews: [
    ['reviewId', ['review_id', 'id']],
    ['productId', ['product_id', 'asin']],
    ['productName', ['product_name']],
    ['text', ['reviewText', 'review_text', 'review']],
    ['rating', ['stars', 'overall']],
    ['reviewedAt', ['reviewed_at', 'timestamp', 'date']],
    ['appVersion', ['app_version']],
  ],
  quotes: [
    ['symbol', ['ticker']],
    ['at', ['timestamp', 'datetime', 'date', 'time']],
  ],
};
const NUMBERS: Readonly<Record<StreamKind, readonly string[]>> = {
  reviews: ['rating', 'revision'],
  quotes: ['close', 'price', 'open', 'high', 'low', 'bid', 'ask', 'volume'],
};
const NEEDED: Readonly<Record<StreamKind, readonly string[]>> = { reviews: ['reviewId', 'productId', 'text', 'reviewedAt'], quotes: ['symbol', 'at'] };
const PLAIN_NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** `productId=asin,text=reviewText`. SETTING_INVALID when it is not of that form. */
export function parseMap(text: string): FieldMap {
  const pairs = text.split(',').map((pair) => pair.split('=').map((side) => side.trim()));
  if (pairs.some((pair) => pair.length !== 2 || pair.includes(''))) {
    throw new TidewatchError('SETTING_INVALID', `--map ${JSON.stringify(text.slice(0, 60))} cannot be read: expected target=source pairs separated by commas, such as productId=asin,text=reviewText.`);
  }
  return new Map(pairs.map(([target, source]) => [target!, source!]));
}

/** INPUT_FILE_INVALID when a CSV header cannot give what every message needs: better one sentence than a million refusals. */
export function checkColumns(kind: StreamKind, path: string, columns: readonly string[], map: FieldMap): void {
  const mapped = mapFields(kind, Object.fromEntries(columns.map((column) => [column, column])), map);
  const missing = NEEDED[kind].filter((name) => !(name in mapped));
  if (kind === 'quotes' && !('close' in mapped || 'price' in mapped || ('bid' in mapped && 'ask' in mapped))) missing.push('close (or price, or bid and ask)');
  if (missing.length > 0) {
    throw new TidewatchError('INPUT_FILE_INVALID', `${path} has the columns ${columns.join(', ').slice(0, 300)}; expected ${missing.join(', ')} as well. Name the column that holds it, for example --map ${missing[0]!.split(' ')[0]!}=${columns[0]!}.`);
  }
}

/** The same object when nothing had to be renamed. */
export function mapFields(kind: StreamKind, fields: Readonly<Record<string, unknown>>, map: FieldMap): Readonly<Record<string, unknown>> {
  const renames: [string, string][] = [...map].filter(([, source]) => Object.hasOwn(fields, source));
  for (const [target, names] of USUAL[kind]) {
    if (Object.hasOwn(fields, target) || map.has(target)) continue;
    const source = names.find((name) => Object.hasOwn(fields, name) && ![...map.values()].includes(name));
    if (source !== undefined) renames.push([target, source]);
  }
  if (renames.length === 0) return fields;
  const mapped = { ...fields };
  for (const [, source] of renames) delete mapped[source];
  for (const [target, source] of renames) mapped[target] = fields[source];
  return mapped;
}

/** Whether fields beside those of the contract (JSON object text, or null) could hold one that stands for an absent field of it. */
export const mayStandFor = (kind: StreamKind, extra: string | null): boolean =>
  extra !== null && USUAL[kind].some(([, names]) => names.some((name) => extra.includes(`"${name}"`)));

/** The message's bytes. Lines that are no JSON object go as they are, so that the decoder names what is wrong with them. */
export function messageBytes(kind: StreamKind, row: FileRow, map: FieldMap): Uint8Array {
  if (row.fields === null) return row.raw ?? new Uint8Array(0);
  const mapped = mapFields(kind, row.fields, map);
  if (row.raw !== null) return mapped === row.fields ? row.raw : Buffer.from(JSON.stringify(mapped));
  return Buffer.from(JSON.stringify(typed(kind, mapped)));
}

/** Cells are text; what the contract knows as a number or a flag becomes one, and what does not spell one stays for the decoder to refuse. */
function typed(kind: StreamKind, fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const out: Record<string, unknown> = { ...fields };
  for (const name of NUMBERS[kind]) {
    const cell = out[name];
    if (typeof cell === 'string' && PLAIN_NUMBER.test(cell.trim())) out[name] = Number(cell);
  }
  const verified = out['verified'];
  if (kind === 'reviews' && typeof verified === 'string' && /^(true|false)$/i.test(verified)) out['verified'] = verified.toLowerCase() === 'true';
  return out;
}
