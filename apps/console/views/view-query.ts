/**
 * A request for rows of a view as one statement. Names come from the catalog only, values are parameters, cast to the column's type by
 * Postgres, which thereby also says what is wrong with them. Pages follow each other by key, so a page costs the same wherever it lies
 * and rows that arrive meanwhile shift nothing.
 */
import { createHash } from 'node:crypto';
import type { View } from './catalog.js';
import { VIEW_KEYS } from './view-keys.js';

/** A request that cannot be meant; the message says what was found and expected. */
export class BadQuery extends Error {}

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

interface Filters extends Statement {
  /** Of the view and its filters: a cursor is good for these alone. */
  readonly digest: string;
}

const OPERATORS: Readonly<Record<string, string>> = { eq: '=', ne: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' };
const FORMS = 'column=value, or column with .eq, .ne, .gt, .gte, .lt, .lte, .null (true or false)';
const MAX_FILTERS = 20;
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** `given`: query parameters other than those of paging. */
export function filtersOf(view: View, given: Readonly<Record<string, unknown>>): Filters {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const entries = Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length > MAX_FILTERS) throw new BadQuery(`found ${entries.length} filters, expected at most ${MAX_FILTERS}`);
  for (const [parameter, value] of entries) {
    const [name = '', operator = 'eq', ...rest] = parameter.split('.');
    const column = view.columns.find((candidate) => candidate.name === name);
    if (column === undefined) throw new BadQuery(`found a filter on ${JSON.stringify(name.slice(0, 60))}, expected one of ${view.columns.map((each) => each.name).join(', ')}`);
    if (typeof value !== 'string' || value.length > 1_000 || value.includes('\0')) throw new BadQuery(`${name}: expected one text of at most 1000 characters`);
    if (operator === 'null' && rest.length === 0 && (value === 'true' || value === 'false')) {
      conditions.push(`v.${quoted(name)} is ${value === 'true' ? '' : 'not '}null`);
      continue;
    }
    const sign = rest.length === 0 ? OPERATORS[operator] : undefined;
    if (sign === undefined || column.type === 'jsonb') throw new BadQuery(`found the filter ${JSON.stringify(parameter.slice(0, 60))}, expected ${FORMS}${column.type === 'jsonb' ? '; of a JSON column .null only' : ''}`);
    values.push(value);
    conditions.push(`v.${quoted(name)} ${sign} $${values.length}::${column.type}`);
  }
  const digest = createHash('sha256').update(JSON.stringify([view.name, entries])).digest('base64url').slice(0, 10);
  return { text: conditions.join(' and '), values, digest };
}

/** One page and one row more, which says whether there is another: columns `row` (JSON text) and `key` (text array). */
export function pageStatement(view: View, filters: Filters, limit: number, cursor: string | null): Statement {
  const { columns, newestFirst } = VIEW_KEYS[view.name]!;
  const conditions = filters.text === '' ? [] : [filters.text];
  const values = [...filters.values];
  const keys = columns.map((column) => (column.includes('(') ? column : `v.${column}`));
  if (cursor !== null) {
    const after = readCursor(cursor, filters.digest, columns.length);
    // cast by comparison: each text takes the type of the key it stands against
    const types = columns.map((column) => view.columns.find(({ name }) => name === column.replaceAll('"', ''))?.type ?? 'text');
    conditions.push(`(${keys.join(', ')}) ${newestFirst === true ? '<' : '>'} (${types.map((type, n) => `$${values.length + n + 1}::${type}`).join(', ')})`);
    values.push(...after);
  }
  values.push(limit + 1);
  return {
    text: `select row_to_json(v)::text as row, array[${keys.map((key) => `${key}::text`).join(', ')}] as key from tidewatch.${quoted(view.name)} v
${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`} order by ${keys.map((key) => `${key}${newestFirst === true ? ' desc' : ''}`).join(', ')} limit $${values.length}`,
    values,
  };
}

/** All rows: JSON text each, or an array of texts each for CSV. No order, so that the first row leaves before the last is found. */
export function exportStatement(view: View, filters: Filters, format: 'jsonl' | 'csv'): Statement {
  const iso = (type: string, column: string) => (type.startsWith('timestamp') ? `to_json(${column}) #>> '{}'` : `${column}::text`);
  const row = format === 'jsonl' ? 'row_to_json(v)::text' : `array[${view.columns.map(({ name, type }) => iso(type, `v.${quoted(name)}`)).join(', ')}]`;
  return { text: `select ${row} as row from tidewatch.${quoted(view.name)} v ${filters.text === '' ? '' : `where ${filters.text}`}`, values: filters.values };
}

export function writeCursor(digest: string, key: readonly string[]): string {
  return Buffer.from(JSON.stringify([digest, ...key])).toString('base64url');
}

function readCursor(cursor: string, digest: string, columns: number): readonly string[] {
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    read = null;
  }
  const parts = Array.isArray(read) ? (read as unknown[]) : [];
  if (parts.length !== columns + 1 || !parts.every((part) => typeof part === 'string' && part.length <= 1_000 && !part.includes('\0'))) throw new BadQuery('cursor: expected the "next" of an earlier page, unchanged');
  if (parts[0] !== digest) throw new BadQuery('cursor: found one of another view or of other filters, expected the "next" of an earlier page of the same');
  return parts.slice(1) as string[];
}
