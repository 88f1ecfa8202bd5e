/**
 * Two databases byte for byte: one hash per table over all rows in key order and all columns, except what the clock or the
 * history of ownership decides. Partitions count as their parent, so that it does not matter when a month was made.
 */
import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';

/** Not a function of the messages: times of writing (found by their clock default, the nullable ones listed here), owners, what the broker said. */
const CLOCK_COLUMNS = ['committed_at', 'delivered_at', 'planned_at', 'published_at', 'replayed_at'];
const BOOKKEEPING: Readonly<Record<string, readonly string[]>> = {
  stream_lease: ['epoch', 'owner', 'high_watermark'],
  outbox: ['attempts'],
};
/** Written by the scheduler on its own time. */
const SKIPPED_TABLES = ['schema_migration', 'feed_silence', 'product_silence', 'notification', 'notification_channel', 'notification_delivery', 'surge_explanation', 'stream_sample', 'product_standing'];

export interface TableFingerprint {
  readonly rows: number;
  readonly hash: string;
}

interface Shape {
  readonly table: string;
  readonly key: readonly string[];
  readonly columns: readonly string[];
}

const quoted = (name: string): string => `"${name}"`;
const rowText = (columns: readonly string[]): string => `ROW(${columns.map(quoted).join(', ')})::text`;

async function shapes(client: ClientBase, skip: readonly string[]): Promise<Shape[]> {
  const { rows } = await client.query<{ table: string; key: string[]; columns: string[]; clocked: string[] }>(`
SELECT c.relname AS table,
  coalesce((SELECT array_agg(a.attname::text ORDER BY array_position(i.indkey::int2[], a.attnum)) FROM pg_index i
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) WHERE i.indrelid = c.oid AND i.indisprimary), '{}') AS key,
  (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
  coalesce((SELECT array_agg(a.attname::text) FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    WHERE d.adrelid = c.oid AND pg_get_expr(d.adbin, d.adrelid) = 'clock_timestamp()'), '{}') AS clocked
FROM pg_class c
WHERE c.relnamespace = 'internal'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY c.relname`);
  return rows
    .filter(({ table }) => !SKIPPED_TABLES.includes(table) && !skip.includes(table))
    .map(({ table, key, columns, clocked }) => {
      const left = new Set([...clocked, ...CLOCK_COLUMNS, ...(BOOKKEEPING[table] ?? [])]);
      const kept = columns.filter((column) => !left.has(column));
      const usableKey = key.filter((column) => !left.has(column));
      return { table, key: usableKey.length > 0 ? usableKey : kept, columns: kept };
    });
}

/** Hash of every table of schema internal, by name. `skip` names tables to leave out. */
export async function tableFingerprint(client: ClientBase, skip: readonly string[] = []): Promise<ReadonlyMap<string, TableFingerprint>> {
  const result = new Map<string, TableFingerprint>();
  for (const { table, key, columns } of await shapes(client, skip)) {
    const { rows } = await client.query<{ rows: string; digest: string | null }>(
      `SELECT count(*) AS rows, string_agg(md5(${rowText(columns)}), '' ORDER BY ${rowText(key)} COLLATE "C", md5(${rowText(columns)}) COLLATE "C") AS digest FROM internal.${quoted(table)}`);
    const { rows: count, digest } = rows[0]!;
    result.set(table, { rows: Number(count), hash: createHash('sha256').update(digest ?? '').digest('hex') });
  }
  return result;
}

type Keyed = Map<string, string>;

async function hashByKey(client: ClientBase, { table, key, columns }: Shape): Promise<Keyed> {
  const { rows } = await client.query<{ key: string; hash: string }>(
    `SELECT ${rowText(key)} AS key, md5(${rowText(columns)}) AS hash FROM internal.${quoted(table)} ORDER BY ${rowText(key)} COLLATE "C"`);
  return new Map(rows.map(({ key: at, hash }) => [at, hash]));
}

async function readRow(client: ClientBase, { table, key, columns }: Shape, at: string): Promise<Record<string, string | null>> {
  const list = columns.map((column) => `${quoted(column)}::text`).join(', ');
  const { rows } = await client.query<Record<string, string | null>>(`SELECT ${list} FROM internal.${quoted(table)} WHERE ${rowText(key)} = $1 LIMIT 1`, [at]);
  return rows[0] ?? {};
}

const shown = (value: string | null | undefined): string => (value === null || value === undefined ? 'null' : value.length > 160 ? `${value.slice(0, 160)}... (${value.length} characters)` : value);

/** For each table that differs: how many rows, and the first differing row column by column. Empty when all are equal. */
export async function describeDifference(left: ClientBase, right: ClientBase, skip: readonly string[] = []): Promise<string> {
  const [a, b] = [await tableFingerprint(left, skip), await tableFingerprint(right, skip)];
  const lines: string[] = [];
  for (const shape of await shapes(left, skip)) {
    const [one, other] = [a.get(shape.table), b.get(shape.table)];
    if (one?.hash === other?.hash) continue;
    lines.push(`internal.${shape.table}: ${one?.rows ?? 0} rows on the left, ${other?.rows ?? 0} on the right`);
    const [rowsLeft, rowsRight] = [await hashByKey(left, shape), await hashByKey(right, shape)];
    const keys = [...new Set([...rowsLeft.keys(), ...rowsRight.keys()])].sort().filter((key) => rowsLeft.get(key) !== rowsRight.get(key));
    const first = keys[0];
    if (first === undefined) continue;
    lines.push(`  ${keys.length} rows differ; the first by key (${shape.key.join(', ')}) is ${first}`);
    if (!rowsLeft.has(first) || !rowsRight.has(first)) {
      lines.push(`  it exists only on the ${rowsLeft.has(first) ? 'left' : 'right'}`);
      continue;
    }
    const [rowLeft, rowRight] = [await readRow(left, shape, first), await readRow(right, shape, first)];
    for (const column of shape.columns) {
      if (rowLeft[column] === rowRight[column]) continue;
      lines.push(`  ${column}: ${shown(rowLeft[column])} on the left, ${shown(rowRight[column])} on the right`);
    }
  }
  return lines.join('\n');
}
