/** The engine alone on one thread: tokenize, encode in batches by length, step each product's state in rounds; from memory, nothing else. */
import { readFile } from 'node:fs/promises';
import type { EntityState } from '#contracts';
import { roundsByKey } from '#batch-by-key';
import { freshState, reviewFeatures, scoreRounds, type KeyedStep } from '#score-with-state';
import { openModel } from '../../../libs/run-onnx/index.js';
import { createSession } from '../../../libs/run-onnx/session.js';
import { createTextRunner, readModelFiles } from '../../../libs/serve-models/index.js';
import type { BenchReview } from './sample.js';

const BATCH = 1_024;

/** Reviews per second. */
export async function engineAlone(reviews: readonly BenchReview[], folder: string): Promise<number> {
  const files = await readModelFiles(folder, readFile);
  const spec = files.manifest.encoder!;
  const runner = await createTextRunner(createSession, { encoder: spec, model: files.bytes.get(spec.file)!, vocabulary: files.bytes.get(spec.tokenizer.vocabulary)! });
  const model = await openModel(folder, { encoderThreads: 1 });
  const { stepper } = model;
  const temperature = files.manifest.temperature ?? 1;
  const states = new Map<string, EntityState<null>>();
  const begun = performance.now();
  for (let at = 0; at < reviews.length; at += BATCH) {
    const batch = reviews.slice(at, at + BATCH);
    const texts = batch.map(({ text }) => text);
    const packed = await runner.encode(texts, runner.tokenize(texts));
    const events = batch.map((review, row) => ({ review, encoded: packed.read(row, review.text) }));
    const step: KeyedStep<(typeof events)[number], null, number> = {
      entityOf: ({ review }) => review.productId,
      at: ({ review }) => review.reviewedAt,
      labelOf: () => null,
      featuresAt: ({ review, encoded }, lastEventAt) => reviewFeatures(encoded, review, lastEventAt, temperature),
      finish: (_event, tracker, outputs) => ({ tracker, result: outputs['logit']![0]! }),
    };
    const scored = await scoreRounds(stepper, roundsByKey(events, ({ review }) => review.productId), states, (entity) => freshState(entity, stepper, 0n, null), step);
    for (const [entity, state] of scored.states) states.set(entity, state);
  }
  const seconds = (performance.now() - begun) / 1000;
  await model.close();
  return reviews.length / seconds;
}
