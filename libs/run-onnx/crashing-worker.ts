/**
 * For tests: an encoder's worker that ends at once on a text `crash N ...` if its thread id is at most N. It loads the engine only
 * for the first text it reads: a thread that ends with the engine loaded, beside one that is just loading it, aborts the whole
 * process now and then (seen with onnxruntime-node 1.30), and that is not what these tests are about.
 */
import { parentPort, threadId, workerData } from 'node:worker_threads';
import type { EncodeJob } from '#encode-in-threads';
import { createTextRunner, type EncoderFiles } from '#serve-models';

const port = parentPort!;
const files = workerData as EncoderFiles;
const load = async () => createTextRunner((await import('./session.js')).createSession, files);
let runner: ReturnType<typeof load> | null = null;
let before = Promise.resolve();
port.on('message', ({ id, texts }: EncodeJob) => {
  const crash = texts.map((text) => /^crash (\d+)/.exec(text)?.[1]).find((n) => n !== undefined);
  if (crash !== undefined && threadId <= Number(crash)) process.exit(9);
  before = before.then(async () => {
    const engine = await (runner ??= load());
    const { buffer } = await engine.encode(texts, engine.tokenize(texts));
    port.postMessage({ kind: 'done', id, rows: buffer }, [buffer]);
  });
});
port.postMessage({ kind: 'ready', vectorSize: files.encoder.outputs.find(({ name }) => name === 'vector')!.shape[0]! });
