/** One thread of the engine alone: half of the reviews, tokenized, encoded in batches by length and, where asked, stepped with their product's history. */
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { EntityState } from '#contracts';
import { roundsByKey } from '#batch-by-key';
import { freshState, reviewFeatures, scoreRounds, type KeyedStep } from '#score-with-state';
import { openModel } from '../../../libs/run-onnx/index.js';
import { createSession } from '../../../libs/run-onnx/session.js';
import { createTextRunner, readModelFiles } from '../../../libs/serve-models/index.js';

export interface EngineReview {
  readonly productId: string;
  readonly text: string;
  readonly rating: number;
  readonly reviewedAt: number;
}

export interface EngineWork {
  readonly folder: string;
  readonly history: boolean;
  readonly reviews: readonly EngineReview[];
}

const BATCH = 1_024;

if (parentPort !== null) {
  const port = parentPort;
  const { folder, history, reviews } = workerData as EngineWork;
  const files = await readModelFiles(folder, readFile);
  const spec = files.manifest.encoder!;
  const runner = await createTextRunner(createSession, { encoder: spec, model: files.bytes.get(spec.file)!, vocabulary: files.bytes.get(spec.tokenizer.vocabulary)! });
  const model = history ? await openModel(folder, { encoderThreads: 1 }) : null;
  const states = new Map<string, EntityState<null>>();
  port.once('message', () => void work().then(() => port.postMessage('done')));
  port.postMessage('ready');

  async function work(): Promise<void> {
    for (let at = 0; at < reviews.length; at += BATCH) {
      const batch = reviews.slice(at, at + BATCH);
      const texts = batch.map(({ text }) => text);
      const packed = await runner.encode(texts, runner.tokenize(texts));
      const events = batch.map((review, row) => ({ review, encoded: packed.read(row, review.text) }));
      if (model === null) continue;
      const { stepper, manifest } = model;
      const step: KeyedStep<(typeof events)[number], null, number> = {
        entityOf: ({ review }) => review.productId,
        at: ({ review }) => review.reviewedAt,
        labelOf: () => null,
        featuresAt: ({ review, encoded }, lastEventAt) => reviewFeatures(encoded, review, lastEventAt, manifest.temperature!),
        finish: (_event, tracker, outputs) => ({ tracker, result: outputs['logit']![0]! }),
      };
      const scored = await scoreRounds(stepper, roundsByKey(events, ({ review }) => review.productId), states, (entity) => freshState(entity, stepper, 0n, null), step);
      for (const [entity, state] of scored.states) states.set(entity, state);
    }
    await model?.close();
  }
}
