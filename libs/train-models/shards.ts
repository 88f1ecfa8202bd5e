/** All shards together: in this thread one after the other, or each in a worker thread. Both give the same bytes. */
import { Worker } from 'node:worker_threads';
import { openShard, SHARDS } from './shard.js';
import type { Batch, SharedTraining } from './shard.js';
import type { ShardRequest } from './shard-worker.js';

export interface Shards {
  /** One step of Adam on one batch; returns its mean loss. */
  step(batch: Batch, step: number, rate: number): Promise<number>;
  close(): Promise<void>;
}

export async function openShards(shared: SharedTraining, threads: number): Promise<Shards> {
  const ask = threads > 1 ? threaded(shared) : await inThisThread(shared);
  const all = async (request: ShardRequest) => {
    const answers: number[] = [];
    if (threads > 1) answers.push(...await Promise.all(ask.map((one) => one(request))));
    else for (const one of ask) answers.push(await one(request));
    return answers.reduce((a, b) => a + b, 0);
  };
  return {
    async step(batch, step, rate) {
      const loss = await all({ phase: 'gradient', batch });
      await all({ phase: 'update', step, rate });
      return loss;
    },
    close: async () => void (await all({ phase: 'close' })),
  };
}

type Ask = (request: ShardRequest) => Promise<number>;

async function inThisThread(shared: SharedTraining): Promise<Ask[]> {
  const shards = await Promise.all(Array.from({ length: SHARDS }, (_, own) => openShard(shared, own)));
  return shards.map((shard) => async (request) => {
    if (request.phase === 'gradient') return shard.gradient(request.batch);
    if (request.phase === 'update') shard.update(request.step, request.rate);
    else await shard.close();
    return 0;
  });
}

function threaded(shared: SharedTraining): Ask[] {
  return Array.from({ length: SHARDS }, (_, own) => {
    const worker = new Worker(new URL('./shard-worker.js', import.meta.url), { workerData: { shared, own } });
    return (request: ShardRequest) => new Promise<number>((done, refuse) => {
      const settle = (answer: { loss?: number; error?: string }) => {
        worker.off('error', refuse);
        if (answer.error === undefined) done(answer.loss!);
        else refuse(new Error(`training thread ${own}: ${answer.error}`));
      };
      worker.once('error', refuse);
      worker.once('message', settle);
      worker.postMessage(request);
    });
  });
}
