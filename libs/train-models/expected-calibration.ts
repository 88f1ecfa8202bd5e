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
  /** Bins that hold texts, by ascending probability. */
  readonly bins: readonly CalibrationBin[];
}

export interface CalibrationBin {
  readonly texts: number;
  /** Mean probability stated, and the share that was negative. */
  readonly stated: number;
  readonly observed: number;
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
  return { error: errorOf(probabilities, labels), floor, bins: binsOf(probabilities, labels) };
}

function errorOf(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  const { stated, observed } = sumsOf(probabilities, labels);
  return stated.reduce((sum, value, bin) => sum + Math.abs(value - observed[bin]!), 0) / probabilities.length;
}

function binsOf(probabilities: ArrayLike<number>, labels: ArrayLike<number>): CalibrationBin[] {
  const { texts, stated, observed } = sumsOf(probabilities, labels);
  return [...texts].flatMap((count, bin) => (count === 0 ? [] : [{ texts: count, stated: stated[bin]! / count, observed: observed[bin]! / count }]));
}

/** Per bin: how many, their probabilities and their labels, summed. */
function sumsOf(probabilities: ArrayLike<number>, labels: ArrayLike<number>): { texts: Float64Array; stated: Float64Array; observed: Float64Array } {
  const sums = { texts: new Float64Array(BINS), stated: new Float64Array(BINS), observed: new Float64Array(BINS) };
  for (let i = 0; i < probabilities.length; i++) {
    const bin = Math.min(BINS - 1, Math.floor(probabilities[i]! * BINS));
    sums.texts[bin]! += 1;
    sums.stated[bin]! += probabilities[i]!;
    sums.observed[bin]! += labels[i]!;
  }
  return sums;
}
