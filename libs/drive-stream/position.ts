/**
 * Where a fetched batch stands against the position that the lease holds (design section 5, step 2). The broker's idea
 * of the position is a hint; the lease decides. Pure.
 */
import type { MessageBatch, StreamMessage } from '#contracts';

export type BatchPosition =
  /** Messages from the expected offset on, possibly none; those before it were committed already and are cut off. */
  | { readonly kind: 'take'; readonly messages: readonly StreamMessage[] }
  /** The batch lies elsewhere: fetch again from `to`. */
  | { readonly kind: 'seek'; readonly to: bigint }
  /** Retention removed the offsets from `from` to before `to`. */
  | { readonly kind: 'gap'; readonly from: bigint; readonly to: bigint }
  /** The partition ends before the expected offset: it was deleted and made again. */
  | { readonly kind: 'recreated'; readonly end: bigint };

/**
 * @param expected the lease's next offset
 * @param soughtBefore true when the consumer was already asked for `expected` and this batch is its answer
 */
export function placeBatch(batch: MessageBatch, expected: bigint, soughtBefore: boolean): BatchPosition {
  if (batch.highWatermark < expected) return { kind: 'recreated', end: batch.highWatermark };
  if (batch.end <= expected) return { kind: 'seek', to: expected };
  if (batch.begin <= expected) return { kind: 'take', messages: batch.messages.filter((message) => message.offset >= expected) };
  if (batch.lowWatermark !== null && batch.lowWatermark > expected) return { kind: 'gap', from: expected, to: batch.lowWatermark };
  // Ahead of us although the broker still holds the expected offset: fetched before the lease was read. Asked again and
  // still ahead, the offsets between no longer hold a record (compaction).
  // One without a message is not believed, as it may be from before that.
  return soughtBefore && batch.messages.length > 0 ? { kind: 'take', messages: batch.messages } : { kind: 'seek', to: expected };
}
