/**
 * From the alarm budget to the CUSUM's threshold. Runs begin at negatives, and one passes h with probability about
 * c exp(-h), so rate * c * exp(-h) false alarms are raised per bucket: h = ln(1 + c * rate / budget). The constant c is below one
 * by theory (overshoot, drift); CORRECTION holds what simulation found for it (`node dist/test/bench/surge.js --calibrate`),
 * plug-in baseline, forgetting, guard, gate and volume floor included.
 */
import { DAY_MS, type SurgeSettings } from './settings.js';

/** c of each channel, by over-dispersion: [dispersion, count, share], read by interpolation. */
export const CORRECTION: readonly (readonly [number, number, number])[] = [
  [1, 0.5, 0.4],
  [1.5, 0.8, 1],
  [3, 0.8, 2],
  [5, 1, 2.5],
];

export function thresholdOf(settings: SurgeSettings, channel: 0 | 1, rate: number, dispersion: number): number {
  const budget = (settings.budgetPerDay * settings.bucketMs) / DAY_MS / settings.channels.length;
  return Math.log1p((correctionOf(channel, dispersion) * rate) / budget);
}

function correctionOf(channel: 0 | 1, dispersion: number): number {
  const column = (channel + 1) as 1 | 2;
  let low = CORRECTION[0]!;
  for (const high of CORRECTION) {
    if (dispersion <= high[0]) return high[0] === low[0] ? high[column] : low[column] + ((high[column] - low[column]) * (dispersion - low[0])) / (high[0] - low[0]);
    low = high;
  }
  return low[column];
}
