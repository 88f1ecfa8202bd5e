/**
 * The storage port over Postgres: each method is one conversation with the database. What passes by itself is thrown as
 * DATABASE_UNAVAILABLE (retryable) by the reading methods and given as the outcome 'retry' by the writing ones.
 */
import type { BatchCommit, CommitOutcome, KnownReview, Lease, Loaded, LoadRequest, ModelRecord, OffsetGap, Snapshot, SnapshotName, StoredState, StreamStore, TopicPartition } from '#contracts';
import { acquireLease } from './acquire-lease.js';
import { commitBatch, offsetsOf, outcomeOf, refused, requireForward, type Doubts } from './commit.js';
import { Sessions } from './session.js';
import { addBaselineChanges } from './sql/baseline-changes.js';
import { addGap, STORED_PARTITIONS } from './sql/lease.js';
import { addReadKnown, knownOfRow } from './sql/reviews.js';
import { addReadSources, sourceOfRow } from './sql/sources.js';
import { addAmendment, addReadStates, addStates, stateOfRow } from './sql/states.js';
import { addModel } from './sql/models.js';
import { addQuotes } from './sql/quotes.js';
import { addSurges } from './sql/surges.js';
import { LATEST_SNAPSHOT, ONE_SNAPSHOT, snapshotOfRow, type SnapshotRow } from './sql/snapshots.js';

export interface PostgresStoreOptions {
  readonly databaseUrl: string;
  /** Connections; at least one for each partition that commits side by side, and one more. */
  readonly poolSize?: number;
  readonly statementTimeoutMs?: number;
  /** Topic that the outbox rows of surges name. */
  readonly surgesTopic?: string;
  /** How long a lease is waited for before the session that holds it is ended. */
  readonly leasePatienceMs?: number;
}

export function createPostgresStore({ databaseUrl, poolSize = 8, statementTimeoutMs = 30_000, surgesTopic = 'surges.v1', leasePatienceMs = 3_000 }: PostgresStoreOptions): StreamStore {
  const sessions = new Sessions({ databaseUrl, poolSize, statementTimeoutMs });
  const doubts: Doubts = new Map();

  async function reading<T>(what: string, work: () => Promise<T>, place: Partial<TopicPartition> = {}): Promise<T> {
    try {
      return await work();
    } catch (fault) {
      throw refused(fault, what, place);
    }
  }

  async function readSnapshot(sql: string, stream: SnapshotName, snapshotId: bigint | null): Promise<Snapshot<unknown>> {
    const what = snapshotId === null ? `the newest snapshot of ${stream}` : `snapshot ${snapshotId} of ${stream}`;
    const row = await reading(`the question for ${what}`, async () =>
      (await sessions.pool.query<SnapshotRow>(sql, snapshotId === null ? [stream] : [stream, snapshotId])).rows[0]);
    if (row === undefined) throw refused(new Error('found no such row; is the database migrated?'), what);
    return snapshotOfRow(stream, row);
  }

  return {
    acquireLease: (partition: TopicPartition, owner: string): Promise<Lease> =>
      reading(`the lease of ${partition.topic}/${partition.partition}`, () => acquireLease(sessions, partition, owner, leasePatienceMs), partition),

    partitionsOf: (topic: string) =>
      reading(`the stored positions of ${topic}`, async () => (await sessions.pool.query<{ partition: number }>(STORED_PARTITIONS, [topic])).rows.map(({ partition }) => partition)),

    async load({ stream, entities, reviews, sources }: LoadRequest): Promise<Loaded> {
      const states = new Map<string, StoredState>();
      const known = new Map<string, KnownReview>();
      if (entities.length === 0 && reviews.length === 0) return { states, known };
      const [stateRows = [], knownRows = [], sourceRows = []] = await reading(`the loading of ${entities.length} states and ${reviews.length} known reviews`, () =>
        sessions.run((to) => {
          addReadStates(to, stream, entities);
          addReadKnown(to, reviews);
          if (sources !== undefined) addReadSources(to, sources);
        }));
      for (const state of stateRows.map(stateOfRow)) states.set(state.entity, state);
      for (const review of knownRows.map(knownOfRow)) known.set(`${review.productId}\0${review.reviewId}`, review);
      return { states, known, sources: sourceRows.map(sourceOfRow) };
    },

    latestSnapshot: (stream: SnapshotName) => readSnapshot(LATEST_SNAPSHOT, stream, null),
    snapshot: (stream: SnapshotName, snapshotId: bigint) => readSnapshot(ONE_SNAPSHOT, stream, snapshotId),

    commit: (batch: BatchCommit): Promise<CommitOutcome> => commitBatch(sessions, batch, surgesTopic, doubts),

    async skipGap(lease: Lease, gap: OffsetGap): Promise<CommitOutcome> {
      // A topic that was made again starts lower than the position: the only move that may go back.
      if (gap.reason !== 'topic_recreated') requireForward(lease, gap.to);
      try {
        await sessions.transaction((to) => addGap(to, lease, gap));
        return { kind: 'committed' };
      } catch (fault) {
        return outcomeOf(fault, offsetsOf(lease, gap.to), lease);
      }
    },

    async amend({ stream, state, expectedVersion, surges = [], settlements = [], baselineChanges = [] }): Promise<CommitOutcome> {
      try {
        await sessions.transaction((to) => {
          addStates(to, stream, [{ state, expectedVersion }]);
          addAmendment(to, stream, state.entity);
          addSurges(to, surges, surgesTopic);
          addQuotes(to, { quotes: [], forecasts: [], settlements });
          addBaselineChanges(to, baselineChanges);
        });
        return { kind: 'committed' };
      } catch (fault) {
        return outcomeOf(fault, `the change of ${state.entity} (${stream}) to version ${state.version}`, null);
      }
    },

    async recordModel(model: ModelRecord): Promise<void> {
      await reading(`the record of model ${model.modelId}`, () => sessions.transaction((to) => addModel(to, model)));
    },

    close: () => sessions.pool.end(),
  };
}
