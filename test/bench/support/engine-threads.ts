/**
 * The engine alone on so many threads, in a process of its own: node engine-threads.js MODEL REVIEWS.json THREADS text|history.
 * Prints reviews per second, from the moment all threads are ready to the last one's end.
 */
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { EngineReview, EngineWork } from './engine-thread.js';

const [folder = '', file = '', threads = '2', what = 'text'] = process.argv.slice(2);
const reviews = JSON.parse(readFileSync(file, 'utf8')) as EngineReview[];
const productOf = new Map<string, number>();
/** A product's reviews stay on one thread; products are dealt out so that threads have as many reviews. */
const loads = new Array<number>(Number(threads)).fill(0);
const sizes = new Map<string, number>();
for (const { productId } of reviews) sizes.set(productId, (sizes.get(productId) ?? 0) + 1);
for (const [productId, size] of [...sizes].sort((a, b) => b[1] - a[1])) {
  const least = loads.indexOf(Math.min(...loads));
  productOf.set(productId, least);
  loads[least]! += size;
}
const workers = loads.map((_, thread) => {
  const mine = what === 'history' ? reviews.filter(({ productId }) => productOf.get(productId) === thread) : reviews.filter((_review, i) => i % loads.length === thread);
  return new Worker(new URL('./engine-thread.js', import.meta.url), { workerData: { folder, history: what === 'history', reviews: mine } satisfies EngineWork });
});
const answers = () => Promise.all(workers.map((worker) => new Promise((done, refuse) => worker.once('message', done).once('error', refuse))));
await answers();
const begun = performance.now();
const done = answers();
for (const worker of workers) worker.postMessage('go');
await done;
process.stdout.write(`${(1000 * reviews.length) / (performance.now() - begun)}\n`);
await Promise.all(workers.map((worker) => worker.terminate()));
