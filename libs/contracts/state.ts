/**
 * What is carried per entity (product or symbol) from message to message. `tracker` belongs to the stage that
 * follows the model: the surge tracker of a product, the forecast tracker of a symbol.
 */
import type { HiddenState } from './model.js';

export type StreamName = 'reviews' | 'quotes';

/** What is shared: the prior of each stream, and the calendar of known events. */
export type SnapshotName = StreamName | 'calendar';

export interface EntityState<Tracker> {
  readonly entity: string;
  /** Grows by exactly one per event that advances the state (and per change that time alone causes), so that a lost or doubled step shows. */
  readonly version: bigint;
  readonly modelId: string;
  /** The shared snapshot (prior of all products, seasonality) this state was started from. */
  readonly snapshotId: bigint;
  /** Display name: the newest product name seen. */
  readonly label: string | null;
  /** Event time of the newest event, epoch ms; null before the first. */
  readonly lastEventAt: number | null;
  readonly hidden: HiddenState;
  readonly tracker: Tracker;
}

/** The same as bytes, as a row of internal.entity_state. */
export interface StoredState {
  readonly entity: string;
  readonly version: bigint;
  readonly modelId: string;
  readonly snapshotId: bigint;
  readonly label: string | null;
  readonly lastEventAt: number | null;
  /** Format number of `hidden` and `tracker` together. */
  readonly format: number;
  readonly hidden: Uint8Array;
  readonly tracker: Uint8Array;
  /** CRC-32 over hidden then tracker. */
  readonly checksum: number;
  /** A few numbers for SQL and the page, JSON object text; never read back. */
  readonly summary: string;
}

/** What the products of one source have in common, as a row of internal.source_state: of one partition, which alone reads and writes it. */
export interface StoredSource {
  /** Which row of the partition; sources that share it share what is learnt. */
  readonly place: number;
  /** Name of the newest source there, for people; null for reviews that name none. */
  readonly source: string | null;
  readonly modelId: string;
  /** Format number of `hidden`. */
  readonly format: number;
  readonly hidden: Uint8Array;
  /** CRC-32 over hidden. */
  readonly checksum: number;
}

/** Shared values, written by the scheduler, immutable once written. */
export interface Snapshot<Body> {
  readonly snapshotId: bigint;
  readonly stream: SnapshotName;
  readonly body: Body;
}
