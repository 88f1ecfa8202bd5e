/**
 * Which model serves which messages. An operator asks for a model (a request); each partition then has a place in its own
 * stream from which on that model scores it (a switch), written in the transaction of the first batch behind it. A switch
 * that is written ahead of the position is a plan: a replay is given those of the first run and changes at the same places.
 */
import type { StreamName } from './state.js';
import type { TopicPartition } from './stream.js';

/** What becomes of hidden states of the model before: zeros, or the new model's steps over the product's newest stored events. */
export type StatePolicy = { readonly policy: 'cold'; readonly rewarmEvents: null } | { readonly policy: 'rewarm'; readonly rewarmEvents: number };

export type ModelRequest = StatePolicy & {
  readonly stream: StreamName;
  /** 1, 2, ... in each stream; the highest counts. */
  readonly requestId: number;
  readonly modelId: string;
  /** Where workers find it; relative to the project's root. */
  readonly folder: string;
};

export type ModelSwitch = StatePolicy & TopicPartition & {
  readonly stream: StreamName;
  /** First offset that the model scores. */
  readonly fromOffset: bigint;
  readonly requestId: number;
  readonly modelId: string;
};

/** A scored review as far as a state is made of it. */
export interface StoredReview {
  readonly productId: string;
  readonly title: string | null;
  readonly text: string;
  readonly rating: number | null;
  readonly reviewedAt: number;
}

export interface ModelBook {
  newestRequest(stream: StreamName): Promise<ModelRequest | null>;
  /** null when there is none of this number. */
  request(stream: StreamName, requestId: number): Promise<ModelRequest | null>;
  /** Of one partition, by offset ascending, plans included. */
  switchesOf(partition: TopicPartition): Promise<readonly ModelSwitch[]>;
  /** Notes that a worker could not serve what was asked for. */
  recordFailure(stream: StreamName, requestId: number, reason: string): Promise<void>;
  /** Each product's newest reviews (by their own time) of the partition before `before`, first revisions only, in the order in which they were scored. */
  recentReviews(partition: TopicPartition, before: bigint, products: readonly string[], most: number): Promise<readonly StoredReview[]>;
  close(): Promise<void>;
}
