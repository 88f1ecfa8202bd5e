/**
 * The rival to respect: words and pairs of words, weighted by TF-IDF, under a logistic regression. Term frequencies are
 * damped (1 + log), rows have length one, features seen once are dropped; as scikit-learn's TfidfVectorizer(sublinear_tf,
 * ngram_range=(1, 2), min_df=2) does it. The regression minimises mean log loss + |w|^2 / (2 C n) by averaged stochastic
 * gradient descent (Bottou 2010), seeded. No part of the service: it is trained beside a model to say what the model is worth.
 */
import { normalForms } from '#models';
import { seededRandom } from '#seeded-random';

export interface TfidfClassifier {
  /** Log odds of label 1. */
  score(text: string): number;
  readonly features: number;
}

const EPOCHS = 8;
/** scikit-learn's inverse strength of regularisation: a usual choice for texts, not tuned. */
const C = 3;

interface Row {
  readonly at: Int32Array;
  readonly values: Float64Array;
}

/** labels: 0 or 1, both at least once. */
export function trainTfidf(texts: readonly string[], labels: readonly number[], seed: number): TfidfClassifier {
  if (!labels.includes(0) || !labels.includes(1)) throw new RangeError('texts of one class only: a classifier needs both');
  const documents = new Map<string, number>();
  const counted = texts.map(termsOf);
  for (const terms of counted) for (const term of terms.keys()) documents.set(term, (documents.get(term) ?? 0) + 1);
  const places = new Map<string, number>();
  const idf: number[] = [];
  for (const [term, count] of documents) {
    if (count < 2) continue;
    places.set(term, places.size);
    idf.push(1 + Math.log((1 + texts.length) / (1 + count)));
  }
  const rowOf = (terms: ReadonlyMap<string, number>): Row => {
    const known = [...terms].filter(([term]) => places.has(term));
    const at = Int32Array.from(known, ([term]) => places.get(term)!);
    const values = Float64Array.from(known, ([, count], i) => (1 + Math.log(count)) * idf[at[i]!]!);
    const length = Math.hypot(...values) || 1;
    return { at, values: values.map((v) => v / length) };
  };
  const { weights, bias } = descend(counted.map(rowOf), labels, places.size, seed);
  return { features: places.size, score: (text) => dot(rowOf(termsOf(text)), weights) + bias };
}

function termsOf(text: string): Map<string, number> {
  const words = normalForms(text).filter((form) => form !== '');
  const terms = new Map<string, number>();
  const count = (term: string) => terms.set(term, (terms.get(term) ?? 0) + 1);
  words.forEach((word, i) => {
    count(word);
    if (i > 0) count(`${words[i - 1]!} ${word}`);
  });
  return terms;
}

const dot = ({ at, values }: Row, weights: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < at.length; i++) sum += values[i]! * weights[at[i]!]!;
  return sum;
};

/** Weights are kept as scale * w, so that shrinking all of them costs one product; the average is over the last half of the steps. */
function descend(rows: readonly Row[], labels: readonly number[], size: number, seed: number): { weights: Float64Array; bias: number } {
  const random = seededRandom(seed);
  const lambda = 1 / (C * rows.length);
  const w = new Float64Array(size);
  const weightedSum = new Float64Array(size); // of the changes, by the share of averaged steps that they missed
  let [scale, bias, biasSum, scaleSum, averaged] = [1, 0, 0, 0, 0];
  const steps = EPOCHS * rows.length;
  for (let step = 0; step < steps; step++) {
    const k = Math.floor(random() * rows.length);
    const row = rows[k]!;
    const rate = 8 / (1 + 8 * lambda * step);
    const error = 1 / (1 + Math.exp(-(scale * dot(row, w) + bias))) - labels[k]!;
    scale *= 1 - rate * lambda;
    for (let i = 0; i < row.at.length; i++) {
      const change = (rate * error * row.values[i]!) / scale;
      w[row.at[i]!]! -= change;
      weightedSum[row.at[i]!]! -= change * scaleSum;
    }
    bias -= 0.1 * rate * error / (1 + step / rows.length);
    if (step >= steps / 2) {
      scaleSum += scale;
      biasSum += bias;
      averaged += 1;
    }
  }
  // the sum over averaged steps of scale_t w_t = scaleSum w - sum of (change made at t) scaleSum_t
  return { weights: w.map((value, i) => (scaleSum * value - weightedSum[i]!) / averaged), bias: biasSum / averaged };
}
