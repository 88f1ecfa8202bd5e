/**
 * A request for rows of a view as one statement. Names come from the catalog only, values are parameters, cast to the column's type by
 * Postgres, which thereby also says what is wrong with them.
 */
import { BadQuery, clausesOf, digestOf, type PageRequest } from '../paging.js';
import type { View } from './catalog.js';
import { VIEW_KEYS } from './view-keys.js';

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
  return { text: conditions.join(' and '), values, digest: digestOf(view.name, entries) };
}

/** One page and one row more: columns `row` (JSON text) and `page_key`. */
export function pageStatement(view: View, filters: Filters, asked: PageRequest): Statement {
  const { columns, ...direction } = VIEW_KEYS[view.name]!;
  const clauses = clausesOf(asked, filters.digest, { columns: columns.map((column) => (column.includes('(') ? column : `v.${column}`)), ...direction }, filters.values.length);
  return {
    text: `select row_to_json(v)::text as row, ${clauses.key} from tidewatch.${quoted(view.name)} v where ${filters.text === '' ? 'true' : filters.text} and ${clauses.after} ${clauses.tail}`,
    values: [...filters.values, ...clauses.values],
  };
}

/** All rows: JSON text each, or an array of texts each for CSV. No order, so that the first row leaves before the last is found. */
export function exportStatement(view: View, filters: Filters, format: 'jsonl' | 'csv'): Statement {
  const iso = (type: string, column: string) => (type.startsWith('timestamp') ? `to_json(${column}) #>> '{}'` : `${column}::text`);
  const row = format === 'jsonl' ? 'row_to_json(v)::text' : `array[${view.columns.map(({ name, type }) => iso(type, `v.${quoted(name)}`)).join(', ')}]`;
  return { text: `select ${row} as row from tidewatch.${quoted(view.name)} v ${filters.text === '' ? '' : `where ${filters.text}`}`, values: filters.values };
}
