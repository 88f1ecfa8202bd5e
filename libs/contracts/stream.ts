/**
 * The stream as the flow sees it: messages with positions, a consumer and a producer. Implemented by
 * consume-kafka over a broker and by consume-files over local append-only files; nothing outside those
 * two folders knows which one runs. Offsets are bigint all the way.
 */
export interface StreamPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** One message as it was stored: key and value are raw bytes, `timestamp` is epoch milliseconds set by the producer or broker. */
export interface StreamMessage extends StreamPosition {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp: number;
}

/**
 * Consecutive records of one partition, from `begin` to before `end`, and the messages among them: ascending, fewer than there are
 * offsets where the log holds transaction markers, messages of aborted transactions or compacted ones, and possibly none.
 */
export interface MessageBatch {
  readonly topic: string;
  readonly partition: number;
  readonly begin: bigint;
  readonly end: bigint;
  readonly messages: readonly StreamMessage[];
  /** Offset one past the newest message in the partition when this batch was fetched. */
  readonly highWatermark: bigint;
  /** Oldest offset the broker still holds, when it said so. */
  readonly lowWatermark: bigint | null;
}

/** What the worker tells the consumer after it was given a batch. */
export type BatchVerdict =
  /** Committed: go on behind the batch; `next` is reported to the broker for lag tools. */
  | { readonly kind: 'advance'; readonly next: bigint }
  /** The worker's position differs from the batch: fetch again from `to`. */
  | { readonly kind: 'seek'; readonly to: bigint }
  /** Nothing was taken (revoked, shutting down): leave position alone, fetch nothing more of this partition until assigned again. */
  | { readonly kind: 'leave' }
  /**
   * Nothing was taken, because another owner has the lease. That owner may be gone already, or may have taken it late, out of an
   * earlier assignment: once the group has confirmed that this member holds the partition still, it is assigned again.
   */
  | { readonly kind: 'fenced' };

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface ConsumerHandlers {
  /** Partitions this member now owns. The consumer does not wait for the promise; the first batch of a partition does (in the handler). */
  assigned(partitions: readonly TopicPartition[]): void;
  /** Called for one batch at a time per partition, for different partitions side by side. Must not throw for bad data. `signal` aborts when the partition is revoked or the consumer stops. */
  batch(batch: MessageBatch, signal: AbortSignal): Promise<BatchVerdict>;
  /** Partitions this member lost. */
  revoked(partitions: readonly TopicPartition[]): void;
}

/** What is known of a topic's partition at the broker. */
export interface PartitionRange extends TopicPartition {
  /** Oldest offset still held. */
  readonly low: bigint;
  /** One past the newest offset. */
  readonly high: bigint;
}

export interface StreamConsumer {
  start(handlers: ConsumerHandlers): Promise<void>;
  /** Offsets held by the broker for each partition of the topic; TOPIC_MISSING if there is none. */
  ranges(topic: string): Promise<readonly PartitionRange[]>;
  /** Stop fetching, let batches in flight finish until `deadline` (epoch ms), leave the group. Idempotent. */
  stop(deadline: number): Promise<void>;
}

export interface OutgoingMessage {
  /** Text is sent as UTF-8; bytes as they are. */
  readonly key: Uint8Array | string | null;
  readonly value: Uint8Array | string | null;
  /** Epoch milliseconds; the broker's or producer's clock when absent. */
  readonly timestamp?: number;
}

export interface StreamProducer {
  start(): Promise<void>;
  /** Create the topic when it is absent; says nothing when it exists. */
  ensureTopic(topic: string, partitions: number): Promise<void>;
  /** Resolves when the broker acknowledged all (acks=all). Messages of one key keep their order. */
  send(topic: string, messages: readonly OutgoingMessage[]): Promise<void>;
  stop(): Promise<void>;
}
