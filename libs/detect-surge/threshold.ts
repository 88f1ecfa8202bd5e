/**
 * From the alarm budget to the CUSUM's threshold. Runs begin at negatives, and one passes h with probability about
 * c exp(-h), so rate * c * exp(-h) false alarms are raised per bucket: h = ln(1 + c * rate / budget). The constant c is below one
 * by theory (overshoot, drift). CORRECTION is coarse and on the safe side: chosen by hand from runs of
 * `node dist/test/bench/surge.js --part calibrate`; with it 0.1 to 0.75 of the budget is realised (`--part alarms`), plug-in
 * baseline, forgetting, guard, gate and volume floor included. A finer table would buy speed, not fewer alarms.
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
