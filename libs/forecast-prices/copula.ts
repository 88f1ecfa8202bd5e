/**
 * How the returns over several horizons of one forecast hang together: a Gaussian copula whose correlations are those of the
 * normal scores (van der Waerden) of the ranks of past PITs. Ranks, so that bands which are too wide or too narrow do not
 * pose as dependence. What a random walk would have, sqrt(h1 / h2) for h1 < h2 since the shorter return is part of the
 * longer, counts as PRIOR_BARS bars: overlapping forecasts tell little, and a young symbol has none. Both parts are
 * correlation matrices, so their weighted mean is one.
 */
import { normalCdf } from './baselines/random-walk.js';

/** Ten spans of the longest usual horizon, 20 bars. */
export const PRIOR_BARS = 200;

/** `pits`: one row per bar whose forecasts are settled at every horizon; [n][H]. Horizons ascending. @returns [H][H] */
export function horizonCorrelations(horizons: readonly number[], pits: readonly (readonly number[])[]): number[][] {
  const n = pits.length;
  const scores = horizons.map((_, h) => normalScores(pits.map((row) => row[h]!)));
  const size = scores.map((own) => own.reduce((sum, z) => sum + z * z, 0));
  const weight = n / (n + PRIOR_BARS);
  return horizons.map((a, i) => horizons.map((b, j) => {
    if (i === j) return 1;
    const walk = Math.sqrt(Math.min(a, b) / Math.max(a, b));
    const both = Math.sqrt(size[i]! * size[j]!);
    // fewer than two bars, or PITs all alike: nothing is known but the walk
    const seen = n > 1 && both > 1e-9 ? scores[i]!.reduce((sum, z, k) => sum + z * scores[j]![k]!, 0) / both : walk;
    return weight * seen + (1 - weight) * walk;
  }));
}

/** Normal quantiles of rank / (n + 1); equal values share their middle rank. */
function normalScores(values: readonly number[]): number[] {
  const n = values.length;
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const scores = new Array<number>(n);
  for (let from = 0; from < n;) {
    let to = from;
    while (to + 1 < n && values[order[to + 1]!] === values[order[from]!]) to += 1;
    const score = normalQuantile(((from + to) / 2 + 1) / (n + 1));
    for (; from <= to; from += 1) scores[order[from]!] = score;
  }
  return scores;
}

/** By bisection on the CDF; level inside (0, 1). */
export function normalQuantile(level: number): number {
  let [low, high] = [-8, 8];
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Lower triangular L with L L' = the matrix; a pivot that rounding has made negative counts as none. */
export function cholesky(matrix: readonly (readonly number[])[]): number[][] {
  const factor = matrix.map(() => new Array<number>(matrix.length).fill(0));
  for (let i = 0; i < matrix.length; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let rest = matrix[i]![j]!;
      for (let k = 0; k < j; k += 1) rest -= factor[i]![k]! * factor[j]![k]!;
      factor[i]![j] = i === j ? Math.sqrt(Math.max(rest, 0)) : factor[j]![j]! > 1e-12 ? rest / factor[j]![j]! : 0;
    }
  }
  return factor;
}
