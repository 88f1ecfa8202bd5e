/**
 * Postgres types in binary form, the same bytes in a COPY row, in a parameter and in an array
 * (send/receive functions of src/backend/utils/adt; oids of pg_type.dat). A value is written behind its length; null is
 * length -1.
 */
import type { ByteWriter } from './byte-writer.js';
import { storableJson } from './storable-text.js';

export interface CellType<V> {
  readonly oid: number;
  readonly arrayOid: number;
  /** Length, then bytes. Null is the caller's business. */
  write(to: ByteWriter, value: V): void;
}

/** 2000-01-01, where Postgres counts from, in epoch milliseconds. */
const POSTGRES_EPOCH_MS = 946_684_800_000;

export const text: CellType<string> = { oid: 25, arrayOid: 1009, write: (to, value) => to.sizedText(value) };

export const int4: CellType<number> = {
  oid: 23, arrayOid: 1007,
  write(to, value) {
    to.int32(4);
    to.int32(value);
  },
};

export const int8: CellType<bigint | number> = {
  oid: 20, arrayOid: 1016,
  write(to, value) {
    to.int32(8);
    if (typeof value === 'bigint') to.int64(value);
    else to.int64FromNumber(value);
  },
};

export const float8: CellType<number> = {
  oid: 701, arrayOid: 1022,
  write(to, value) {
    to.int32(8);
    to.float64(value);
  },
};

export const bool: CellType<boolean> = {
  oid: 16, arrayOid: 1000,
  write(to, value) {
    to.int32(1);
    to.uint8(value ? 1 : 0);
  },
};

/** Epoch milliseconds; fractions are kept to the microsecond. */
export const timestamptz: CellType<number> = {
  oid: 1184, arrayOid: 1185,
  write(to, value) {
    to.int32(8);
    to.int64FromNumber(Math.round((value - POSTGRES_EPOCH_MS) * 1000));
  },
};

export const bytea: CellType<Uint8Array> = {
  oid: 17, arrayOid: 1001,
  write(to, value) {
    to.int32(value.length);
    to.bytes(value);
  },
};

/** JSON text. The leading 1 is the version of the jsonb wire format. */
export const jsonb: CellType<string> = {
  oid: 3802, arrayOid: 3807,
  write(to, value) {
    const mark = to.openLength();
    to.uint8(1);
    const json = storableJson(value);
    to.ensure(json.length * 3);
    to.at += to.buffer.write(json, to.at, 'utf8');
    to.closeLength(mark, false);
  },
};

/** real[], one dimension. */
export const float4Array: CellType<ArrayLike<number>> = {
  oid: 1021, arrayOid: 0,
  write(to, values) {
    const mark = to.openLength();
    writeArrayHead(to, 700, values.length);
    to.sizedFloat32s(values);
    to.closeLength(mark, false);
  },
};

export function writeArrayHead(to: ByteWriter, elementOid: number, length: number): void {
  to.int32(length === 0 ? 0 : 1);
  to.int32(1);
  to.int32(elementOid);
  if (length === 0) return;
  to.int32(length);
  to.int32(1);
}

/** A column of rows: its name and type, and how a row gives its value. */
export interface Column<Row> {
  readonly name: string;
  readonly oid: number;
  readonly arrayOid: number;
  write(to: ByteWriter, row: Row): void;
}

export function column<Row, V>(name: string, type: CellType<V>, of: (row: Row) => V | null): Column<Row> {
  return {
    name, oid: type.oid, arrayOid: type.arrayOid,
    write(to, row) {
      const value = of(row);
      if (value === null) to.int32(-1);
      else type.write(to, value);
    },
  };
}

/** A parameter of a statement, written behind its length. */
export type Parameter = (to: ByteWriter) => void;

export function scalar<V>(type: CellType<V>, value: V | null): Parameter {
  return (to) => {
    if (value === null) to.int32(-1);
    else type.write(to, value);
  };
}

/** One column of many rows as an array, for unnest. */
export function arrayOf<Row>(of: Column<Row>, rows: readonly Row[]): Parameter {
  return (to) => {
    const mark = to.openLength();
    writeArrayHead(to, of.oid, rows.length);
    for (const row of rows) of.write(to, row);
    to.closeLength(mark, false);
  };
}
