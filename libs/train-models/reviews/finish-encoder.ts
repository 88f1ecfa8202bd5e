/**
 * From trained weights to the encoder that is served: the linear part is trained, both are blended and calibrated on the
 * dev set, and what that gives is folded into the weights. A training that goes on from a model has two linear parts: the
 * model's own, and one that learns what the model lacks on texts that it never saw.
 */
import { ENCODER_SIZES, encoderGraph } from '#models';
import type { WordPairWeights } from '#models';
import { fitBlend } from '../metrics.js';
import { encodeSet } from './encode-set.js';
import type { Prepared } from './prepare.js';
import type { TrainedEncoder } from './train-encoder.js';
import { trainWordPairs, wordPairsOf } from './train-word-pairs.js';

export interface FinishedEncoder {
  /** The ONNX file. */
  readonly encoder: Uint8Array;
  /** Of the network's log odds, of each linear part's (the new one first), and what is added. */
  readonly calibration: { readonly network: number; readonly linear: readonly number[]; readonly offset: number };
}

/** Of the model that a training went on from. */
export interface BaseReading {
  readonly linear: WordPairWeights | null;
  /** Its log odds of each text that the linear part is trained on. */
  readonly logits: Float32Array;
}

/** base: null for a training that did not go on from a model. */
export async function finishEncoder(trained: TrainedEncoder, data: Prepared, base: BaseReading | null): Promise<FinishedEncoder> {
  const parts = [trainWordPairs(data, base?.logits ?? null), ...(base === null || base.linear === null ? [] : [wordPairsOf(base.linear, data.set)])];
  const network = (await encodeSet(encoderGraph(ENCODER_SIZES, trained.parameters, trained.table, null), data.set, data.dev, ENCODER_SIZES.vectorSize)).logits;
  const { scales: [ofNetwork, ...ofParts], offset } = fitBlend([network, ...parts.map((part) => part.logits(data.dev))], data.dev.map((i) => Number(data.negative[i])), data.devWeights);
  const head = { 'head.weight': trained.parameters['head.weight']!.map((w) => w * ofNetwork!), 'head.bias': trained.parameters['head.bias']!.map((b) => b * ofNetwork! + offset) };
  const added = (key: keyof WordPairWeights) => parts[0]!.weights[key].map((_, i) => parts.reduce((sum, { weights }, k) => sum + ofParts[k]! * weights[key][i]!, 0));
  return {
    encoder: encoderGraph(ENCODER_SIZES, { ...trained.parameters, ...head }, trained.table, { words: added('words'), pairs: added('pairs') }),
    calibration: { network: ofNetwork!, linear: ofParts, offset },
  };
}
