/** The guard before a tracker goes on: no number that a bar can have changed may be NaN or infinite. */
import type { ForecastTracker } from './tracker.js';
import type { RunningVariance } from './volatility.js';

const zero = ({ sum, weight }: RunningVariance): number => 0 * sum + 0 * weight;

/**
 * Zero times anything finite is zero, times anything else NaN: one sum tells for all, without a branch per number. What waits is left out: its
 * numbers are the model's, and were found finite when it was made.
 */
export function isFinite({ returns, last, session, volatilities: v, profile, jumps, volume, lastZ, autocorrelation, horizons, widening }: ForecastTracker): boolean {
  let sum = 0 * (returns + lastZ + autocorrelation + widening + (last === null ? 0 : last.at + last.close)) + zero(volume);
  sum += 0 * ((session.logGap ?? 0) + session.gaps + session.startedAt + session.bars + (session.usualSpan ?? 0) + (session.usualBars ?? 0) + session.regular);
  sum += zero(v.fast) + zero(v.base) + zero(v.slow) + zero(v.slowest) + zero(v.range) + zero(v.rangeSlow) + zero(v.opening) + zero(v.daytime) + zero(v.absolute) + zero(v.border) + zero(v.walk);
  sum += zero(profile.excessFast) + zero(profile.excess) + zero(profile.excessSlow);
  for (const slot of profile.slots) sum += zero(slot);
  for (const at of jumps) sum += 0 * at;
  for (const { horizon, offsets, settled, recentWeight, recentCovered90, recentCrps, recentCrpsStudentT } of horizons) {
    sum += 0 * horizon + 0 * settled + 0 * recentWeight + 0 * recentCovered90 + 0 * recentCrps + 0 * recentCrpsStudentT;
    for (const offset of offsets) sum += 0 * offset;
  }
  return sum === 0;
}
