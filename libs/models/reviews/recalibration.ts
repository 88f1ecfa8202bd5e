/**
 * What a product's own stars teach about the model's log odds of that product: a logistic regression on top of the model,
 *   logit' = logit + w . x,   x = [1, logit / 2, review vector],
 * learnt online. Before the first review w is normal with mean 0 and the variances of the prior; each review with stars
 * moves w and shrinks its variances by one step of an extended Kalman filter whose covariance is kept diagonal (West,
 * Harrison and Migon 1985 for the model, Puskorius and Feldkamp 1991 for the decoupled filter), after a drift has widened
 * them again. A product without stars keeps w at 0, and so the model's log odds, to the bit.
 */
import type { Recalibration } from '#contracts';

/** Weights beside those of the review vector: of the constant and of the log odds. */
export const WEIGHTS_BESIDE_VECTOR = 2;
const LOGIT_SCALE = 2;
/** Keeps a review of which the model was all but certain from counting without bound. */
const LEAST_INFORMATION = 1e-3;

/** Of one product, both [D + 2]; zeros for a new one. */
export interface ProductWeights {
  readonly weights: Float32Array;
  /** Prior variance minus variance. */
  readonly shrunk: Float32Array;
}

/**
 * logit: the model's log odds, calibrated; vector [D]; negative: what the review's own stars say, null without stars.
 * @returns the corrected log odds, in which the review's own stars have no part; `product` is changed in place by them
 */
export type Recalibrate = (product: ProductWeights, logit: number, vector: Float32Array, negative: boolean | null) => number;

/** vectorSize: D */
export function recalibrator(prior: Recalibration, vectorSize: number): Recalibrate {
  const size = vectorSize + WEIGHTS_BESIDE_VECTOR;
  const priors = new Float64Array(size).fill(prior.vector);
  priors[0] = prior.intercept;
  priors[1] = prior.slope;
  const x = new Float64Array(size);
  x[0] = 1;
  const gains = new Float64Array(size); // variance times x
  return ({ weights, shrunk }, logit, vector, negative) => {
    x[1] = logit / LOGIT_SCALE;
    x.set(vector, WEIGHTS_BESIDE_VECTOR);
    let added = 0;
    for (let j = 0; j < size; j += 1) added += weights[j]! * x[j]!;
    const corrected = logit + added;
    if (negative === null) return corrected;

    const p = 1 / (1 + Math.exp(-corrected));
    const information = Math.max(p * (1 - p), LEAST_INFORMATION);
    let spread = 1 / information; // variance of what the review says, and in the end of the innovation
    for (let j = 0; j < size; j += 1) {
      shrunk[j] = Math.max(0, shrunk[j]! - prior.drift * priors[j]!);
      gains[j] = (priors[j]! - shrunk[j]!) * x[j]!;
      spread += gains[j]! * x[j]!;
    }
    const step = (Number(negative) - p) / information / spread;
    for (let j = 0; j < size; j += 1) {
      weights[j] = weights[j]! + gains[j]! * step;
      shrunk[j] = shrunk[j]! + (gains[j]! * gains[j]!) / spread;
    }
    return corrected;
  };
}
