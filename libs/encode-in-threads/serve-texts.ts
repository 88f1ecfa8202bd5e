/**
 * An encoder's worker thread: strings in, one packed buffer out; tokenization happens here, so that the main thread
 * stays free. Says `ready` once its session fits the manifest, or `unfit` with what differs. Each engine has a module of its own that
 * calls this in the thread.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type CreateSession, createTextRunner, type EncoderFiles } from '#serve-models';

export interface EncodeJob {
  readonly id: number;
  readonly texts: readonly string[];
}

export type WorkerReply =
  | { readonly kind: 'ready'; readonly vectorSize: number }
  | { readonly kind: 'unfit'; readonly reason: string }
  | { readonly kind: 'done'; readonly id: number; readonly rows: ArrayBuffer }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string };

export async function serveTexts(createSession: CreateSession): Promise<void> {
  const port = parentPort!;
  const reply = (message: WorkerReply, moved: ArrayBuffer[] = []) => port.postMessage(message, moved);
  try {
    const runner = await createTextRunner(createSession, workerData as EncoderFiles);
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
