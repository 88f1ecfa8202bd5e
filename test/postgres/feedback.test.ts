/** People's verdicts back into the detector, on a real database: once, under the state's version, with a row that says why. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Pool } from 'pg';
import type { Lease, SurgeRecord } from '#contracts';
import { createPostgresStore } from '#commit-postgres';
import { EMPTY_CALENDAR, elapseSurge, freshSurgeTracker, observeReview, summarizeSurge, surgePriorFrom, surgeSettings } from '#detect-surge';
import { restoreState, storeState } from '#score-with-state';
import { learnFeedback } from '../../apps/scheduler/learn-feedback.js';
import { reviewTrackerCodec, type ReviewTracker } from '../../apps/review-worker/review-tracker.js';
import { sampleBatch, useTestDatabase } from '../../libs/testkit/index.js';

const HOUR = 3_600_000;
const settings = surgeSettings({});
const hidden = { h: Float32Array.of(0.25, -1, 7) };

/** Thirty days with a burst of bad reviews on the days given, each closed by the calm after it. */
function surging(productId: string, burstDays: readonly number[]): { tracker: ReviewTracker; at: number; version: bigint; records: SurgeRecord[] } {
  let surge = freshSurgeTracker(surgePriorFrom({}));
  const records: SurgeRecord[] = [];
  let [at, version] = [Date.UTC(2026, 0, 1), 0n];
  const review = (pNegative: number, gap: number) => {
    at += gap;
    version += 1n;
    const step = observeReview(settings, surge, { productId, at, pNegative }, 'm');
    surge = step.tracker;
    records.push(...step.records);
  };
  for (let hour = 0; hour < 34 * 24; hour += 1) {
    const burst = burstDays.includes(Math.floor(hour / 24)) && hour % 24 < 6;
    for (let n = 0; n < (burst ? 6 : 1); n += 1) review(burst || hour % 12 === 0 ? 0.95 : 0.02, HOUR / (burst ? 6 : 1));
  }
  const step = elapseSurge(settings, surge, productId, at + 10 * 24 * HOUR, 'm');
  return { tracker: { expected: 0.1, surge: step.tracker }, at, version, records: [...records, ...step.records] };
}

