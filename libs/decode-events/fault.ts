/** What is wrong with a message, before it is tied to its position: a code of the closed list and one sentence. */
import type { Rejection, RejectionCode, StreamMessage } from '#contracts';

export interface Fault {
  readonly code: RejectionCode;
  readonly reason: string;
}

const MAX_REASON = 500;
const MAX_SHOWN = 60;

export const fault = (code: RejectionCode, reason: string): Fault => ({ code, reason });

/** The offending value for a sentence: at most 60 characters of it, everything invisible or misleading on a terminal escaped. */
export function show(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === 'object' ? 'an object' : typeof value;
}

function quote(text: string): string {
  const cut = text.length > MAX_SHOWN;
  const escaped = JSON.stringify(cut ? text.slice(0, MAX_SHOWN) : text).replace(/[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return cut ? `${escaped} (cut, ${text.length} characters)` : escaped;
}

export function rejection(message: StreamMessage, { code, reason }: Fault): Rejection {
  return {
    position: { topic: message.topic, partition: message.partition, offset: message.offset },
    timestamp: message.timestamp,
    key: message.key,
    payload: message.value,
    code,
    reason: reason.length <= MAX_REASON ? reason : `${reason.slice(0, MAX_REASON - 1)}…`,
  };
}
