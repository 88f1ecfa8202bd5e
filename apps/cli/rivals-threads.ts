/** Runs the works of `tidewatch evaluate rivals` on threads, one each at a time, figures in the works' order; a thread that fails ends the whole run. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ProgressLine } from './progress-line.js';
import type { RivalsWork } from './rivals-worker.js';

export async function onThreads<Figure>(works: readonly RivalsWork[], wanted: string): Promise<Figure[]> {
  const progress = new ProgressLine();
  const figures = new Array<Figure>(works.length);
  let [next, done] = [0, 0];
  const threads = Math.min(works.length, Math.max(1, Math.floor(Number(wanted)) || 1));
  await Promise.all(Array.from({ length: threads }, async () => {
    const worker = new Worker(new URL('./rivals-worker.js', import.meta.url));
    try {
      for (let i = next; i < works.length; i = next) {
        next += 1;
        const answered = once(worker, 'message');
        worker.postMessage(works[i]!);
        [figures[i]] = (await answered) as [Figure];
        done += 1;
        progress.show('comparing', done / works.length, `${done} of ${works.length} cells`);
      }
    } finally {
      await worker.terminate();
    }
  }));
  progress.end();
  return figures;
}
