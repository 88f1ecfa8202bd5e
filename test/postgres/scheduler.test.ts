/** The scheduler's chores on a real database: what time alone does must leave rows that a worker goes on from. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pool } from 'pg';
import type { EntityState, StreamProducer, SurgeRecord } from '#contracts';
import { createPostgresStore } from '#commit-postgres';
import { EMPTY_CALENDAR, freshSurgeTracker, observeReview, summarizeSurge, surgePriorFrom, surgeSettings } from '#detect-surge';
import { loadSettings } from '#load-config';
import { restoreState, storeState } from '#score-with-state';
import { closeQuietSurges, deliverOutbox, watchFeeds, type ChoreParts } from '../../apps/scheduler/chores.js';
import { reviewTrackerCodec, type ReviewTracker } from '../../apps/review-worker/review-tracker.js';
import { sampleBatch, useTestDatabase } from '../../libs/testkit/index.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 1);
const tensors = [{ name: 'h', next: 'h_next', type: 'float32' as const, shape: [3] }];
const hidden = { h: Float32Array.of(0.25, -1, 7) };

/** Two weeks of calm, then bad reviews until the detector opens a surge. */
function surging(): { state: EntityState<ReviewTracker>; records: SurgeRecord[] } {
  const settings = surgeSettings({});
  let surge = freshSurgeTracker(surgePriorFrom({}));
  const records: SurgeRecord[] = [];
  let at = START;
  let version = 0n;
  const review = (pNegative: number, gap: number) => {
    at += gap;
    version += 1n;
    const step = observeReview(settings, surge, { productId: 'kettle', reviewId: `r${version}`, position: { topic: 'reviews.v1', partition: 0, offset: version }, at, pNegative, text: 'it leaks', topWords: [] }, 'm');
    surge = step.tracker;
    records.push(...step.records);
  };
  for (let n = 0; n < 14 * 24; n += 1) review(n % 12 === 0 ? 0.95 : 0.02, HOUR);
  for (let n = 0; n < 300 && records.length === 0; n += 1) review(0.98, HOUR / 12);
  return { state: { entity: 'kettle', version, modelId: 'm', snapshotId: 0n, label: 'Kettle', lastEventAt: at, hidden, tracker: { expected: 0.1, surge } }, records };
}

describe('the scheduler', () => {
  const database = useTestDatabase();
  const sent: { topic: string; id: string; contributors: { value: string }[] }[] = [];
  const producer = { send: async (topic: string, messages: readonly { value: string }[]) => { for (const { value } of messages) sent.push({ topic, ...(JSON.parse(value) as { id: string; contributors: { value: string }[] }) }); } } as unknown as StreamProducer;

  async function withParts<T>(work: (parts: ChoreParts) => Promise<T>): Promise<T> {
    const pool = new Pool({ connectionString: database.url, max: 2 });
    const store = createPostgresStore({ databaseUrl: database.url, poolSize: 2 });
    try {
      return await work({ pool, store, producer, settings: loadSettings({}), surge: surgeSettings({}), calendar: () => EMPTY_CALENDAR, summarize: (tracker) => summarizeSurge(tracker), say: () => undefined });
    } finally {
      await pool.end();
      await store.close();
    }
  }

  it('closes a surge that went quiet, once, and leaves a state that a worker restores and goes on from', async () => {
    const { state, records } = surging();
    assert.equal(records[0]?.status, 'opened');
    await withParts(async (parts) => {
      const lease = await parts.store.acquireLease({ topic: 'reviews.v1', partition: 0 }, 'test');
      const stored = storeState(state, reviewTrackerCodec, '{}');
      const watermark = state.lastEventAt! + 20 * 24 * HOUR;
      const outcome = await parts.store.commit(sampleBatch(lease, 1n, { highWatermark: 1n, watermark, states: [{ state: stored, expectedVersion: 0n }], surges: records }));
      assert.equal(outcome.kind, 'committed');

      assert.equal(await closeQuietSurges(parts, Date.now()), 1);
      assert.equal(await closeQuietSurges(parts, Date.now()), 0);
      const [surge] = await database.query<{ status: string; closed_at: Date; transitions: number }>('select status, closed_at, transitions from tidewatch.surges');
      assert.equal(surge?.status, 'closed');
      assert.ok(surge.closed_at.getTime() < watermark, 'closed when its rule was met, not when it was noticed');

      const loaded = (await parts.store.load({ stream: 'reviews', entities: ['kettle'], reviews: [] })).states.get('kettle')!;
      const restored = restoreState(loaded, tensors, reviewTrackerCodec);
      assert.deepEqual(restored.hidden, hidden);
      assert.equal(restored.version, state.version + 1n);

      const late = await parts.store.commit(sampleBatch({ ...lease, nextOffset: 1n }, 2n, { states: [{ state: { ...stored, version: stored.version + 1n }, expectedVersion: stored.version }] }));
      assert.deepEqual(late, { kind: 'conflict', entities: ['kettle'] }, 'a worker with the older copy is told to reload');
    });
  });

  it('hands every transition to the stream once, in order, when it is explained or has waited for it', async () => {
    await withParts(async (parts) => {
      const patient = 3_600_000;
      assert.equal(await deliverOutbox(parts, patient), 0);
      await database.query(`insert into internal.surge_explanation (surge_id, seq, negatives, negatives_before, contributors) select surge_id, 1, 9, 9, '[{"kind":"term","value":"leaks","shareNow":1,"shareBefore":0}]' from internal.surge`);
      assert.equal(await deliverOutbox(parts, patient), 1);
      assert.ok((await deliverOutbox(parts, 0)) >= 1);
      assert.equal(await deliverOutbox(parts, 0), 0);
    });
    assert.deepEqual(sent.map(({ topic }) => topic), sent.map(() => 'surges.v1'));
    const seqs = sent.map(({ id }) => Number(id.slice(id.lastIndexOf('#') + 1)));
    assert.deepEqual(seqs, [...seqs].sort((a, b) => a - b));
    assert.deepEqual(sent.map(({ contributors }) => contributors.map(({ value }) => value)), sent.map((_, i) => (i === 0 ? ['leaks'] : [])));
  });

  it('flags a feed that fell silent and clears it with the next commit', async () => {
    await withParts(async (parts) => {
      const later = Date.now() + parts.settings.deadFeedSeconds * 1000 + 60_000;
      await watchFeeds(parts, later);
      assert.deepEqual(await database.query('select stream from tidewatch.feed_silence'), [{ stream: 'reviews' }]);
      await watchFeeds(parts, Date.now());
      assert.deepEqual(await database.query('select stream from tidewatch.feed_silence'), []);
    });
  });
});