describe('feedback', () => {
  const database = useTestDatabase();
  let pool: Pool;
  let store: ReturnType<typeof createPostgresStore>;
  let lease: Lease;
  let offset = 0n;
  before(async () => {
    pool = new Pool({ connectionString: database.url, max: 2 });
    store = database.closeAtEnd(createPostgresStore({ databaseUrl: database.url, poolSize: 2 }));
    database.closeAtEnd({ close: () => pool.end() });
    lease = await store.acquireLease({ topic: 'reviews.v1', partition: 0 }, 'test');
  });

  const learn = () => learnFeedback({ pool, store, surge: settings, calendar: () => EMPTY_CALENDAR, summarize: (tracker) => summarizeSurge(tracker), say: () => undefined });
  const judge = (surgeId: string, verdict: string) => database.query('SELECT tidewatch.judge_surge($1, $2, by => $3)', [surgeId, verdict, 'Mia']);
  const changes = () => database.query<Record<string, number | string | boolean>>('SELECT * FROM tidewatch.baseline_changes ORDER BY changed_at, surge_id');
  const trackerOf = async (productId: string) => restoreState((await store.load({ stream: 'reviews', entities: [productId], reviews: [] })).states.get(productId)!, null, reviewTrackerCodec);

  /** Commits the product as a worker would; gives its surges' ids and the state as stored. */
  async function commit(productId: string, burstDays: readonly number[]) {
    const { tracker, at, version, records } = surging(productId, burstDays);
    const state = storeState({ entity: productId, version, modelId: 'm', snapshotId: 0n, label: null, lastEventAt: at, hidden, tracker }, reviewTrackerCodec, {});
    const outcome = await store.commit(sampleBatch({ ...lease, nextOffset: offset }, offset + 1n, { highWatermark: offset + 1n, watermark: at, states: [{ state, expectedVersion: 0n }], surges: records }));
    assert.equal(outcome.kind, 'committed');
    offset += 1n;
    return { state, surges: [...new Set(records.map((r) => r.surgeId))], records };
  }

  it('"false" adds the surge to the normal, once, with the reason; a worker with the older state is told to reload', async () => {
    const { state, surges, records } = await commit('kettle', [20]);
    assert.equal(surges.length, 1);
    assert.equal(records.at(-1)!.status, 'closed');
    assert.equal(await learn(), 0);
    await judge(surges[0]!, 'false');
    assert.deepEqual((await Promise.all([learn(), learn()])).sort(), [0, 1], 'two schedulers at once apply it once');
    assert.equal(await learn(), 0);
    const [change] = await changes();
    assert.ok(change !== undefined && Number(change['rate_after']) > Number(change['rate_before']) && Number(change['share_after']) > Number(change['share_before']));
    assert.match(String(change['reason']), /^Mia judged it false: its 3\d\.\d negatives of \d\d reviews in \d\.\d days count in full, no longer with the small weight of a surge\.$/);
    assert.deepEqual([change['surge_id'], change['seq'], change['learned'], change['judged'], change['threshold_raised_after'], change['state_version']], [surges[0], 1, true, 1, 0, String(state.version + 1n)]);
    const held = await trackerOf('kettle');
    assert.equal(held.version, state.version + 1n);
    assert.equal(Number(change['rate_after']), summarizeSurge(held.tracker.surge)['ratePerDay']);
    const [product] = await database.query<{ reviews: string }>('SELECT reviews FROM tidewatch.products');
    assert.equal(product?.reviews, String(state.version), 'a verdict is no review');
    const late = await store.commit(sampleBatch({ ...lease, nextOffset: offset }, offset + 1n, { states: [{ state: { ...state, version: state.version + 1n }, expectedVersion: state.version }] }));
    assert.deepEqual(late, { kind: 'conflict', entities: ['kettle'] });
  });

  it('another verdict of the same meaning changes nothing, "real" takes back what is left, and real and brigading alone do nothing', async () => {
    const [{ surge_id: id } = { surge_id: '' }] = await database.query<{ surge_id: string }>(`SELECT surge_id FROM tidewatch.surges WHERE product_id = 'kettle'`);
    await judge(id, 'expected');
    assert.equal(await learn(), 0);
    await judge(id, 'real');
    assert.equal(await learn(), 1);
    const [first, second] = await changes();
    assert.deepEqual([second?.['seq'], second?.['learned'], second?.['judged']], [2, false, 0]);
    assert.ok(Math.abs(Number(second?.['rate_after']) - Number(first?.['rate_before'])) < 1e-9);
    await judge(id, 'brigading');
    assert.equal(await learn(), 0);
  });

  it('waits for the end of a surge that is open', async () => {
    const { surges } = await commit('lamp', [20]);
    await judge(surges[0]!, 'false');
    await database.query('UPDATE internal.surge SET closed_at = NULL WHERE surge_id = $1', [surges[0]]);
    assert.equal(await learn(), 0);
    await database.query('UPDATE internal.surge SET closed_at = last_change_at WHERE surge_id = $1', [surges[0]]);
    assert.equal(await learn(), 1);
  });

  it('three of them raise the threshold of that product, and the row says by how much', async () => {
    const { surges } = await commit('shoe', [9, 17, 25]);
    assert.equal(surges.length, 3);
    for (const id of surges) await judge(id, 'false');
    assert.equal(await learn(), 3);
    const rows = (await changes()).filter((row) => row['product_id'] === 'shoe');
    assert.ok(Number(rows.at(-1)!['threshold_raised_after']) >= 0.5);
    assert.match(String(rows.find((row) => Number(row['threshold_raised_after']) > Number(row['threshold_raised_before']))?.['reason']), /3 such verdicts within four periods of the budget: the threshold is raised, alarms become \d\.\d times rarer\.$/);
    assert.equal((await trackerOf('shoe')).tracker.surge.caution > 0, true);
    const raised = await database.query<{ raised: number }>(`SELECT (summary ->> 'thresholdRaised')::float8 AS raised FROM tidewatch.products WHERE product_id = 'shoe'`);
    assert.equal(raised[0]!.raised, Number(rows.at(-1)!['threshold_raised_after']));
  });
});
