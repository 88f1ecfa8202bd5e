/**
 * The unit of the quote model's output. For horizon h, where the symbol's usual session is known (profile.ts):
 *   scale = sqrt(present excess over the usual * usual variance of the next h bars)
 * and where it is not
 *   scale = sqrt((h - k) * sigma^2 + k * sigmaBorder^2)
 * with sigma the running volatility (lambda 0.94, returns within a session), k the session borders that are expected
 * within the next h bars and sigmaBorder the running volatility over such borders. Where no sessions are known
 * (daily bars, crypto) k = 0 and the unit is sigma * sqrt(h).
 */
import { usualVariance } from './profile.js';
import { bordersWithin } from './session.js';
import type { ForecastTracker } from './tracker.js';
import { SIGMA_CEILING, SIGMA_FLOOR, sigmaOf } from './volatility.js';

/** Standard deviation of the log return to `horizon` bars after the tracker's newest bar, as the running volatilities have it. */
export function forecastScale(tracker: ForecastTracker, horizon: number): number {
  const usual = tracker.last === null ? null : usualVariance(tracker.profile, tracker.session, tracker.last.at, horizon);
  if (usual !== null) return Math.min(Math.max(Math.sqrt(usual), SIGMA_FLOOR), SIGMA_CEILING * Math.sqrt(horizon));
  const { base, border } = tracker.volatilities;
  const sigma = sigmaOf(base, SIGMA_FLOOR);
  const borders = border.weight > 0 && tracker.last !== null ? bordersWithin(tracker.session, tracker.last.at, horizon) : 0;
  const overBorder = sigmaOf(border, sigma);
  return Math.sqrt((horizon - borders) * sigma * sigma + borders * overBorder * overBorder);
}

/** Scale of the random-walk baselines: EWMA(0.94) over all returns, times sqrt(horizon). */
export function baselineScale(tracker: ForecastTracker, horizon: number): number {
  return sigmaOf(tracker.volatilities.walk, SIGMA_FLOOR) * Math.sqrt(horizon);
}
