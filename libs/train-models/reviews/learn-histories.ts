/** From the trained encoder and the reviews to the trained history part. */
import { ENCODER_SIZES } from '#models';
import { logLossOf } from '../metrics.js';
import { encodeSet } from './encode-set.js';
import type { EncodedSet } from './encode-set.js';
import { cutHistories, historiesOf, laneOf } from './histories.js';
import type { Prepared } from './prepare.js';
import { trainHistory } from './train-history.js';
import type { HistoryTraining, TrainedHistory } from './train-history.js';

const LONGEST_LANE = 256;

export interface ReadHistories extends Pick<HistoryTraining, 'lanes' | 'devLanes' | 'isDev' | 'label'> {
  /** All reviews as a model meets them in service, where it knows none by heart: those it was trained on with tokens blanked, the others in full. */
  readonly encoded: EncodedSet;
  /** Share of tokens that were blanked for training. */
  readonly blanks: number;
}
export type LearntHistories = TrainedHistory & Pick<ReadHistories, 'encoded' | 'blanks'>;

export async function learnHistories(data: Prepared, encoder: Uint8Array, options: Pick<HistoryTraining, 'start' | 'seed' | 'epochs' | 'signal' | 'onProgress'>): Promise<LearntHistories> {
  const { encoded, blanks, ...lanes } = await readHistories(data, encoder, options.seed);
  return { ...await trainHistory({ ...lanes, ...options, without: null }), encoded, blanks };
}

/**
 * The encoder knows its own training texts better than it will know new ones; a history part that learnt from them would
 * trust the text too much. So it learns from texts with tokens blanked, just so many that the encoder errs on them as
 * often as on the dev set.
 */
export async function readHistories(data: Prepared, encoder: Uint8Array, seed: number): Promise<ReadHistories> {
  const { reviews, parts, set } = data;
  const label = (event: number): 0 | 1 => (data.negative[event] ? 1 : 0);
  const everything = reviews.map((_, i) => i);
  const dev = everything.filter((i) => parts[i] === 'dev');
  const trainedOn = everything.filter((i) => parts[i] === 'train');
  const inFull = await encodeSet(encoder, set, everything, ENCODER_SIZES.vectorSize);
  const meanLoss = (events: readonly number[], logits: Float32Array) => events.reduce((sum, i) => sum + logLossOf(logits[i]!, label(i)), 0) / events.length;
  const devLossOfText = meanLoss(dev, inFull.logits);
  let blanks = 0;
  let blanked = inFull;
  while (blanks < 0.5 && meanLoss(trainedOn, blanked.logits) < devLossOfText) {
    blanks = Math.round((blanks + 0.1) * 10) / 10;
    blanked = await encodeSet(encoder, set, everything, ENCODER_SIZES.vectorSize, { share: blanks, seed });
  }
  const encoded = mixed(inFull, blanked, trainedOn);
  const histories = historiesOf(reviews);
  const lanes = cutHistories(histories.map((events) => events.filter((i) => parts[i] === 'train')).filter((events) => events.length > 0), LONGEST_LANE).map((events) => laneOf(events, reviews, blanked));
  const devLanes = histories.filter((events) => events.some((i) => parts[i] === 'dev')).map((events) => laneOf(events.filter((i) => parts[i] !== 'test'), reviews, encoded));
  return { lanes, devLanes, isDev: (event) => parts[event] === 'dev', label, encoded, blanks };
}

/** `one`, but at `places` the other. */
function mixed(one: EncodedSet, other: EncodedSet, places: readonly number[]): EncodedSet {
  const result = { logits: one.logits.slice(), vectors: one.vectors.slice() };
  const { vectorSize } = ENCODER_SIZES;
  for (const i of places) {
    result.logits[i] = other.logits[i]!;
    result.vectors.set(other.vectors.subarray(i * vectorSize, (i + 1) * vectorSize), i * vectorSize);
  }
  return result;
}
