/**
 * The shapes of statement that a commit is made of: SQL with typed parameters, SQL over rows that arrive as one array
 * per column, and COPY. The SQL is encoded once, when the module loads.
 */
import { ByteWriter } from './byte-writer.js';
import type { CellType, Column } from './cells.js';

export interface Statement {
  /** Names the statement in messages. */
  readonly label: string;
  /** The Parse message, ready to send. Unnamed: planning costs 1-2 % of a commit, and it works behind a pooler. */
  readonly parse: Uint8Array;
}

/** `types` of $1, $2, ... */
export function statement(label: string, sql: string, types: readonly CellType<never>[] = []): Statement {
  return parsed(label, sql, types.map((type) => type.oid));
}

/** `sql` gets the rows as `given`: unnest of $1.., one array per column, with the columns' names. */
export function statementOverRows<Row>(label: string, columns: readonly Column<Row>[], sql: (given: string) => string): Statement {
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const arrays = columns.map((_, i) => `$${i + 1}`).join(', ');
  return parsed(label, sql(`unnest(${arrays}) AS given (${names})`), columns.map(({ arrayOid }) => arrayOid));
}

export interface CopyStatement<Row> extends Statement {
  readonly columns: readonly Column<Row>[];
}

/** Columns that are not named take their defaults. */
export function copyInto<Row>(table: string, columns: readonly Column<Row>[]): CopyStatement<Row> {
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  return { ...parsed(`copy into ${table}`, `COPY ${table} (${names}) FROM STDIN (FORMAT binary)`, []), columns };
}

function parsed(label: string, sql: string, oids: readonly number[]): Statement {
  const to = new ByteWriter(sql.length * 3 + oids.length * 4 + 16);
  to.uint8(0x50); // P
  const mark = to.openLength();
  to.zeroEnded('');
  to.zeroEnded(sql);
  to.int16(oids.length);
  for (const oid of oids) to.int32(oid);
  to.closeLength(mark, true);
  return { label, parse: to.buffer.subarray(0, to.at) };
}
