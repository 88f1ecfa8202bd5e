/** For tests: the encoder's worker, which ends at once on a text `crash N` if its thread id is at most N. */
import { parentPort, threadId } from 'node:worker_threads';
import type { EncodeJob } from './encoder-worker.js';

parentPort!.on('message', ({ texts }: EncodeJob) => {
  const crash = texts.map((text) => /^crash (\d+)$/.exec(text)?.[1]).find((n) => n !== undefined);
  if (crash !== undefined && threadId <= Number(crash)) process.exit(9);
});
await import('./encoder-worker.js');
