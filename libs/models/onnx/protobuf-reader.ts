/** Reads the protobuf wire format field by field, as far as ONNX files need it; the counterpart of protobuf.ts. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

export interface ProtobufField {
  readonly number: number;
  /** The value of a varint as a signed integer; beyond 2^53 the nearest double. */
  readonly integer: number;
  /** The content of a string, message, packed list or fixed number: a view. Empty for a varint. */
  readonly bytes: Uint8Array;
}

const EMPTY = new Uint8Array(0);

/** @throws RangeError where the bytes end within a field or are no protobuf */
export function* readFields(bytes: Uint8Array): Generator<ProtobufField> {
  const cursor = { at: 0 };
  while (cursor.at < bytes.length) {
    const tag = Number(readVarint(bytes, cursor));
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === VARINT) yield { number, integer: Number(readVarint(bytes, cursor)), bytes: EMPTY };
    else yield { number, integer: 0, bytes: take(bytes, cursor, lengthOf(wireType, bytes, cursor)) };
  }
}

/** A list of varints, packed into one field. */
export function readIntegers(bytes: Uint8Array): number[] {
  const cursor = { at: 0 };
  const integers: number[] = [];
  while (cursor.at < bytes.length) integers.push(Number(readVarint(bytes, cursor)));
  return integers;
}

interface Cursor { at: number }

function lengthOf(wireType: number, bytes: Uint8Array, cursor: Cursor): number {
  if (wireType === LENGTH_DELIMITED) return Number(readVarint(bytes, cursor));
  if (wireType === FIXED32) return 4;
  if (wireType === FIXED64) return 8;
  throw new RangeError(`byte ${cursor.at} begins no field: wire type ${wireType} is not known`);
}

function take(bytes: Uint8Array, cursor: Cursor, length: number): Uint8Array {
  const end = cursor.at + length;
  if (length < 0 || end > bytes.length) throw new RangeError(`a field of ${length} bytes begins at byte ${cursor.at}, the file has ${bytes.length}: it was cut short or is of another kind`);
  const content = bytes.subarray(cursor.at, end);
  cursor.at = end;
  return content;
}

function readVarint(bytes: Uint8Array, cursor: Cursor): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = bytes[cursor.at];
    if (byte === undefined) break;
    cursor.at += 1;
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return BigInt.asIntN(64, value);
  }
  throw new RangeError(`the integer before byte ${cursor.at} does not end: the file was cut short or is of another kind`);
}
