/**
 * An online anomaly score from 0 to 1 for a plain series: the score at t uses values up to t only. Counts (whole, not negative)
 * are made of equal variance first (Anscombe 1948). Two log likelihood ratios of a moved mean against the mean so far, over the
 * newest point and over the newest few (one, as tuned), with level and scale forgotten; each is read against its own past (tail.ts), so
 * that a restless series must move further than a calm one. One anomaly is one alarm: what follows a high score is for a while scored by how far
 * it lies from the level before it, below what begins an alarm, until it is back there or the new level is the normal. The first 15 % (at most 750 points) only teach and score zero.
 */
import { probationOf } from './nab.js';
import { PastTail } from './tail.js';

export interface SeriesPoint {
  /** As it stood in the file. */
  readonly timestamp: string;
  readonly value: number;
}

export interface SeriesSettings {
  /** Points that the mean and scale remember (1 / e). */
  readonly memory: number;
  /** Points of the longer window. */
  readonly window: number;
  /** So long, as a share of the probationary length, what follows an alarm belongs to it. */
  readonly hold: number;
  /** Meanwhile what is as far from the level before the alarm as the alarm was scores this, what is nearer less: it goes on. No more than what begins an alarm (1/3), or each of its points would be one. */
  readonly lasting: number;
  /** Rarity (-log10 of a tail probability) that scores a half. */
  readonly half: number;
}

export const defaultSeriesSettings: SeriesSettings = { memory: 20, window: 1, hold: 0.5, lasting: 0.3, half: 4 };

/** @returns one score per point */
export function scoreSeries(points: readonly SeriesPoint[], settings: SeriesSettings = defaultSeriesSettings): Float64Array {
  const probation = probationOf(points.length);
  const hold = Math.max(1, Math.round(settings.hold * probation));
  const rate = 1 / settings.memory;
  const tails = [new PastTail(), new PastTail()] as const;
  const scores = new Float64Array(points.length);
  const recent: number[] = [];
  let mean = 0;
  let variance = 0;
  let counts = true;
  let alarmAt = -Infinity;
  let alarm = 0;
  let before = { mean: 0, off: 1 };
  points.forEach(({ value }, t) => {
    counts &&= value >= 0 && Number.isInteger(value);
    const y = counts ? 2 * Math.sqrt(value + 0.375) : value;
    if (t === 0 || (!counts && t > 0 && points[t - 1]!.value === value && variance === 0)) mean = y;
    const floor = counts ? 1 : 1e-4 * Math.max(Math.abs(mean), 1e-6);
    const scale = Math.sqrt(Math.max(variance, floor * floor));
    const z = (y - mean) / scale;
    recent.push(z);
    if (recent.length > settings.window) recent.shift();
    const sum = recent.reduce((a, b) => a + b, 0);
    // Log likelihood ratio of a Gaussian mean moved by what was seen against no move: n mean^2 / 2; its root is on the scale of z
    const statistics = [Math.abs(z), Math.abs(sum) / Math.sqrt(recent.length)] as const;
    const rarity = Math.max(...statistics.map((statistic, i) => tails[i]!.rarity(statistic)));
    if (t >= probation) {
      if (t - alarmAt > hold || rarity > alarm) {
        scores[t] = rarity / (rarity + settings.half);
        if (rarity >= settings.half / 2) {
          before = t - alarmAt > hold ? { mean, off: Math.abs(y - mean) } : { ...before, off: Math.abs(y - before.mean) };
          alarm = rarity;
          alarmAt = t;
        }
      } else {
        scores[t] = settings.lasting * Math.min(1, Math.abs(y - before.mean) / Math.max(before.off, 1e-12));
      }
    }
    statistics.forEach((statistic, i) => tails[i]!.add(statistic));
    const weight = Math.max(rate, 1 / (t + 1));
    const step = Math.min(20, Math.max(-20, z)) * scale;
    variance = t === 0 ? 0 : (1 - weight) * variance + weight * (t < 20 ? (y - mean) ** 2 : step * step);
    mean += weight * (t < 20 ? y - mean : step);
  });
  return scores;
}
