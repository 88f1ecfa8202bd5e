/** Items to messages, by the very decoder of the stream: what is accepted here is accepted there, what is refused never gets there. */
import type { Decoded, OutgoingMessage, QuoteEvent, ReviewEvent, StreamMessage } from '#contracts';
import { decodeQuotes, decodeReviews, defaultDecodeSettings } from '#decode-events';

export type Stream = 'reviews' | 'quotes';

export interface RefusedItem {
  /** Its place among the items, from 0. */
  readonly index: number;
  readonly code: string;
  readonly reason: string;
}

export interface CheckedItems {
  readonly messages: readonly OutgoingMessage[];
  readonly refused: readonly RefusedItem[];
}

/** @param now epoch ms: the messages' timestamp, which the decoder holds event times against */
export function checkItems(stream: Stream, topic: string, items: readonly Uint8Array[], now: number): CheckedItems {
  const sent: StreamMessage[] = items.map((value, index) => ({ topic, partition: 0, offset: BigInt(index), key: null, value, timestamp: now }));
  const decoded: readonly Decoded<ReviewEvent | QuoteEvent>[] = stream === 'reviews' ? decodeReviews(defaultDecodeSettings, sent) : decodeQuotes(defaultDecodeSettings, sent);
  const messages: OutgoingMessage[] = [];
  const refused: RefusedItem[] = [];
  for (const [index, result] of decoded.entries()) {
    if (result.ok) messages.push({ key: result.event.kind === 'review' ? result.event.productId : result.event.symbol, value: items[index]!, timestamp: now });
    else refused.push({ index, code: result.rejection.code, reason: result.rejection.reason });
  }
  return { messages, refused };
}
