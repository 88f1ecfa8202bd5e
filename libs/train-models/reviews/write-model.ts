/** Writes a review model's folder: the ONNX files, the vocabulary, the manifest and the card. */
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ModelManifest, type Recalibration, TidewatchError, type TokenizerSpec } from '#contracts';
import { ENCODER_SIZES, HISTORY_SIZES } from '#models';
import { cardAsMarkdown } from './card.js';
import type { ReviewModelCard } from './card.js';

export interface ReviewModelFiles {
  readonly encoder: Uint8Array;
  readonly state: Uint8Array;
  /** The step for whole stretches. */
  readonly sequence: Uint8Array;
  readonly vocabulary: readonly string[];
  readonly spec: TokenizerSpec;
  readonly recalibration: Recalibration;
}

export function writeReviewModel(folder: string, name: string, model: ReviewModelFiles, figures: Omit<ReviewModelCard, 'modelId' | 'files'>): ReviewModelCard {
  const files: Record<string, Uint8Array> = { 'encoder.onnx': model.encoder, 'state.onnx': model.state, 'sequence.onnx': model.sequence, [model.spec.vocabulary]: Buffer.from(`${model.vocabulary.join('\n')}\n`) };
  const hashes = Object.fromEntries(Object.entries(files).map(([file, bytes]) => [file, createHash('sha256').update(bytes).digest('hex')]));
  const modelId = modelIdOf(name, hashes, { sequence: { file: 'sequence.onnx' }, recalibration: model.recalibration });
  const card: ReviewModelCard = { modelId, ...figures, files: Object.fromEntries(Object.entries(files).map(([file, bytes]) => [file, { bytes: bytes.length, sha256: hashes[file]! }])) };
  const json = (value: unknown) => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  writeTogether(folder, { ...files, 'model.json': json(reviewManifest(modelId, model, hashes)), 'card.json': json(card), 'card.md': Buffer.from(cardAsMarkdown(card)) });
  return card;
}

/** Of all that scores depend on. The graph for whole stretches gives the step's own bits: with or without it, it is the same model. */
export function modelIdOf(name: string, hashes: Readonly<Record<string, string>>, { sequence, recalibration }: Pick<ModelManifest['state'], 'sequence' | 'recalibration'>): string {
  const identity = { ...Object.fromEntries(Object.entries(hashes).filter(([file]) => file !== sequence?.file)), ...(recalibration === undefined ? {} : { recalibration }) };
  return `${name}-${createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 8)}`;
}

/** All files beside their places first, then into them: a model that was there is whole until the new one is. */
export function writeTogether(folder: string, files: Readonly<Record<string, Uint8Array>>): void {
  const names = Object.keys(files);
  const beside = (file: string) => join(folder, `${file}.new`);
  const written: string[] = [];
  try {
    mkdirSync(folder, { recursive: true });
    for (const file of names) {
      written.push(file);
      writeFileSync(beside(file), files[file]!);
    }
  } catch (cause) {
    for (const file of written) rmSync(beside(file), { force: true });
    throw new TidewatchError('SETTING_INVALID', `The model could not be written to ${folder} (${(cause as Error).message}); what was there is as it was. Make room, or name another folder with --out, and go on with --resume: what the encoder learnt is kept in ${folder}.`, { cause });
  }
  for (const file of names) renameSync(beside(file), join(folder, file));
}

function reviewManifest(modelId: string, { spec: tokenizer, recalibration }: ReviewModelFiles, hashes: Readonly<Record<string, string>>): ModelManifest {
  const { vectorSize } = ENCODER_SIZES;
  const { featureSize, hiddenSize, memoryPlaces, memorySize } = HISTORY_SIZES;
  return {
    contract: 1,
    modelId,
    stream: 'reviews',
    encoder: {
      file: 'encoder.onnx',
      inputs: [{ name: 'ids', type: 'int32', shape: [-1, tokenizer.slots] }, { name: 'lengths', type: 'int32', shape: [] }],
      outputs: [{ name: 'vector', type: 'float32', shape: [vectorSize] }, { name: 'logit', type: 'float32', shape: [] }, { name: 'attention', type: 'float32', shape: [-1] }],
      tokenizer,
    },
    state: {
      file: 'state.onnx',
      features: { name: 'features', type: 'float32', shape: [featureSize] },
      tensors: [
        { name: 'h', next: 'h_next', type: 'float32', shape: [hiddenSize] },
        { name: 'c', next: 'c_next', type: 'float32', shape: [hiddenSize] },
        { name: 'memory', next: 'memory_next', type: 'float32', shape: [memoryPlaces, memorySize + 1] },
      ],
      outputs: [{ name: 'logit', type: 'float32', shape: [1] }, { name: 'expectation', type: 'float32', shape: [1] }],
      sequence: { file: 'sequence.onnx' },
      recalibration,
    },
    temperature: 1, // calibration is folded into the encoder's last layer
    hashes,
  };
}
