/**
 * Finds the threshold's factor for one kind of product by stochastic approximation: simulate, compare realised with asked, correct,
 * with ever more alarms. Rates, share and seeds differ from those of the proof. An over-dispersed product never gets less than the
 * theory's threshold: its days may swing, as simulated here, or it may be posted in batches, where the same dispersion comes at once.
 */
import { measureAlarms, burnInDays } from './simulate-cell.js';
import { simulateStream } from './simulate-stream.js';
import { observeReview } from './observe.js';
import { normalOf } from './baseline.js';
import { surgeSettings } from './settings.js';
import { freshSurgeTracker } from './tracker.js';
import type { TableNode } from './table-node.js';
import { BUDGET_DAYS } from './threshold.js';

export const CALIBRATION_RATES = [0.1, 0.3, 1, 3, 10, 30] as const;
export const CALIBRATION_SIZES = [Infinity, 4, 1.25] as const;
export const CALIBRATION_SHARE = 0.15;
/** Alarms expected in each round. */
const ROUNDS = [40, 100, 200, 400] as const;
/** A factor beyond these is no use: the volume floor or the warm-up decides there. */
const [LEAST, MOST] = [Math.log(0.02), Math.log(50)] as const;

export function calibrateNode(rate: number, size: number, seed: number, effort = 1): TableNode {
  const stream = { rate, size, share: CALIBRATION_SHARE };
  const logs = BUDGET_DAYS.map((budgetDays, b) => {
    let log = 0;
    ROUNDS.forEach((alarms, round) => {
      const { ratio } = measureAlarms({ stream, budgetDays, seed: seed + b * 7919 + round * 104_729, reviews: 3_000_000 * effort, alarms: Math.ceil(alarms * effort), settings: { thresholdFactor: Math.exp(log) } });
      log = Math.min(MOST, Math.max(LEAST, log + 0.9 * Math.log(Math.min(8, Math.max(0.1, ratio)))));
    });
    return Math.round((Number.isFinite(size) ? Math.max(0, log) : log) * 1000) / 1000;
  });
  return { rate, size: Number.isFinite(size) ? size : null, dispersion: Math.round(dispersionOf(rate, size, seed) * 1000) / 1000, logs };
}

/** What the detector measures as over-dispersion of such a product, mean over time. */
function dispersionOf(rate: number, size: number, seed: number): number {
  const settings = surgeSettings({ thresholdFactor: 50 });
  const days = burnInDays({ rate, size, share: 1 }) + 400;
  let tracker = freshSurgeTracker({});
  let [sum, n, bucket] = [0, 0, 0];
  for (const observation of simulateStream({ rate, size, share: CALIBRATION_SHARE }, days, seed)) {
    tracker = observeReview(settings, tracker, observation, 'simulated').tracker;
    if (tracker.bucket === bucket) continue;
    bucket = tracker.bucket;
    sum += Math.log(normalOf(settings, tracker).countDispersion);
    n += 1;
  }
  return Math.max(1, Math.exp(sum / n));
}
