/** The backtest is the worker's path: the same surges as with states that go through their stored bytes between small batches. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BatchCommit, KnownReview, StateStepper, StoredState, StreamMessage, SurgeRecord } from '#contracts';
import { defaultDecodeSettings } from '#decode-events';
import { StateCache } from '#drive-stream';
import { reviewPipeline } from '../review-worker/pipeline.js';
import { replayReviews } from './backtest-replay.js';
import { starEncoder, starStepper } from './backtest-stars.js';
import { scoringParts } from './backtest-surges.js';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);

/** Reads the same in every text: rather good. */
const blandStepper: StateStepper = { ...starStepper, modelId: 'bland', step: (batch) => Promise.resolve({ outputs: { logit: new Float32Array(batch).fill(-2), expectation: new Float32Array(batch) }, states: {} }) };

/** Two products, one of which has a bad day after seven quiet weeks; a repeated line and a late one. */
function messages(): StreamMessage[] {
  const rows: object[] = [];
  const add = (productId: string, at: number, rating: number) => rows.push({ reviewId: `r${rows.length}`, productId, rating, text: `review ${rows.length} about the hinge`, reviewedAt: new Date(at).toISOString() });
  for (let i = 0; i < 250; i += 1) for (const productId of ['a', 'b']) add(productId, START + (i * DAY) / 5, i % 10 === 4 ? 1 : 5);
  for (let i = 0; i < 14; i += 1) add('a', START + 50 * DAY + i * 2_700_000, 1);
  add('a', START + 49.9 * DAY, 1);
  rows.push(rows[3]!);
  for (let i = 0; i < 60; i += 1) for (const productId of ['a', 'b']) add(productId, START + 51 * DAY + (i * DAY) / 5, 5);
  return rows.map((row, i) => ({ topic: 'backtest', partition: 0, offset: BigInt(i), key: null, timestamp: START + 400 * DAY, value: Buffer.from(JSON.stringify(row)) }));
}

async function throughStoredBytes(all: readonly StreamMessage[], size: number): Promise<SurgeRecord[]> {
  const { scoring } = scoringParts({ stepper: starStepper, recalibrator: null }, 1, 1 / 91);
  const stored = new Map<string, StoredState>();
  const known = new Map<string, KnownReview>();
  const flow = reviewPipeline({ store: { load: () => Promise.resolve({ states: new Map(stored), known }) }, decode: defaultDecodeSettings, encoder: starEncoder, scoring });
  const records: SurgeRecord[] = [];
  for (let at = 0; at < all.length; at += size) {
    const batch = { topic: 'backtest', partition: 0, begin: BigInt(at), end: BigInt(Math.min(at + size, all.length)), messages: all.slice(at, at + size), highWatermark: BigInt(all.length), lowWatermark: null };
    const lease = { topic: 'backtest', partition: 0, epoch: 1n, nextOffset: BigInt(at) };
    const { commit }: { commit: BatchCommit } = await flow.complete(await flow.prepare(batch, lease), batch, lease, new StateCache(0));
    for (const { state } of commit.states) stored.set(state.entity, state);
    for (const { event: { productId, reviewId, revision, contentHash } } of commit.reviews) known.set(`${productId}\u0000${reviewId}`, { productId, reviewId, revision, contentHash });
    records.push(...commit.surges);
  }
  return records;
}

describe('replaying reviews', () => {
  it('gives the transitions of the worker to the last field, whatever its batches', async () => {
    const all = messages();
    const seen: SurgeRecord[] = [];
    const { collected, duplicates } = await replayReviews(all, { ...scoringParts({ stepper: starStepper, recalibrator: null }, 1, 1 / 91), encoder: starEncoder, onCommit: ({ surges }) => void seen.push(...surges) });
    assert.equal(duplicates, 1);
    assert.deepEqual(seen.map(({ status }) => status).slice(0, 1), ['opened']);
    assert.equal(collected.surges().length, 1);
    for (const size of [37, 200]) assert.deepEqual(await throughStoredBytes(all, size), seen);
  });

  it('counts a review with its own stars, so that one star on a harmless text is a negative; without stars by the text alone', async () => {
    const parts = { ...scoringParts({ stepper: blandStepper, recalibrator: null }, 1, 1 / 91), encoder: starEncoder };
    const counted: { at: number; p: number }[] = [];
    const { collected } = await replayReviews(messages(), { ...parts, onCommit: ({ reviews }) => { for (const { event, pNegativeWithStars: p } of reviews) if (event.productId === 'a') counted.push({ at: event.reviewedAt, p }); } });
    const [opening] = collected.surges()[0]!;
    assert.equal(collected.surges().length, 1);
    const since = counted.filter(({ at }) => at >= opening!.startedAt && at <= opening!.at).reduce((sum, { p }) => sum + p, 0);
    assert.ok(Math.abs(opening!.observed - since) < 1e-9, `${opening!.observed} observed, ${since} counted`);
    const starless = messages().map((message) => ({ ...message, value: Buffer.from(message.value!.toString().replace(/"rating":\d,/, '')) }));
    assert.equal((await replayReviews(starless, parts)).collected.surges().length, 0);
  });
});
