/** A shard in a thread of its own: answers each message when its phase is done. */
import { parentPort, workerData } from 'node:worker_threads';
import { openShard } from './shard.js';
import type { Batch, SharedTraining } from './shard.js';

export type ShardRequest = { readonly phase: 'gradient'; readonly batch: Batch } | { readonly phase: 'update'; readonly step: number; readonly rate: number } | { readonly phase: 'close' };

const { shared, own } = workerData as { shared: SharedTraining; own: number };
const shard = openShard(shared, own);

async function answer(request: ShardRequest): Promise<number> {
  const opened = await shard;
  if (request.phase === 'gradient') return opened.gradient(request.batch);
  if (request.phase === 'update') opened.update(request.step, request.rate);
  else await opened.close();
  return 0;
}

parentPort!.on('message', (request: ShardRequest) => {
  answer(request)
    .then((loss) => parentPort!.postMessage({ loss }), (error: unknown) => parentPort!.postMessage({ error: String(error) }))
    .finally(() => { if (request.phase === 'close') parentPort!.close(); });
});
