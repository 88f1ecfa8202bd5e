/** Trains the linear part of the encoder: a logistic regression over the words and pairs of words of the training texts. */
import { PAIR_BUCKETS, tableRows, wordPairTerms } from '#models';
import type { WordPairWeights } from '#models';
import { fitLogisticRegression } from '../logistic-regression.js';
import type { SparseRow } from '../logistic-regression.js';
import type { Prepared } from './prepare.js';
import type { TokenizedSet } from './tokenized-set.js';

/** C of the regression, chosen on the dev set. */
const INVERSE_STRENGTH = 6;

export interface TrainedWordPairs {
  readonly weights: WordPairWeights;
  /** Log odds of texts of the set, but for a constant. */
  logits(texts: readonly number[]): Float64Array;
}

/** known: log odds of each training text by a model that never saw it, to which the linear part learns what it lacks; null for none. */
export function trainWordPairs({ set, spec, trainOnce, targets, weights }: Pick<Prepared, 'set' | 'spec' | 'trainOnce' | 'targets' | 'weights'>, known: Float32Array | null): TrainedWordPairs {
  const words = tableRows(spec);
  const fitted = fitLogisticRegression(
    { rows: trainOnce.map((i) => termsOf(set, i, words)), targets: trainOnce.map((i) => targets[i]!), weights: trainOnce.map((i) => weights[i]!), offsets: known },
    { size: words + 1 + PAIR_BUCKETS, inverseStrength: INVERSE_STRENGTH },
  );
  const kept = Float32Array.from(fitted.weights);
  return wordPairsOf({ words: kept.subarray(0, words), pairs: kept.subarray(words) }, set);
}

/** Weights that were trained before. */
export function wordPairsOf(weights: WordPairWeights, set: TokenizedSet): TrainedWordPairs {
  const { words, pairs } = weights;
  const of = (place: number) => (place < words.length ? words[place]! : pairs[place - words.length]!);
  const logitOf = ({ at, values }: SparseRow) => at.reduce((sum, place, i) => sum + values[i]! * of(place), 0);
  return { weights, logits: (texts) => Float64Array.from(texts, (text) => logitOf(termsOf(set, text, words.length))) };
}

/** The terms as the graph weighs them: each as often as it stands, over the root of their number. */
function termsOf({ rows, offsets, lengths, slots }: TokenizedSet, text: number, words: number): SparseRow {
  const from = offsets[text]! * slots;
  const terms = wordPairTerms(rows.subarray(from, from + lengths[text]! * slots), slots);
  const at = Int32Array.from([...terms.words, ...terms.pairs.map((pair) => words + pair)]);
  return { at, values: new Float64Array(at.length).fill(1 / Math.sqrt(Math.max(1, at.length))) };
}
