/**
 * The TextEncoder port over worker threads. Requests of all partitions meet here: what has gathered while the threads
 * were busy becomes one wave, sorted by length so that texts of like length run together, cut into jobs, long ones
 * first. Each request gets its texts back in its own order. Under low load a wave is a single request and goes at once.
 */
import { type EncodedText, type TextEncoder, TidewatchError } from '#contracts';
import { type EncoderFiles, PackedRows } from '#serve-models';
import { WorkerPool } from './worker-pool.js';

/** Enough rows for ONNX Runtime to reach its peak, few enough that two threads end a wave together. */
const MOST_TEXTS_PER_JOB = 128;
const FEWEST_TEXTS_PER_JOB = 16;
/** About 20 ms of work for one thread. */
const MOST_CHARACTERS_PER_JOB = 48_000;

interface Request {
  readonly texts: readonly string[];
  readonly encoded: EncodedText[];
  left: number;
  readonly done: (encoded: readonly EncodedText[]) => void;
  readonly failed: (error: unknown) => void;
}

interface Item {
  readonly request: Request;
  readonly index: number;
  readonly text: string;
}

export interface ThreadedEncoder extends TextEncoder {
  /** For tests and health: ids of the threads that are alive. */
  readonly threadIds: readonly number[];
}

/** @param options entry: the engine's worker, a module that calls serveTexts; @throws MODEL_INVALID */
export async function startTextEncoder(files: EncoderFiles, options: { modelId: string; threads: number; entry: URL }): Promise<ThreadedEncoder> {
  const jobs: Item[][] = [];
  let gathered: Request[] = [];
  let meeting = false;
  let closing = false;
  const open = new Set<Request>();
  let drained: () => void = () => undefined;

  const { pool, vectorSize } = await WorkerPool.start(files, options);
  pool.becameFree = feed;

  function feed(): void {
    while (pool.free > 0) {
      if (jobs.length === 0) {
        jobs.push(...cutWave(gathered, options.threads));
        gathered = [];
      }
      const job = jobs.shift();
      if (job === undefined) return;
      void start(job);
    }
  }

  async function start(job: readonly Item[]): Promise<void> {
    try {
      const rows = new PackedRows(await pool.run(job.map(({ text }) => text)), vectorSize);
      job.forEach(({ request, index, text }, row) => {
        request.encoded[index] = rows.read(row, text);
        request.left -= 1;
        if (request.left === 0) settle(request, () => request.done(request.encoded));
      });
    } catch (error) {
      for (const { request } of job) settle(request, () => request.failed(error));
    }
  }

  function settle(request: Request, how: () => void): void {
    if (!open.delete(request)) return; // failed already with another of its jobs
    how();
    if (open.size === 0) drained();
  }

  return {
    modelId: options.modelId,
    vectorSize,
    get threadIds() {
      return pool.threadIds;
    },
    encode(texts) {
      if (closing) return Promise.reject(new TidewatchError('MODEL_OUTPUT_INVALID', `The encoder of model ${options.modelId} is closed; texts were given to it after close().`));
      if (texts.length === 0) return Promise.resolve([]);
      return new Promise((done, failed) => {
        const request: Request = { texts, encoded: new Array<EncodedText>(texts.length), left: texts.length, done, failed };
        open.add(request);
        gathered.push(request);
        if (meeting) return;
        meeting = true;
        setImmediate(() => { // partitions whose messages came in the same turn of the loop meet in one wave
          meeting = false;
          feed();
        });
      });
    },
    async close() {
      closing = true;
      if (open.size > 0) await new Promise<void>((resolve) => (drained = resolve));
      await pool.close();
    },
  };
}

/** All gathered texts, longest first, in jobs of like length. */
function cutWave(requests: readonly Request[], threads: number): Item[][] {
  const items = requests.flatMap((request) => request.texts.map((text, index) => ({ request, index, text })));
  items.sort((a, b) => b.text.length - a.text.length);
  const most = Math.min(MOST_TEXTS_PER_JOB, Math.max(FEWEST_TEXTS_PER_JOB, Math.ceil(items.length / threads)));
  const jobs: Item[][] = [];
  let job: Item[] = [];
  let characters = 0;
  for (const item of items) {
    if (job.length > 0 && (job.length >= most || characters + item.text.length > MOST_CHARACTERS_PER_JOB)) {
      jobs.push(job);
      job = [];
      characters = 0;
    }
    job.push(item);
    characters += item.text.length;
  }
  if (job.length > 0) jobs.push(job);
  return jobs;
}
