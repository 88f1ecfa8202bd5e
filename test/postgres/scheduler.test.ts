/** The scheduler's chores on a real database: what time alone does must leave rows that a worker goes on from. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pool } from 'pg';
import type { StreamProducer } from '#contracts';
import { createPostgresStore } from '#commit-postgres';
import { EMPTY_CALENDAR, summarizeSurge, surgeSettings } from '#detect-surge';
import { loadSettings } from '#load-config';
import { restoreState, storeState } from '#score-with-state';
import { watchProducts } from '../../apps/scheduler/watch-products.js';
import { closeQuietSurges, deliverOutbox, watchFeeds, type ChoreParts } from '../../apps/scheduler/chores.js';
import { reviewTrackerCodec } from '../../apps/review-worker/review-tracker.js';
import { sampleBatch, useTestDatabase } from '../../libs/testkit/index.js';
import { hidden, surging, tensors } from './support/surging.js';
import { lexicon } from '../notify/support/surges.js';

const HOUR = 3_600_000;

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
      const stored = storeState(state, reviewTrackerCodec, {});
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
      assert.equal(await deliverOutbox(parts, patient, lexicon), 0);
      await database.query(`insert into internal.surge_explanation (surge_id, seq, negatives, negatives_before, contributors) select surge_id, 1, 9, 9, '[{"kind":"term","value":"leaks","shareNow":1,"shareBefore":0}]' from internal.surge`);
      assert.equal(await deliverOutbox(parts, patient, lexicon), 1);
      assert.ok((await deliverOutbox(parts, 0, lexicon)) >= 1);
      assert.equal(await deliverOutbox(parts, 0, lexicon), 0);
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

  it('lets a feed be silent for as long as it often is', async () => {
    await withParts(async (parts) => {
      const limit = parts.settings.deadFeedSeconds * 1000;
      const at = Date.now() - 20 * 24 * HOUR;
      // Every minute of a day's first half something comes, and nothing in the other
      await database.query(`insert into internal.stream_sample (topic, sampled_at, taken, duplicates, rejected, lag)
        select 'reviews.v1', $1::timestamptz + n * interval '1 minute', (n / 1440) * 720 + least(n % 1440, 720), 0, 0, 0 from generate_series(0, 19 * 1440) n`, [new Date(at)]);
      await watchFeeds(parts, Date.now() + limit + 60_000);
      assert.deepEqual(await database.query('select stream from tidewatch.feed_silence'), [], 'twelve hours are ordinary');
      await watchFeeds(parts, Date.now() + 48 * HOUR);
      assert.deepEqual(await database.query('select stream from tidewatch.feed_silence'), [{ stream: 'reviews' }]);
      await watchFeeds(parts, Date.now());
    });
  });

  it('flags a product that is silent for longer than its own gaps explain, not a slow one, and takes it back', async () => {
    await withParts(async (parts) => {
      await database.query("update internal.stream_lease set watermark = clock_timestamp(), committed_at = clock_timestamp(), high_watermark = next_offset where topic = 'reviews.v1'");
      const last = Date.now() - 5 * 24 * HOUR;
      let made = 0;
      const add = async (product: string, gapHours: number, reviews: number) => {
        made += 1;
        await database.query(`insert into internal.review_score (topic, partition, "offset", reviewed_at, product_id, review_id, revision, text, p_negative, p_negative_text, top_words, model_id)
          select 'reviews.v1', 9, $1::int * 100000 + n, $2::timestamptz - n * $3::float8 * interval '1 hour', $4, 's' || n, 0, '', 0.1, 0.1, '[]', 'm' from generate_series(0, $5::int - 1) n`, [made, new Date(last), gapHours, product, reviews]);
        await database.query(`insert into internal.entity_state (stream, entity, version, model_id, snapshot_id, label, last_event_at, format, checksum, hidden, tracker, summary)
          select stream, $1, version, model_id, snapshot_id, $1, $2, format, checksum, hidden, tracker, jsonb_build_object('reviewsPerDay', $3::float8) from internal.entity_state where entity = 'kettle'`, [product, new Date(last), 24 / gapHours]);
      };
      await add('hourly', 1, 900);
      await add('weekly', 168, 60);
      await add('newcomer', 1, 30);
      assert.equal(await watchProducts(parts, Date.now()), 1);
      assert.equal(await watchProducts(parts, Date.now()), 0, 'once');
      const [row] = await database.query<{ product_id: string; silent_since: Date; ordinary_seconds: number }>('select product_id, silent_since, ordinary_seconds from tidewatch.product_silence');
      assert.deepEqual([row?.product_id, row?.silent_since.getTime()], ['hourly', last]);
      await database.query("update internal.entity_state set last_event_at = clock_timestamp() where entity = 'hourly'");
      await watchProducts(parts, Date.now());
      assert.deepEqual(await database.query('select product_id from tidewatch.product_silence'), []);
    });
  });
});
