/**
 * What each product's own stars add to the history part, as the service adds it. Not trained: its prior is the same for
 * every model of ours, chosen once on families of texts that encoders had been trained without (docs/review-model.md).
 */
import type { Recalibration } from '#contracts';
import { HISTORY_SIZES, recalibrator, WEIGHTS_BESIDE_VECTOR } from '#models';
import type { Lane } from './histories.js';
import type { HistoryScores } from './train-history.js';

export const RECALIBRATION: Recalibration = { intercept: 0.2, slope: 0.02, vector: 0.01, drift: 3e-5 };

/** lanes: whole histories, all of whose reviews have stars; @returns the scores with corrected log odds; expectations are as they were */
export function recalibrateHistories(prior: Recalibration, scores: HistoryScores, lanes: readonly Lane[], label: (event: number) => 0 | 1): HistoryScores {
  const { vectorSize: D, featureSize: F } = HISTORY_SIZES;
  const recalibrate = recalibrator(prior, D);
  const logit = new Map<number, number>();
  for (const { events, features } of lanes) {
    const product = { weights: new Float32Array(D + WEIGHTS_BESIDE_VECTOR), shrunk: new Float32Array(D + WEIGHTS_BESIDE_VECTOR) };
    events.forEach((event, step) => {
      logit.set(event, recalibrate(product, scores.logit.get(event)!, features.subarray(step * F, step * F + D), label(event) === 1));
    });
  }
  return { ...scores, logit };
}
