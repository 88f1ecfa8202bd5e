/**
 * The shapes of statement that a commit is made of: SQL with typed parameters, SQL over rows that arrive as one array
 * per column, and COPY. The SQL is encoded once, when the module loads.
 */
import { createHash } from 'node:crypto';
import { ByteWriter } from './byte-writer.js';
import type { CellType, Column } from './cells.js';

export interface Statement {
  /** Names the statement in messages. */
  readonly label: string;
  /** A digest of the SQL: the same name is the same statement, whoever prepared it on a connection. */
  readonly name: string;
  /** The Parse message, ready to send. */
  readonly parse: Uint8Array;
  /** The Bind message's beginning: unnamed portal, this statement. */
  readonly bind: Uint8Array;
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
  const name = `tw_${createHash('sha1').update(sql).digest('hex').slice(0, 20)}`;
  const to = new ByteWriter(sql.length * 3 + oids.length * 4 + 48);
  to.uint8(0x50); // P
  const mark = to.openLength();
  to.zeroEnded(name);
  to.zeroEnded(sql);
  to.int16(oids.length);
  for (const oid of oids) to.int32(oid);
  to.closeLength(mark, true);
  const bind = Buffer.from(`\0${name}\0`, 'latin1');
  return { label, name, parse: to.buffer.subarray(0, to.at), bind };
}
