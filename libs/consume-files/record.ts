/**
 * How one message lies in a segment file. All numbers big-endian:
 *
 *   length u32 | crc32 u32 | timestamp f64 | key length i32 | key | value length i32 | value
 *
 * `length` counts what follows the checksum, the checksum covers it; a length of -1 stands for an absent key or value.
 * A write that a kill cut short leaves a record that is incomplete or fails its checksum at the very end of the file:
 * readers wait before it, the next writer cuts it off. Anything invalid further inside is damage, and is told apart.
 */
import { crc32 } from 'node:zlib';
import type { OutgoingMessage } from '#contracts';

export const HEADER_BYTES = 8;
/** No length beyond this was ever written: one that is read is damage. */
export const MAX_RECORD_BYTES = 64 * 1024 * 1024;
const FIXED_BODY_BYTES = 8 + 4 + 4;

export interface StoredRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp: number;
  /** Byte behind the record. */
  readonly end: number;
}

export type ReadRecord = { readonly kind: 'record'; readonly record: StoredRecord } | { readonly kind: 'incomplete' } | { readonly kind: 'invalid'; readonly end: number };

const bytesOf = (content: Uint8Array | string | null): Uint8Array | null => (typeof content === 'string' ? Buffer.from(content, 'utf8') : content);

export function encodeRecord(message: OutgoingMessage, now: number): Buffer {
  const key = bytesOf(message.key);
  const value = bytesOf(message.value);
  const record = Buffer.allocUnsafe(HEADER_BYTES + FIXED_BODY_BYTES + (key?.length ?? 0) + (value?.length ?? 0));
  let at = record.writeDoubleBE(message.timestamp ?? now, HEADER_BYTES);
  for (const part of [key, value]) {
    at = record.writeInt32BE(part?.length ?? -1, at);
    if (part !== null) record.set(part, at);
    at += part?.length ?? 0;
  }
  record.writeUInt32BE(record.length - HEADER_BYTES, 0);
  record.writeUInt32BE(crc32(record.subarray(HEADER_BYTES)), 4);
  return record;
}

/** Byte behind the record that begins at `at`, by its header alone; null when the header is not complete. */
export function recordEnd(bytes: Buffer, at: number): number | null {
  return at + HEADER_BYTES > bytes.length ? null : at + HEADER_BYTES + bytes.readUInt32BE(at);
}

/**
 * Key and value are views into `bytes`: the buffer must not be used again.
 * @param verify false where only the length matters, as for counting records that were verified when written or read
 */
export function readRecord(bytes: Buffer, at: number, verify = true): ReadRecord {
  const end = recordEnd(bytes, at);
  if (end === null || end > bytes.length) return { kind: 'incomplete' };
  const body = bytes.subarray(at + HEADER_BYTES, end);
  if (body.length < FIXED_BODY_BYTES || (verify && crc32(body) !== bytes.readUInt32BE(at + 4))) return { kind: 'invalid', end };
  const keyLength = body.readInt32BE(8);
  const valueAt = 12 + Math.max(0, keyLength) + 4;
  const valueLength = body.readInt32BE(valueAt - 4);
  return {
    kind: 'record',
    record: {
      timestamp: body.readDoubleBE(0),
      key: keyLength < 0 ? null : body.subarray(12, 12 + keyLength),
      value: valueLength < 0 ? null : body.subarray(valueAt, valueAt + valueLength),
      end,
    },
  };
}
