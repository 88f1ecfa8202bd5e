/** The rivals that people build themselves: a fixed number an hour, three sigma of the last weeks, a Poisson CUSUM. */
import type { Alarm } from './alarms.js';

/** Negatives since the hour began, at each negative. `jitter` in [0, 1) breaks ties, so that any false-alarm rate can be met exactly. */
export function fixedThresholdAlarms(negatives: readonly number[], jitter: () => number): Alarm[] {
  let hour = -1;
  let count = 0;
  return negatives.map((at) => {
    const now = Math.floor(at * 24);
    count = now === hour ? count + 1 : 1;
    hour = now;
    return { at, score: count + jitter() };
  });
}

/** Standard deviations above the mean of the `window` buckets before. */
export function rollingScores(counts: ArrayLike<number>, window: number): Float64Array {
  const scores = new Float64Array(counts.length).fill(-Infinity);
  let sum = 0;
  let squares = 0;
  for (let t = 0; t < counts.length; t += 1) {
    if (t >= window) {
      const mean = sum / window;
      scores[t] = (counts[t]! - mean) / Math.max(1e-3, Math.sqrt(Math.max(0, squares / window - mean * mean)));
      sum -= counts[t - window]!;
      squares -= counts[t - window]! ** 2;
    }
    sum += counts[t]!;
    squares += counts[t]! ** 2;
  }
  return scores;
}

/**
 * Page's CUSUM for a Poisson rate risen by `ratio` (Lucas 1985), continuous in time, with the mean rate of the newest `days` days
 * plugged in. It starts anew after `days` of history.
 */
export function cusumAlarms(negatives: readonly number[], ratio: number, days: number): Alarm[] {
  const alarms: Alarm[] = [];
  let value = 0;
  let before = 0;
  let oldest = 0;
  negatives.forEach((at, i) => {
    while (negatives[oldest]! < at - days) oldest += 1;
    const rate = Math.max(0.5, i - oldest) / Math.min(Math.max(at, 1), days);
    value = Math.max(0, value - (ratio - 1) * rate * (at - before)) + Math.log(ratio);
    before = at;
    if (at >= days) alarms.push({ at, score: value });
  });
  return alarms;
}
