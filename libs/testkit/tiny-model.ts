/** For tests: a review model of the real graphs with seeded weights and a small table, written as a model folder. It has learned nothing. */
import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelManifest } from '#contracts';
import { ENCODER_SIZES, encoderGraph, encoderShapes, HISTORY_SIZES, historyGraph, historySequenceGraph, historyShapes, PAIR_BUCKETS, type Parameters, startParameters, tableRows, type TokenSelection } from '#models';
import { seededRandom } from '#seeded-random';

const WORDS = ['good', 'bad', 'great', 'broken', 'battery', 'screen', 'the', 'it', 'works', 'stopped', 'refund', 'love', 'weeks', 'after'];

export interface TinyModel {
  manifest: ModelManifest;
  files: Record<string, Uint8Array>;
}

export function tinyModel(change: { encoder?: (parameters: Parameters) => void; history?: (parameters: Parameters) => void; selects?: TokenSelection } = {}): TinyModel {
  const { vectorSize, slots } = ENCODER_SIZES;
  const { featureSize, hiddenSize, memoryPlaces, memorySize } = HISTORY_SIZES;
  const tokenizer = { vocabulary: 'vocabulary.txt', vocabularySize: WORDS.length, hashRows: 500, slots, maxTokens: 256 };
  const random = seededRandom(7);
  const encoder = startParameters(encoderShapes(ENCODER_SIZES), random);
  const history = startParameters(historyShapes(HISTORY_SIZES), random);
  change.encoder?.(encoder);
  change.history?.(history);
  const table = Float32Array.from({ length: tableRows(tokenizer) * vectorSize }, (_, i) => (i < vectorSize ? 0 : random() - 0.5));
  const small = (count: number) => Float32Array.from({ length: count }, (_, i) => (i === 0 ? 0 : random() - 0.5));
  const linear = { words: small(tableRows(tokenizer)), pairs: small(1 + PAIR_BUCKETS) };
  const files: Record<string, Uint8Array> = {
    'encoder.onnx': encoderGraph(ENCODER_SIZES, encoder, table, linear, change.selects ?? null),
    'state.onnx': historyGraph(HISTORY_SIZES, history),
    'sequence.onnx': historySequenceGraph(HISTORY_SIZES, history),
    'vocabulary.txt': Buffer.from(WORDS.join('\n') + '\n'),
  };
  const float = (name: string, ...shape: number[]) => ({ name, type: 'float32' as const, shape });
  const manifest: ModelManifest = {
    contract: 1,
    modelId: 'tiny',
    stream: 'reviews',
    encoder: {
      file: 'encoder.onnx',
      inputs: [{ name: 'ids', type: 'int32', shape: [-1, slots] }, { name: 'lengths', type: 'int32', shape: [] }],
      outputs: [float('vector', vectorSize), float('logit'), float('attention', -1)],
      tokenizer,
    },
    state: {
      file: 'state.onnx',
      features: float('features', featureSize),
      tensors: [
        { ...float('h', hiddenSize), next: 'h_next' },
        { ...float('c', hiddenSize), next: 'c_next' },
        { ...float('memory', memoryPlaces, memorySize + 1), next: 'memory_next' },
      ],
      outputs: [float('logit', 1), float('expectation', 1)],
      sequence: { file: 'sequence.onnx' },
    },
    temperature: 1.25,
    hashes: Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')])),
  };
  return { manifest, files };
}

/** @returns the folder */
export function writeModel({ manifest, files }: { manifest: unknown; files: Record<string, Uint8Array> }): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-model-'));
  writeFileSync(join(folder, 'model.json'), typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}
