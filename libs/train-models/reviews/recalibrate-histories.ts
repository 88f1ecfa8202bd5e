/**
 * What stars add to the history part, as the service adds it: of each product, and of all products of a stream together, in
 * time order. Not trained: its priors are the same for every model of ours, chosen once on families of texts that encoders had
 * been trained without and on the dev tenths (docs/review-model.md).
 */
import type { Recalibration } from '#contracts';
import { HISTORY_SIZES, recalibrator, WEIGHTS_BESIDE_VECTOR } from '#models';
import type { OnlineWeights } from '#models';
import type { Lane } from './histories.js';
import type { LabelledText } from './read-texts.js';
import type { HistoryScores } from './train-history.js';

export const RECALIBRATION: Recalibration = { intercept: 0.2, slope: 0.02, vector: 0.01, drift: 3e-5, source: { intercept: 0.05, slope: 0.01, vector: 0.003, drift: 3e-6 } };

const SIZE = HISTORY_SIZES.vectorSize + WEIGHTS_BESIDE_VECTOR;
const fresh = (): OnlineWeights => ({ weights: new Float32Array(SIZE), shrunk: new Float32Array(SIZE) });

/** lanes: whole histories, all of whose reviews have stars; @returns the scores with corrected log odds; expectations are as they were */
export function recalibrateHistories(prior: Recalibration, scores: HistoryScores, lanes: readonly Lane[], reviews: readonly LabelledText[], label: (event: number) => 0 | 1): HistoryScores {
  const { vectorSize: D, featureSize: F } = HISTORY_SIZES;
  const recalibrate = recalibrator(prior, D);
  const logit = new Map<number, number>();
  const bySource = new Map<string, OnlineWeights>();
  const inOrder = lanes.flatMap(({ events, features }) => {
    const product = fresh();
    return events.map((event, step) => ({ event, product, vector: features.subarray(step * F, step * F + D) }));
  }).sort((a, b) => reviews[a.event]!.at! - reviews[b.event]!.at! || a.event - b.event);
  for (const { event, product, vector } of inOrder) {
    const { source: name } = reviews[event]!;
    const source = bySource.get(name) ?? fresh();
    bySource.set(name, source);
    logit.set(event, recalibrate(product, source, scores.logit.get(event)!, vector, label(event) === 1));
  }
  return { ...scores, logit };
}
