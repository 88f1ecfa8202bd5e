/**
 * Whether memory grows with what was scored: reviews through the encoder's threads, and every tenth batch through the state step, from
 * memory, as many as asked; told at every twentieth part are the process's memory and its heap after a collection.
 * Usage: node --expose-gc dist/test/bench/soak.js [--reviews 1000000] [--threads 2] [--characters 120] [--model models/reviews-v5] [--data ../shared/data/reviews]
 */
import { parseArgs } from 'node:util';
import { roundsByKey } from '#batch-by-key';
import type { EncodedText, EntityState } from '#contracts';
import { openModel } from '#run-onnx';
import { freshState, type KeyedStep, reviewFeatures, scoreRounds } from '#score-with-state';
import { type BenchReview, median, sampleReviews } from './support/sample.js';

const { values: options } = parseArgs({ options: { reviews: { type: 'string', default: '1000000' }, threads: { type: 'string', default: '2' }, characters: { type: 'string', default: '120' }, model: { type: 'string', default: 'models/reviews-v5' }, data: { type: 'string', default: '../shared/data/reviews' } } });
const [TOTAL, THREADS, CHARACTERS] = [Number(options.reviews), Number(options.threads), Number(options.characters)];
const BATCH = 1_000;
const STEPPED = 10;
interface Read { readonly review: BenchReview; readonly row: EncodedText }

const reviews = sampleReviews({ folder: options.data, count: 50_000, products: 2_000, seed: 29 });
const model = await openModel(options.model, { encoderThreads: THREADS });
const states = new Map<string, EntityState<null>>();
const step: KeyedStep<Read, null, number> = {
  entityOf: ({ review }) => review.productId,
  at: ({ review }) => review.reviewedAt,
  labelOf: () => null,
  featuresAt: ({ review, row }, lastEventAt) => reviewFeatures(row, { rating: review.rating, reviewedAt: review.reviewedAt }, lastEventAt, 1),
  finish: (_read, tracker, outputs) => ({ tracker, result: outputs.logit![0]! }),
};
const batches = Math.ceil(TOTAL / BATCH);
const seen: { resident: number; heap: number }[] = [];
const from = performance.now();
let next = 0;
let done = 0;
await Promise.all(Array.from({ length: 2 * THREADS }, async () => { // so many batches under way that no thread waits
  for (let own = next++; own < batches; own = next++) {
    const batch = Array.from({ length: BATCH }, (_, i) => reviews[(own * BATCH + i) % reviews.length]!);
    const rows = await model.encoder!.encode(batch.map(({ text }) => text.slice(0, CHARACTERS)));
    if (own % STEPPED === 0) {
      const read = batch.map((review, i) => ({ review, row: rows[i]! }));
      const scored = await scoreRounds(model.stepper, roundsByKey(read, ({ review }) => review.productId), states, (entity) => freshState(entity, model.stepper, 0n, null), step);
      for (const [entity, state] of scored.states) states.set(entity, state);
    }
    done += 1;
    if (done % Math.ceil(batches / 20) === 0) tell();
  }
}));
const [early, late] = [seen.slice(5, 10), seen.slice(-5)];
const grown = (what: 'resident' | 'heap') => `${median(early.map((s) => s[what])).toFixed(0)} to ${median(late.map((s) => s[what])).toFixed(0)} MB`;
console.log(`${done * BATCH} reviews: from the second quarter to the last, resident ${grown('resident')}, heap ${grown('heap')}`);
await model.close();

function tell(): void {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  seen.push({ resident: rss / 2 ** 20, heap: heapUsed / 2 ** 20 });
  console.log(`${String(done * BATCH).padStart(9)} reviews, ${Math.round((done * BATCH) / ((performance.now() - from) / 1e3))} a second: resident ${(rss / 2 ** 20).toFixed(0)} MB, heap ${(heapUsed / 2 ** 20).toFixed(0)} MB`);
}
