/**
 * A fixed number of encoder threads and the jobs in front of them. Each thread has at most two jobs: one that it works on
 * and one that waits inside it, so that it never idles for a round trip. A thread that dies is replaced and its jobs are
 * done once more; a job whose thread dies twice fails with the reason.
 */
import { Worker } from 'node:worker_threads';
import { TidewatchError } from '#contracts';
import type { EncoderFiles } from '#serve-models';
import type { EncodeJob, WorkerReply } from './serve-texts.js';

const JOBS_PER_THREAD = 2;
const MOST_ATTEMPTS = 2;

interface Job {
  readonly id: number;
  readonly texts: readonly string[];
  readonly done: (rows: ArrayBuffer) => void;
  readonly failed: (error: TidewatchError) => void;
  attempts: number;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, Job>;
  ready: boolean;
}

export class WorkerPool {
  private readonly threads = new Set<Thread>();
  private readonly waiting: Job[] = [];
  /** Called whenever a thread could take another job and none is waiting. */
  becameFree: () => void = () => undefined;
  private nextId = 0;
  private closing = false;

  private constructor(private readonly files: EncoderFiles, private readonly modelId: string, private readonly entry: URL) {}

  /** @throws MODEL_INVALID when the model does not fit its manifest */
  static async start(files: EncoderFiles, options: { modelId: string; threads: number; entry: URL }): Promise<{ pool: WorkerPool; vectorSize: number }> {
    const pool = new WorkerPool(files, options.modelId, options.entry);
    try {
      const sizes = await Promise.all(Array.from({ length: options.threads }, () => pool.startThread()));
      return { pool, vectorSize: sizes[0]! };
    } catch (error) {
      await pool.close();
      throw error;
    }
  }

  get threadIds(): readonly number[] {
    return [...this.threads].map(({ worker }) => worker.threadId);
  }

  /** Jobs that threads could take at once. */
  get free(): number {
    let free = (this.threads.size === 0 ? 1 : 0) - this.waiting.length; // without any thread, a job is what starts one
    for (const { ready, jobs } of this.threads) if (ready) free += JOBS_PER_THREAD - jobs.size;
    return Math.max(0, free);
  }

  run(texts: readonly string[]): Promise<ArrayBuffer> {
    return new Promise((done, failed) => {
      this.waiting.push({ id: (this.nextId += 1), texts, done, failed, attempts: 0 });
      if (this.threads.size === 0) this.restart('it could not be started before');
      else this.dispatch();
    });
  }

  /** Ends the threads; what they still had fails. */
  async close(): Promise<void> {
    this.closing = true;
    await Promise.all([...this.threads].map(({ worker }) => worker.terminate()));
    this.failWaiting('the encoder was closed');
  }

  private dispatch(): void {
    while (this.waiting.length > 0) {
      const thread = this.leastBusy();
      if (thread === null) return;
      const job = this.waiting.shift()!;
      job.attempts += 1;
      if (thread.jobs.size === 0) thread.worker.ref(); // a process with work in hand stays alive; an idle encoder keeps none
      thread.jobs.set(job.id, job);
      thread.worker.postMessage({ id: job.id, texts: job.texts } satisfies EncodeJob);
    }
  }

  private leastBusy(): Thread | null {
    let best: Thread | null = null;
    for (const thread of this.threads) {
      if (thread.ready && thread.jobs.size < JOBS_PER_THREAD && (best === null || thread.jobs.size < best.jobs.size)) best = thread;
    }
    return best;
  }

  private startThread(): Promise<number> {
    const worker = new Worker(this.entry, { workerData: this.files, name: `encoder ${this.modelId}` });
    const thread: Thread = { worker, jobs: new Map(), ready: false };
    this.threads.add(thread);
    return new Promise((started, refused) => {
      let reason = 'it ended without a reason';
      worker.on('message', (reply: WorkerReply) => {
        switch (reply.kind) {
          case 'ready':
            thread.ready = true;
            worker.unref();
            started(reply.vectorSize);
            this.taken(thread);
            break;
          case 'unfit':
            reason = reply.reason;
            void worker.terminate();
            break;
          case 'done':
            this.finish(thread, reply.id)?.done(reply.rows);
            this.taken(thread);
            break;
          case 'failed':
            this.finish(thread, reply.id)?.failed(new TidewatchError('MODEL_OUTPUT_INVALID', `The encoder of model ${this.modelId} failed: ${reply.reason}. Check the model with \`tidewatch doctor\`.`));
            this.taken(thread);
        }
      });
      worker.on('error', (error: unknown) => (reason = error instanceof Error ? error.message : String(error)));
      worker.on('exit', () => {
        this.threads.delete(thread);
        if (!thread.ready) refused(new TidewatchError('MODEL_INVALID', `The encoder of model ${this.modelId} cannot be served: ${reason}.`));
        else if (!this.closing) this.replace(thread, reason);
        else for (const job of thread.jobs.values()) job.failed(this.lost(reason));
      });
    });
  }

  private taken(thread: Thread): void {
    this.dispatch();
    if (thread.jobs.size < JOBS_PER_THREAD) this.becameFree();
  }

  private finish(thread: Thread, id: number): Job | undefined {
    const job = thread.jobs.get(id);
    thread.jobs.delete(id);
    if (thread.jobs.size === 0) thread.worker.unref();
    return job;
  }

  private replace(dead: Thread, reason: string): void {
    for (const job of [...dead.jobs.values()].reverse()) {
      if (job.attempts >= MOST_ATTEMPTS) job.failed(this.lost(reason));
      else this.waiting.unshift(job);
    }
    this.restart(reason);
    this.dispatch();
  }

  private restart(reason: string): void {
    this.startThread().catch(() => {
      if (this.threads.size > 0) return; // the others carry on
      this.failWaiting(`its thread died (${reason}) and could not be started again`);
      this.becameFree();
    });
  }

  private failWaiting(reason: string): void {
    for (const job of this.waiting.splice(0)) job.failed(this.lost(reason));
  }

  private lost(reason: string): TidewatchError {
    return new TidewatchError('MODEL_OUTPUT_INVALID', `The encoder of model ${this.modelId} gave no answer: ${reason}. Look for memory limits on this process, then start it again.`);
  }
}
