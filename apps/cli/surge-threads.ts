/** Runs tasks on threads, one each at a time, results in the tasks' order; a thread that fails ends the whole run. */
import { Worker } from 'node:worker_threads';
import type { SurgeWork } from './surge-cell-worker.js';

export async function runOnThreads<Row>(works: readonly SurgeWork[], threads: number, done: (index: number, row: Row) => void): Promise<Row[]> {
  const rows: Row[] = new Array<Row>(works.length);
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(threads, works.length) }, () => new Promise<void>((resolve, reject) => {
    const worker = new Worker(new URL('./surge-cell-worker.js', import.meta.url));
    let at = -1;
    const feed = () => {
      at = next;
      next += 1;
      if (at < works.length) worker.postMessage(works[at]);
      else void worker.terminate().then(() => resolve());
    };
    worker.on('message', (row: Row) => {
      rows[at] = row;
      done(at, row);
      feed();
    });
    worker.on('error', reject);
    feed();
  })));
  return rows;
}
