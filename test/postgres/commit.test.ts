/** The one transaction: what it writes, and every way in which it must not. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { BatchCommit, Lease, Settlement, StreamStore, SurgeRecord } from '#contracts';
import { createPostgresStore } from '#commit-postgres';
import { SAMPLE_DAY, sampleBatch, sampleQuote, sampleReview, sampleState, tableFingerprint, useTestDatabase } from '#testkit';

const state = (entity: string, version: bigint, expectedVersion: bigint): BatchCommit['states'][number] => ({ state: sampleState(entity, version), expectedVersion });

const surge = (seq: number, changes: Partial<SurgeRecord> = {}): SurgeRecord => ({
  surgeId: `kettle@${new Date(SAMPLE_DAY).toISOString()}`, seq, productId: 'kettle', status: seq === 1 ? 'opened' : 'worsening', channel: 'count', at: SAMPLE_DAY + seq, openedAt: SAMPLE_DAY,
  closedAt: null, startedAt: SAMPLE_DAY - 5000, expected: 0.1 + seq, observed: 9, excess: 7.9, excessLow: 3.5, excessHigh: 14.1, severity: 4, shareBefore: 0.1, shareNow: 0.7, budgetPerDay: 1 / 90, budgetSource: 'group kitchen', settingsId: 's', modelId: 'm',
  events: [], muted: false, calendarId: 0, ...changes,
});

const settlement: Settlement = {
  symbol: 'ACME', bar: 1n, madeAt: SAMPLE_DAY, horizon: 1, settledAt: SAMPLE_DAY + 60_000, status: 'settled', reason: null, actual: 0.01, median: 0.002, pinball: 0.002, crps: 0.003, pit: 0.6,
  covered50: true, covered80: true, covered90: true, covered95: true, covered99: true, rawCovered90: false, crpsGaussian: 0.004, crpsStudentT: 0.005,
};

describe('the commit', () => {
  const database = useTestDatabase();
  let store: StreamStore;
  let next = 0;
  before(() => {
    store = database.closeAtEnd(createPostgresStore({ databaseUrl: database.url, poolSize: 4, leasePatienceMs: 300 }));
  });

  /** A partition of its own for each test. */
  const fresh = (): Promise<Lease> => store.acquireLease({ topic: 'reviews.v1', partition: next++ }, 'test');
  const prints = async (): Promise<string> => {
    const client = await database.connect();
    return JSON.stringify([...(await tableFingerprint(client))]);
  };
  const count = async (sql: string): Promise<number> => Number((await database.query<{ n: string }>(`SELECT count(*) AS n FROM ${sql}`))[0]?.n);

  it('starts a partition at offset 0, epoch 1, and raises the epoch each time it is taken', async () => {
    const first = await fresh();
    assert.deepEqual([first.nextOffset, first.epoch], [0n, 1n]);
    const second = await store.acquireLease(first, 'other');
    assert.deepEqual([second.nextOffset, second.epoch], [0n, 2n]);
  });

  it('writes reviews, state, surges, dead letters, outbox and position together, and they read back as they were', async () => {
    const lease = await fresh();
    const reviews = Array.from({ length: 20 }, (_, i) => sampleReview(BigInt(i), { productId: i % 2 ? 'kettle' : 'toaster', partition: lease.partition }));
    const rejection = { position: { topic: lease.topic, partition: lease.partition, offset: 20n }, timestamp: SAMPLE_DAY, key: null, payload: Uint8Array.of(0xff, 0, 65), code: 'invalid_json' as const, reason: 'found ]' };
    const batch = sampleBatch(lease, 22n, { reviews, states: [state('kettle', 10n, 0n), state('toaster', 10n, 0n)], surges: [surge(1), surge(2)], rejections: [rejection], duplicates: 1 });
    assert.deepEqual(await store.commit(batch), { kind: 'committed' });

    const loaded = await store.load({ stream: 'reviews', entities: ['kettle', 'toaster', 'absent'], reviews: [{ productId: 'kettle', reviewId: 'r1' }, { productId: 'kettle', reviewId: 'r0' }] });
    assert.equal(loaded.states.size, 2);
    const { hidden, tracker, summary, ...rest } = sampleState('kettle', 10n);
    const got = loaded.states.get('kettle')!;
    assert.deepEqual([new Uint8Array(got.hidden), new Uint8Array(got.tracker), JSON.parse(got.summary)], [hidden, tracker, JSON.parse(summary)]);
    for (const [key, value] of Object.entries(rest)) assert.deepEqual(got[key as keyof typeof got], value, key);
    assert.deepEqual([...loaded.known.values()], [{ productId: 'kettle', reviewId: 'r1', revision: 0, contentHash: reviews[1]!.event.contentHash }]);

    const [row] = await database.query('SELECT * FROM tidewatch.reviews_scored WHERE review_id = $1', ['r10']);
    const sent = reviews[10]!;
    assert.deepEqual([row?.['text'], row?.['rating'], row?.['p_negative'], row?.['offset'], row?.['known_words'], row?.['top_words']], [sent.event.text, sent.event.rating, sent.pNegative, '10', sent.knownWords, sent.topWords]);
    assert.deepEqual(await database.query('SELECT status, transitions, expected, product_name FROM tidewatch.surges'), [{ status: 'worsening', transitions: 2, expected: 2.1, product_name: 'The kettle' }]);
    assert.deepEqual((await database.query('SELECT outbox_id, topic FROM internal.outbox ORDER BY 1')).map((each) => each['outbox_id']), [`${surge(1).surgeId}#1`, `${surge(1).surgeId}#2`]);
    assert.deepEqual(await database.query('SELECT key, payload, code FROM tidewatch.dead_letters'), [{ key: null, payload: '\\377\\000A', code: 'invalid_json' }]);
    assert.deepEqual(await database.query('SELECT next_offset, lag, accepted, duplicates, rejected FROM tidewatch.stream_positions WHERE partition = $1', [lease.partition]),
      [{ next_offset: '22', lag: '5', accepted: '20', duplicates: '1', rejected: '1' }]);
  });

  it('writes quotes, forecasts and settlements, and the views join them', async () => {
    const lease = await store.acquireLease({ topic: 'quotes.v1', partition: 0 }, 'test');
    const quotes = [sampleQuote(0n), sampleQuote(1n)];
    const forecast = { symbol: 'ACME', bar: 1n, madeAt: SAMPLE_DAY, close: 100, horizon: 1, levels: [0.05, 0.25, 0.5, 0.75, 0.95], corrected: [-0.02, -0.01, 0, 0.01, 0.02].map(Math.fround), raw: [-0.01, -0.005, 0, 0.005, 0.01].map(Math.fround), baselineSigma: 0.01, modelId: 'q' };
    assert.deepEqual(await store.commit(sampleBatch(lease, 2n, { stream: 'quotes', quotes, forecasts: [forecast, { ...forecast, bar: 2n, madeAt: SAMPLE_DAY + 60_000 }], settlements: [settlement], states: [state('ACME', 2n, 0n)] })), { kind: 'committed' });
    const rows = await database.query<Record<string, number | string>>('SELECT status, price_q05, price_q95, actual_close, pit, corrected FROM tidewatch.forecasts ORDER BY bar');
    assert.deepEqual(rows.map((row) => row['status']), ['settled', 'pending']);
    assert.ok(Math.abs(Number(rows[0]!['price_q95']) - 100 * Math.exp(0.02)) < 1e-5);
    assert.ok(Math.abs(Number(rows[0]!['actual_close']) - 100 * Math.exp(0.01)) < 1e-9);
    assert.deepEqual(await database.query('SELECT symbol, horizon, forecasts, coverage90, raw_coverage90, round(skill::numeric, 6)::text AS skill FROM tidewatch.forecast_coverage'),
      [{ symbol: 'ACME', horizon: 1, forecasts: '1', coverage90: 1, raw_coverage90: 0, skill: '0.250000' }]);
    assert.equal(await count('tidewatch.quotes'), 2);
  });

  it('is fenced once another holds the lease, and when it is repeated', async () => {
    const lease = await fresh();
    const batch = sampleBatch(lease, 1n, { reviews: [sampleReview(0n, { productId: 'fence', partition: lease.partition })], states: [state('fence', 1n, 0n)] });
    assert.deepEqual(await store.commit(batch), { kind: 'committed' });
    const before = await prints();
    assert.deepEqual(await store.commit(batch), { kind: 'fenced' });
    const other = await store.acquireLease(lease, 'other');
    assert.equal(other.nextOffset, 1n);
    assert.deepEqual(await store.commit({ ...batch, lease: { ...lease, nextOffset: 1n }, nextOffset: 2n }), { kind: 'fenced' });
    assert.equal(await prints(), before);
  });

  it('refuses a commit that does not move forward, by name', async () => {
    const lease = await fresh();
    await assert.rejects(store.commit(sampleBatch(lease, 0n)), { code: 'OFFSET_NOT_FORWARD' });
  });

  it('names the entities that another advanced, and writes nothing', async () => {
    const [one, two] = [await fresh(), await fresh()];
    await store.commit(sampleBatch(one, 1n, { states: [state('shared', 1n, 0n), state('calm', 1n, 0n)] }));
    const before = await prints();
    const stale = sampleBatch(two, 1n, { reviews: [sampleReview(0n, { productId: 'shared', partition: two.partition })], states: [state('calm', 2n, 1n), state('new', 1n, 0n), state('shared', 1n, 0n)] });
    assert.deepEqual(await store.commit(stale), { kind: 'conflict', entities: ['shared'] });
    assert.deepEqual(await store.commit({ ...stale, states: [state('shared', 7n, 6n), state('gone', 3n, 2n)] }), { kind: 'conflict', entities: ['gone', 'shared'] });
    assert.equal(await prints(), before);
  });

  it('calls a review that another partition has written a conflict of its product', async () => {
    const [one, two] = [await fresh(), await fresh()];
    await store.commit(sampleBatch(one, 1n, { reviews: [sampleReview(0n, { productId: 'twice', partition: one.partition })] }));
    const both = [sampleReview(0n, { productId: 'twice', partition: two.partition }), sampleReview(1n, { productId: 'once', partition: two.partition })];
    assert.deepEqual(await store.commit(sampleBatch(two, 2n, { reviews: both })), { kind: 'conflict', entities: ['twice'] });
    assert.equal(await count("internal.review_score WHERE product_id = 'once'"), 0);
  });

  it('supersedes corrected reviews alike, whether the revisions come in one batch or in three', async () => {
    const print = async (partition: number) => database.query(`SELECT review_id, revision, superseded_by, "offset" FROM internal.review_score WHERE partition = $1 ORDER BY 4`, [partition]);
    const identity = async (product: string) => database.query('SELECT revision, content_hash, "offset" FROM internal.review_identity WHERE product_id = $1', [product]);
    const make = (lease: Lease, productId: string) => [0, 1, 4].map((revision, i) => sampleReview(BigInt(i), { productId, reviewId: 'r', revision, partition: lease.partition }));
    const one = await fresh();
    const [a, b, c] = make(one, 'corrected');
    assert.deepEqual(await store.commit(sampleBatch(one, 3n, { reviews: [a!], corrections: [b!, c!] })), { kind: 'committed' });
    const two = await fresh();
    const [x, y, z] = make(two, 'corrected2');
    for (const [i, parts] of [{ reviews: [x!] }, { corrections: [y!] }, { corrections: [z!] }].entries()) {
      assert.deepEqual(await store.commit(sampleBatch({ ...two, nextOffset: BigInt(i) }, BigInt(i + 1), parts)), { kind: 'committed' });
    }
    assert.deepEqual(await print(one.partition), await print(two.partition));
    assert.deepEqual(await identity('corrected'), await identity('corrected2'));
    assert.deepEqual((await print(two.partition)).map((row) => row['superseded_by']), [1, 4, null]);
    assert.equal(await count("tidewatch.reviews_scored WHERE product_id = 'corrected2'"), 1);
    assert.deepEqual(await store.commit(sampleBatch({ ...two, nextOffset: 3n }, 4n, { corrections: [sampleReview(3n, { productId: 'corrected2', reviewId: 'r', revision: 2, partition: two.partition })] })), { kind: 'conflict', entities: ['corrected2'] });
  });

  it('records a gap and moves over it, once, and only while it holds the lease', async () => {
    const lease = await fresh();
    const gap = { topic: lease.topic, partition: lease.partition, from: 0n, to: 40n, reason: 'retention' } as const;
    assert.deepEqual(await store.skipGap(lease, gap), { kind: 'committed' });
    assert.deepEqual(await store.skipGap(lease, gap), { kind: 'fenced' });
    assert.deepEqual(await database.query('SELECT from_offset, to_offset, missing, reason FROM tidewatch.stream_gaps'), [{ from_offset: '0', to_offset: '40', missing: '40', reason: 'retention' }]);
    assert.equal((await store.acquireLease(lease, 'test')).nextOffset, 40n);
    await assert.rejects(store.skipGap({ ...lease, nextOffset: 40n }, { ...gap, to: 40n }), { code: 'OFFSET_NOT_FORWARD' });
  });

  it('amends a state under the version it was read at, and counts no review for it', async () => {
    const lease = await fresh();
    await store.commit(sampleBatch(lease, 1n, { states: [state('quiet', 3n, 0n)] }));
    const closing = surge(1, { surgeId: 'quiet@x', productId: 'quiet', status: 'closed', closedAt: SAMPLE_DAY + 9 });
    assert.deepEqual(await store.amend({ stream: 'reviews', state: sampleState('quiet', 4n), expectedVersion: 3n, surges: [closing] }), { kind: 'committed' });
    assert.deepEqual(await store.amend({ stream: 'reviews', state: sampleState('quiet', 4n), expectedVersion: 3n, surges: [{ ...closing, seq: 2 }] }), { kind: 'conflict', entities: ['quiet'] });
    assert.deepEqual(await database.query("SELECT reviews, open_surge_id FROM tidewatch.products WHERE product_id = 'quiet'"), [{ reviews: '3', open_surge_id: null }]);
    assert.deepEqual(await database.query("SELECT status, transitions FROM tidewatch.surges WHERE product_id = 'quiet'"), [{ status: 'closed', transitions: 1 }]);
    assert.deepEqual(await store.commit(sampleBatch({ ...lease, nextOffset: 1n }, 2n, { states: [state('quiet', 4n, 3n)] })), { kind: 'conflict', entities: ['quiet'] });
  });

  it('records a model once, and an activation for each change of it', async () => {
    const model = { modelId: 'a', stream: 'reviews', manifest: '{"contract":1}', card: '{}', policy: 'rewarm' } as const;
    await Promise.all([store.recordModel(model), store.recordModel(model), store.recordModel({ ...model, modelId: 'q', stream: 'quotes' })]);
    await store.recordModel({ ...model, modelId: 'b' });
    await store.recordModel({ ...model, modelId: 'b', card: '{"auc":0.9}' });
    assert.deepEqual(await database.query("SELECT model_id, previous_model_id, policy FROM tidewatch.model_activations WHERE stream = 'reviews' ORDER BY activated_at"),
      [{ model_id: 'a', previous_model_id: null, policy: 'first' }, { model_id: 'b', previous_model_id: 'a', policy: 'rewarm' }]);
    assert.deepEqual(await database.query('SELECT model_id, active, card FROM tidewatch.models ORDER BY 1'),
      [{ model_id: 'a', active: false, card: {} }, { model_id: 'b', active: true, card: { auc: 0.9 } }, { model_id: 'q', active: true, card: {} }]);
  });

  it('gives the snapshot that the first migration made, empty: the default prior', async () => {
    for (const stream of ['reviews', 'quotes'] as const) {
      assert.deepEqual(await store.latestSnapshot(stream), { snapshotId: 0n, stream, body: {} });
      assert.deepEqual(await store.snapshot(stream, 0n), { snapshotId: 0n, stream, body: {} });
    }
    await assert.rejects(store.snapshot('reviews', 99n), { code: 'DATABASE_REFUSED' });
  });
});
