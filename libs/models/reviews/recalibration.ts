/**
 * What stars teach about the model's log odds: logistic regressions on top of the model, one of the product's own and, where
 * the prior has it, one that all products of a source share,
 *   logit' = logit + (w + s) . x,   x = [1, logit / 2, review vector],
 * learnt online and together. Before the first review w and s are normal with mean 0 and the variances of their priors; each
 * review with stars moves both by one step of an extended Kalman filter whose covariance is kept diagonal (West, Harrison and
 * Migon 1985 for the model, Puskorius and Feldkamp 1991 for the decoupled filter), after a drift has widened the variances
 * again. What the product's own weights say already, the source's need not learn, and the other way round.
 * Without stars all weights stay 0, and the log odds the model's, to the bit.
 */
import type { Recalibration, RecalibrationPrior } from '#contracts';

/** Weights beside those of the review vector: of the constant and of the log odds. */
export const WEIGHTS_BESIDE_VECTOR = 2;
const LOGIT_SCALE = 2;
/** Keeps a review of which the model was all but certain from counting without bound. */
const LEAST_INFORMATION = 1e-3;
/** Above it the numbers of a review vector are no vector's; nothing is learnt from them, so that no weight overflows. */
const LARGEST_SPREAD = 1e30;

/** Of one product or source, both [D + 2]; zeros for a new one. */
export interface OnlineWeights {
  readonly weights: Float32Array;
  /** Prior variance minus variance. */
  readonly shrunk: Float32Array;
}

/**
 * logit: the model's log odds, calibrated; vector [D]; negative: what the review's own stars say, null without stars.
 * @returns the corrected log odds, in which the review's own stars have no part; `product` and `source` are changed in place by them
 */
export type Recalibrate = (product: OnlineWeights, source: OnlineWeights | null, logit: number, vector: Float32Array, negative: boolean | null) => number;

/** vectorSize: D */
export function recalibrator(prior: Recalibration, vectorSize: number): Recalibrate {
  const size = vectorSize + WEIGHTS_BESIDE_VECTOR;
  const own = regression(prior, size);
  const shared = prior.source === undefined ? null : regression(prior.source, size);
  const x = new Float64Array(size);
  x[0] = 1;
  return (product, source, logit, vector, negative) => {
    const common = shared === null || source === null ? null : { regression: shared, weights: source };
    x[1] = logit / LOGIT_SCALE;
    x.set(vector, WEIGHTS_BESIDE_VECTOR);
    const corrected = logit + (dot(product.weights, x) + (common === null ? 0 : dot(common.weights.weights, x)));
    if (!Number.isFinite(corrected)) return logit;
    if (negative === null) return corrected;

    const p = 1 / (1 + Math.exp(-corrected));
    const information = Math.max(p * (1 - p), LEAST_INFORMATION);
    let spread = own.widen(product, x, 1 / information); // variance of what the review says, and in the end of the innovation
    if (common !== null) spread = common.regression.widen(common.weights, x, spread);
    if (!(spread < LARGEST_SPREAD)) return corrected;
    const step = (Number(negative) - p) / information / spread;
    own.move(product, step, spread);
    if (common !== null) common.regression.move(common.weights, step, spread);
    return corrected;
  };
}

function regression(prior: RecalibrationPrior, size: number) {
  const priors = new Float64Array(size).fill(prior.vector);
  priors[0] = prior.intercept;
  priors[1] = prior.slope;
  const gains = new Float64Array(size); // variance times x
  return {
    /** The drift; @returns `spread` and what the weights' variances add to it */
    widen({ shrunk }: OnlineWeights, x: Float64Array, spread: number): number {
      for (let j = 0; j < size; j += 1) {
        shrunk[j] = Math.max(0, shrunk[j]! - prior.drift * priors[j]!);
        gains[j] = (priors[j]! - shrunk[j]!) * x[j]!;
        spread += gains[j]! * x[j]!;
      }
      return spread;
    },
    /** Behind `widen`, of the same review. */
    move({ weights, shrunk }: OnlineWeights, step: number, spread: number): void {
      for (let j = 0; j < size; j += 1) {
        weights[j] = weights[j]! + gains[j]! * step;
        shrunk[j] = shrunk[j]! + (gains[j]! * gains[j]!) / spread;
      }
    },
  };
}

function dot(weights: Float32Array, x: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < x.length; j += 1) sum += weights[j]! * x[j]!;
  return sum;
}
