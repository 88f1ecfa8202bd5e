/**
 * Expected calibration error: texts in 15 equal bins of the stated probability, the gap between stated and observed share
 * in each, weighted by its texts (Guo and others 2017). A perfectly calibrated model shows a gap too, by chance: `floor` is
 * the mean of what it would show on as many texts with the same probabilities, by simulation from a seed.
 */
import { seededRandom } from '#seeded-random';

const BINS = 15;
const ROUNDS = 200;

export interface CalibrationFigures {
  readonly error: number;
  readonly floor: number;
}

/** probabilities of label 1 in 0..1; labels 0 or 1. */
export function expectedCalibration(probabilities: ArrayLike<number>, labels: ArrayLike<number>, seed = 1): CalibrationFigures {
  const random = seededRandom(seed);
  const drawn = new Uint8Array(probabilities.length);
  let floor = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < drawn.length; i++) drawn[i] = Number(random() < probabilities[i]!);
    floor += errorOf(probabilities, drawn) / ROUNDS;
  }
  return { error: errorOf(probabilities, labels), floor };
}

function errorOf(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  const gaps = new Float64Array(BINS); // stated minus observed, summed
  for (let i = 0; i < probabilities.length; i++) gaps[Math.min(BINS - 1, Math.floor(probabilities[i]! * BINS))]! += probabilities[i]! - labels[i]!;
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / probabilities.length;
}
