/** Writes rows of made-up data by column, so that a fixture states values and not SQL. */
import type pg from 'pg';

export type Row = Readonly<Record<string, unknown>>;

const CHUNK = 500;

/** All rows must have the same columns. A plain object or an array of objects is stored as JSON. */
export async function insert(client: pg.Client, table: string, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  for (let from = 0; from < rows.length; from += CHUNK) {
    const chunk = rows.slice(from, from + CHUNK);
    const values = chunk.flatMap((row) => columns.map((column) => stored(row[column])));
    const tuples = chunk.map((_, n) => `(${columns.map((_, c) => `$${n * columns.length + c + 1}`).join(', ')})`);
    await client.query(`INSERT INTO internal.${table} (${columns.map((column) => `"${column}"`).join(', ')}) VALUES ${tuples.join(', ')}`, values);
  }
}

function stored(value: unknown): unknown {
  if (value instanceof Date || Buffer.isBuffer(value) || value === null || typeof value !== 'object') return value;
  return Array.isArray(value) && typeof value[0] === 'number' ? value : JSON.stringify(value);
}

/** Words of a text with the offsets they have in it, weights falling. */
export function wordsOf(text: string, words: readonly string[]): Row[] {
  return words.flatMap((word, n) => {
    const start = text.indexOf(word);
    return start < 0 ? [] : [{ word, start, end: start + word.length, weight: 0.34 / (n + 1) }];
  });
}
