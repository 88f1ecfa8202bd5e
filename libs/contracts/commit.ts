/**
 * The storage port of the flow: leases, loading, and the one transaction (design section 5).
 * Outcomes are values; only the unknown is thrown.
 */
import type { QuoteEvent, Rejection, ReviewEvent } from './events.js';
import type { Forecast, Settlement } from './forecasts.js';
import type { ModelSwitch } from './models-in-service.js';
import type { WordWeight } from './model.js';
import type { Snapshot, SnapshotName, StoredSource, StoredState, StreamName } from './state.js';
import type { BaselineChange, SurgeRecord } from './surges.js';
import type { TopicPartition } from './stream.js';

/** The right to write a partition, until another raises the epoch. */
export interface Lease extends TopicPartition {
  readonly epoch: bigint;
  readonly nextOffset: bigint;
}

/** A review that is known already: what decides whether a message is new, a duplicate, a correction or stale. */
export interface KnownReview {
  readonly productId: string;
  readonly reviewId: string;
  readonly revision: number;
  readonly contentHash: string;
}

export interface ScoredReview {
  readonly event: ReviewEvent;
  /** Calibrated probabilities: from text and history, and from the text alone. */
  readonly pNegative: number;
  readonly pNegativeText: number;
  /** pNegative with the review's own stars counted in: what the surge detector counts. */
  readonly pNegativeWithStars: number;
  /** What the state expected of this review before it was read; null for a product's first. */
  readonly expectedNegative: number | null;
  /** Share of its words that the model knows; null for one without words. */
  readonly knownWords: number | null;
  readonly topWords: readonly WordWeight[];
  readonly modelId: string;
}

export interface ScoredQuote {
  readonly event: QuoteEvent;
  readonly bar: bigint;
  /** Log return since the previous bar; null for the first. */
  readonly logReturn: number | null;
  /** Why the bar is not compared with the ones before it (a split, a long gap, another interval); null: it is. */
  readonly breakReason: string | null;
  readonly modelId: string;
}

/** Everything one batch of one partition writes. Positions and versions make it exactly-once. */
export interface BatchCommit {
  readonly stream: StreamName;
  readonly lease: Lease;
  /** Position behind the batch; greater than lease.nextOffset. */
  readonly nextOffset: bigint;
  /** One past the newest offset at the broker, for lag. */
  readonly highWatermark: bigint;
  /** Newest event time of the batch, epoch ms; null when the batch held no event. */
  readonly watermark: number | null;
  /** `expectedVersion` 0n: the entity must not exist yet. */
  readonly states: readonly { readonly state: StoredState; readonly expectedVersion: bigint }[];
  /** Of the lease's partition, which nobody else may write: no versions. */
  readonly sources?: readonly StoredSource[];
  readonly rejections: readonly Rejection[];
  readonly duplicates: number;
  readonly reviews: readonly ScoredReview[];
  /** Higher revisions: the older score row is marked superseded, this one is appended. */
  readonly corrections: readonly ScoredReview[];
  readonly surges: readonly SurgeRecord[];
  readonly quotes: readonly ScoredQuote[];
  readonly forecasts: readonly Forecast[];
  readonly settlements: readonly Settlement[];
  /** The batch is the first that another model scored. */
  readonly modelSwitch?: ModelSwitch;
}

export type CommitOutcome =
  | { readonly kind: 'committed' }
  /** Another owner holds the partition, or the position moved: drop the cache and leave. */
  | { readonly kind: 'fenced' }
  /** These entities were advanced by someone else since they were loaded: reload them and do the batch again. */
  | { readonly kind: 'conflict'; readonly entities: readonly string[] }
  /** The database cannot take it now, or broke off before it answered: the same commit may be tried again after the wait, and is `committed` if it had gone through. */
  | { readonly kind: 'retry'; readonly afterMs: number; readonly cause: unknown };

export interface LoadRequest {
  readonly stream: StreamName;
  readonly entities: readonly string[];
  readonly reviews: readonly { readonly productId: string; readonly reviewId: string }[];
  /** Places of a partition's sources. */
  readonly sources?: TopicPartition & { readonly places: readonly number[] };
}

export interface Loaded {
  readonly states: ReadonlyMap<string, StoredState>;
  /** Keyed by `${productId}\u0000${reviewId}`. */
  readonly known: ReadonlyMap<string, KnownReview>;
  readonly sources?: readonly StoredSource[];
}

/** Offsets that the broker no longer holds, recorded before the position moves over them. */
export interface OffsetGap extends TopicPartition {
  readonly from: bigint;
  /** First offset that exists. */
  readonly to: bigint;
  readonly reason: 'retention' | 'topic_recreated';
}

/** A model as it is served: the whole manifest and card as JSON text. */
export interface ModelRecord {
  readonly modelId: string;
  readonly stream: StreamName;
  readonly manifest: string;
  readonly card: string;
  /** What happens to hidden states of another model. */
  readonly policy: 'cold' | 'rewarm';
}

export interface StreamStore {
  /** Step 1: raise the epoch and take the partition; waits for a transaction still open under the old epoch. */
  acquireLease(partition: TopicPartition, owner: string): Promise<Lease>;
  /** Partitions of the topic that have a stored position, ascending. */
  partitionsOf(topic: string): Promise<readonly number[]>;
  /** Step 3, one round trip. */
  load(request: LoadRequest): Promise<Loaded>;
  /** Newest snapshot of a stream; every database has one from the first migration on. */
  latestSnapshot(stream: SnapshotName): Promise<Snapshot<unknown>>;
  snapshot(stream: SnapshotName, snapshotId: bigint): Promise<Snapshot<unknown>>;
  /** Step 5. */
  commit(batch: BatchCommit): Promise<CommitOutcome>;
  /** What time alone, or a person's verdict, did to one entity (the scheduler): its state under the version read, with what it did to surges, forecasts and baseline, in one transaction. The version grows by one, so that a worker's cached copy is found stale. */
  amend(change: { readonly stream: StreamName; readonly state: StoredState; readonly expectedVersion: bigint; readonly surges?: readonly SurgeRecord[]; readonly settlements?: readonly Settlement[]; readonly baselineChanges?: readonly BaselineChange[] }): Promise<CommitOutcome>;
  /** Record a model and, when it differs from the stream's last one, its activation. */
  recordModel(model: ModelRecord): Promise<void>;
  /** Record a gap and move the lease's position to `gap.to` in one transaction; 'fenced' when the lease is not ours. */
  skipGap(lease: Lease, gap: OffsetGap): Promise<CommitOutcome>;
  close(): Promise<void>;
}
