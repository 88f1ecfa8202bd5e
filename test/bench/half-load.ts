/**
 * How long a review waits for its score when the engine is half loaded: texts arrive one by one (Poisson) at half of what the encoder
 * manages with its threads; each goes to the encoder's port, which gathers what comes while its threads are busy, and then through the
 * state step together with what has gathered. From memory; no broker, no database.
 * Usage: node dist/test/bench/half-load.js [--model models/reviews-v5] [--threads 2] [--seconds 30] [--load 0.5] [--data ../shared/data/reviews]
 */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { roundsByKey } from '#batch-by-key';
import type { EncodedText, EntityState } from '#contracts';
import { openModel } from '#run-onnx';
import { freshState, type KeyedStep, reviewFeatures, scoreRounds } from '#score-with-state';
import { seededRandom } from '#seeded-random';
import { type BenchReview, percentile, sampleReviews } from './support/sample.js';

const { values: options } = parseArgs({ options: { model: { type: 'string', default: 'models/reviews-v5' }, threads: { type: 'string', default: '2' }, seconds: { type: 'string', default: '30' }, load: { type: 'string', default: '0.5' }, data: { type: 'string', default: '../shared/data/reviews' } } });
interface Arrived { readonly review: BenchReview; readonly at: number; row: EncodedText }

const reviews = sampleReviews({ folder: options.data, count: 20_000, products: 2_000, seed: 23 });
const model = await openModel(options.model, { encoderThreads: Number(options.threads) });
const encoder = model.encoder!;
const states = new Map<string, EntityState<null>>();
const step: KeyedStep<Arrived, null, number> = {
  entityOf: ({ review }) => review.productId,
  at: ({ review }) => review.reviewedAt,
  labelOf: () => null,
  featuresAt: ({ review, row }, lastEventAt) => reviewFeatures(row, { rating: review.rating, reviewedAt: review.reviewedAt }, lastEventAt, 1),
  finish: (_arrived, tracker, outputs) => ({ tracker, result: outputs.logit![0]! }),
};

const capacity = await fullSpeed();
const rate = capacity * Number(options.load);
console.log(`${Math.round(capacity)} reviews/s with ${options.threads} threads at full load; now ${Math.round(rate)}/s for ${options.seconds} s`);
const { encoded, scored } = await arrivals(rate, Number(options.seconds));
const line = (name: string, waits: readonly number[]) => console.log(`${name.padEnd(24)} p50 ${percentile(waits, 0.5).toFixed(1)} ms, p90 ${percentile(waits, 0.9).toFixed(1)}, p99 ${percentile(waits, 0.99).toFixed(1)}, longest ${percentile(waits, 1).toFixed(1)} (${waits.length} reviews)`);
line('arrival to text score', encoded);
line('arrival to stepped state', scored);
await model.close();

async function fullSpeed(): Promise<number> {
  await scoreAll(reviews.slice(0, 2_000));
  const from = performance.now();
  await scoreAll(reviews.slice(2_000, 12_000));
  return 10_000 / ((performance.now() - from) / 1e3);
}

/** In batches as a busy worker takes them, one encoding while another is stepped. */
async function scoreAll(all: readonly BenchReview[]): Promise<void> {
  let before = Promise.resolve();
  for (let from = 0; from < all.length; from += 1_000) {
    const batch = all.slice(from, from + 1_000);
    const rows = encoder.encode(batch.map(({ text }) => text));
    await before;
    before = rows.then(async (read) => stepTogether(batch.map((review, i) => ({ review, at: 0, row: read[i]! }))));
  }
  await before;
}

async function arrivals(perSecond: number, seconds: number): Promise<{ encoded: number[]; scored: number[] }> {
  const random = seededRandom(5);
  const [encodedAfter, scoredAfter]: [number[], number[]] = [[], []];
  let waiting: Arrived[] = [];
  let stepping: Promise<void> | null = null;
  const underway: Promise<void>[] = [];
  async function stepWaiting(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await stepTogether(batch);
      for (const { at } of batch) scoredAfter.push(performance.now() - at);
    }
    stepping = null;
  }
  async function arrive(review: BenchReview, at: number): Promise<void> {
    const [row] = await encoder.encode([review.text]);
    encodedAfter.push(performance.now() - at);
    waiting.push({ review, at, row: row! });
    stepping ??= stepWaiting();
    await stepping;
  }
  const end = performance.now() + seconds * 1e3;
  let next = performance.now();
  for (let n = 0; next < end; n += 1) {
    next -= (Math.log(1 - random()) / perSecond) * 1e3;
    while (performance.now() < next) await setTimeout(1); // no spinning: that would take a core from the encoder
    underway.push(arrive(reviews[n % reviews.length]!, next)); // counted from when it was due, so that a late arrival hides no wait
  }
  await Promise.all(underway);
  return { encoded: encodedAfter, scored: scoredAfter };
}

async function stepTogether(batch: readonly Arrived[]): Promise<void> {
  const scored = await scoreRounds(model.stepper, roundsByKey(batch, ({ review }) => review.productId), states, (entity) => freshState(entity, model.stepper, 0n, null), step);
  for (const [entity, state] of scored.states) states.set(entity, state);
}
