/**
 * A dead letter as it goes to `<topic>.dead-letter`: under the original key, so that one entity's letters stay together,
 * with the original bytes as text where they are UTF-8 and as base64 where not. A payload that would not fit into a broker's
 * message of 1 MB is left out and said to be, and so is a key beyond 64 KB; the table keeps them.
 */
import { isUtf8 } from 'node:buffer';
import type { OutgoingMessage } from '#contracts';

export const deadLetterTopic = (topic: string): string => `${topic}.dead-letter`;

/** Bytes of a payload, and of the whole JSON value, that are published. */
export const PUBLISHED_BYTES = 700_000;
/** A key beyond this is no entity's name; even fully escaped it fits beside the rest. */
const KEY_BYTES = 64_000;

export interface DeadLetterRow {
  readonly topic: string;
  readonly partition: number;
  /** Decimal. */
  readonly offset: string;
  readonly key: Buffer | null;
  /** Null also when it is longer than PUBLISHED_BYTES. */
  readonly payload: Buffer | null;
  /** Null for a tombstone. */
  readonly payload_bytes: number | null;
  readonly code: string;
  readonly reason: string;
  readonly message_at: Date;
}

export function deadLetterMessage(given: DeadLetterRow): OutgoingMessage {
  const row = (given.key?.length ?? 0) > KEY_BYTES ? { ...given, key: null } : given;
  const whole = valueOf(row, row.payload, row !== given);
  const value = Buffer.byteLength(whole) <= PUBLISHED_BYTES ? whole : valueOf(row, null, row !== given);
  return { key: row.key, value };
}

function valueOf({ topic, partition, offset, key, payload_bytes, code, reason, message_at }: DeadLetterRow, payload: Buffer | null, keyLeftOut: boolean): string {
  const [keyText, payloadText] = [textOf(key), textOf(payload)];
  return JSON.stringify({
    topic, partition, offset, code, reason, messageAt: message_at.toISOString(),
    key: keyText.text, keyEncoding: keyText.encoding, payload: payloadText.text, encoding: payloadText.encoding,
    ...(payload === null && payload_bytes !== null ? { truncated: true, payloadBytes: payload_bytes } : {}),
    ...(keyLeftOut ? { keyTruncated: true } : {}),
  });
}

function textOf(bytes: Buffer | null): { text: string | null; encoding: 'utf8' | 'base64' } {
  if (bytes === null) return { text: null, encoding: 'utf8' };
  return isUtf8(bytes) ? { text: bytes.toString('utf8'), encoding: 'utf8' } : { text: bytes.toString('base64'), encoding: 'base64' };
}
