/**
 * The encoder's worker thread: strings in, one packed buffer out; tokenization happens here, so that the main thread
 * stays free. Says `ready` once its session fits the manifest, or `unfit` with what differs.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { createTextRunner, type EncoderFiles } from './encode-texts.js';

export interface EncodeJob {
  readonly id: number;
  readonly texts: readonly string[];
}

export type WorkerReply =
  | { readonly kind: 'ready'; readonly vectorSize: number }
  | { readonly kind: 'unfit'; readonly reason: string }
  | { readonly kind: 'done'; readonly id: number; readonly rows: ArrayBuffer }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string };

if (parentPort !== null) await serve(parentPort);

async function serve(port: NonNullable<typeof parentPort>): Promise<void> {
  const reply = (message: WorkerReply, moved: ArrayBuffer[] = []) => port.postMessage(message, moved);
  try {
    const runner = await createTextRunner(workerData as EncoderFiles);
    let before = Promise.resolve(); // one job at a time: a run blocks this thread anyway
    port.on('message', ({ id, texts }: EncodeJob) => {
      before = before.then(() => runner.encode(texts, runner.tokenize(texts))).then(
        ({ buffer }) => reply({ kind: 'done', id, rows: buffer }, [buffer]),
        (error: unknown) => reply({ kind: 'failed', id, reason: reasonOf(error) }),
      );
    });
    reply({ kind: 'ready', vectorSize: runner.vectorSize });
  } catch (error) {
    reply({ kind: 'unfit', reason: reasonOf(error) });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
