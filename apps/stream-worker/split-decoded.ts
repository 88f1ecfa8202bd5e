/** Decoded messages apart: events to go on with, rejections for the dead letters. */
import type { Decoded, Rejection, RejectionCode, StreamMessage } from '#contracts';

const MAX_REASON = 500;

export function splitDecoded<E>(decoded: readonly Decoded<E>[]): { events: E[]; rejections: Rejection[] } {
  const events: E[] = [];
  const rejections: Rejection[] = [];
  for (const one of decoded) {
    if (one.ok) events.push(one.event);
    else rejections.push(one.rejection);
  }
  return { events, rejections };
}

/** The dead letter of a message that decoded well but cannot be used. */
export function rejectAt({ topic, partition, offset, timestamp, key, value }: StreamMessage, code: RejectionCode, reason: string): Rejection {
  return { position: { topic, partition, offset }, timestamp, key, payload: value, code, reason: reason.slice(0, MAX_REASON) };
}
