/**
 * The claim behind "byte for byte": encode, rounds and state step together give every review the same bits, whatever the
 * batch sizes, the number of threads and the number of partitions in flight. Needs the stages, so it stands in a test.
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { roundsByKey } from '#batch-by-key';
import type { EncodedText, EntityState } from '#contracts';
import { seededRandom } from '#seeded-random';
import { freshState, type KeyedStep, reviewFeatures, scoreRounds, storeState } from '#score-with-state';
import type { OpenModel } from '#serve-models';
import { openModel } from './index.js';
import { tinyModel, writeModel } from '../testkit/tiny-model.js';

interface Review { readonly key: string; readonly text: string; readonly at: number; readonly rating: number | null }
type Scored = Record<string, { logits: number[]; state: string }>;

const WORDS = ['good', 'bad', 'Battery', 'stopped', 'brokn', '🙂', '...', 'refund', 'the', 'naïve', '12'];
const random = seededRandom(5);
const pick = (n: number) => Math.floor(random() * n);
/** 40 products, the first with a third of all reviews. */
const reviews: Review[] = Array.from({ length: 600 }, (_, i) => ({
  key: `p${pick(3) === 0 ? 0 : pick(40)}`,
  text: Array.from({ length: pick(4) === 0 ? pick(90) : pick(25) }, () => WORDS[pick(WORDS.length)]).join(' '),
  at: 1_700_000_000_000 + i * 60_000 * pick(90),
  rating: pick(3) === 0 ? null : 1 + pick(5),
}));

const step: KeyedStep<{ review: Review; encoded: EncodedText }, number, { key: string; logit: number }> = {
  entityOf: ({ review }) => review.key,
  at: ({ review }) => review.at,
  labelOf: () => null,
  featuresAt: ({ review, encoded }, lastEventAt) => reviewFeatures(encoded, { rating: review.rating, reviewedAt: review.at }, lastEventAt, 1.25),
  finish: ({ review }, tracker, outputs) => ({ tracker: tracker + 1, result: { key: review.key, logit: outputs.logit![0]! } }),
};
const codec = { format: 1, encode: (n: number) => Buffer.from(String(n)), decode: (bytes: Uint8Array) => Number(Buffer.from(bytes).toString()) };

async function flow(model: OpenModel, given: readonly Review[], batchSize: number): Promise<Scored> {
  const states = new Map<string, EntityState<number>>();
  const scored: Scored = {};
  for (let from = 0; from < given.length; from += batchSize) {
    const batch = given.slice(from, from + batchSize);
    const encoded = await model.encoder!.encode(batch.map(({ text }) => text));
    const rounds = roundsByKey(batch.map((review, i) => ({ review, encoded: encoded[i]! })), ({ review }) => review.key);
    const { states: next, results } = await scoreRounds(model.stepper, rounds, states, (entity) => freshState(entity, model.stepper, 0n, 0), step);
    for (const [entity, state] of next) states.set(entity, state);
    for (const { key, logit } of results) (scored[key] ??= { logits: [], state: '' }).logits.push(logit);
  }
  for (const [entity, state] of states) scored[entity]!.state = Buffer.from(storeState(state, codec, {}).hidden).toString('hex');
  return scored;
}

async function inPartitions(model: OpenModel, partitions: number, batchSize: number): Promise<Scored> {
  const parts = Array.from({ length: partitions }, (_, p) => reviews.filter(({ key }) => Number(key.slice(1)) % partitions === p));
  return Object.assign({}, ...(await Promise.all(parts.map((part) => flow(model, part, batchSize))))) as Scored;
}

describe('encode, rounds and state step', () => {
  let one: OpenModel;
  let two: OpenModel;
  let expected: Scored;
  before(async () => {
    const folder = writeModel(tinyModel());
    [one, two] = await Promise.all([openModel(folder, { encoderThreads: 1 }), openModel(folder, { encoderThreads: 2 })]);
    rmSync(folder, { recursive: true });
    expected = await flow(one, reviews, 1);
  });
  after(() => Promise.all([one.close(), two.close()]));

  for (const batchSize of [7, 64, 600]) {
    it(`give every product the same bits in batches of ${batchSize} as one review at a time`, async () => {
      assert.deepEqual(await flow(one, reviews, batchSize), expected);
    });
  }

  it('give them with four partitions side by side on two threads', async () => {
    assert.deepEqual(await inPartitions(two, 4, 50), expected);
  });

  it('can tell a rating that differs by a millionth', async () => {
    const other = await flow(one, reviews.with(0, { ...reviews[0]!, rating: 4.000001 }), 64);
    assert.notDeepEqual(other, expected);
  });
});
