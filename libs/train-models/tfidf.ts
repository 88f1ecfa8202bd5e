/**
 * The rival to respect: words and pairs of words, weighted by TF-IDF, under a logistic regression. Term frequencies are
 * damped (1 + log), rows have length one, features seen once are dropped; as scikit-learn's TfidfVectorizer(sublinear_tf,
 * ngram_range=(1, 2), min_df=2) does it. No part of the service: it is trained beside a model to say what the model is worth.
 */
import { normalForms } from '#models';
import { dot, fitLogisticRegression } from './logistic-regression.js';
import type { SparseRow } from './logistic-regression.js';

export interface TfidfClassifier {
  /** Log odds of label 1. */
  score(text: string): number;
  readonly features: number;
}

/** scikit-learn's inverse strength of regularisation: a usual choice for texts, not tuned. */
const C = 3;

/** labels: 0 or 1, both at least once. */
export function trainTfidf(texts: readonly string[], labels: readonly number[]): TfidfClassifier {
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
  const rowOf = (terms: ReadonlyMap<string, number>): SparseRow => {
    const known = [...terms].filter(([term]) => places.has(term));
    const at = Int32Array.from(known, ([term]) => places.get(term)!);
    const values = Float64Array.from(known, ([, count], i) => (1 + Math.log(count)) * idf[at[i]!]!);
    const length = Math.hypot(...values) || 1;
    return { at, values: values.map((v) => v / length) };
  };
  const { weights, bias } = fitLogisticRegression({ rows: counted.map(rowOf), targets: labels, weights: null, offsets: null }, { size: places.size, inverseStrength: C });
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
