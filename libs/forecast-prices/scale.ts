/**
 * The unit of the quote model's output. For horizon h, where the symbol's usual session is known (profile.ts):
 *   scale = sqrt(present excess over the usual * usual variance of the next h bars)
 * and where it is not
 *   scale = sqrt((h - k) * sigma^2 + k * sigmaBorder^2)
 * with sigma the running volatility (lambda 0.94, returns within a session), k the session borders that are expected
 * within the next h bars and sigmaBorder the running volatility over such borders. Where no sessions are known
 * (daily bars, crypto) k = 0 and the unit is sigma * sqrt(h).
 */
import { usualVariances } from './profile.js';
import { bordersWithin } from './session.js';
import type { ForecastTracker } from './tracker.js';
import { SIGMA_CEILING, SIGMA_FLOOR, sigmaOf } from './volatility.js';

/** Standard deviations of the log returns to `horizons` (ascending) bars after the tracker's newest bar, as the running volatilities have them. */
export function forecastScales({ last, profile, session, volatilities: { base, border } }: ForecastTracker, horizons: readonly number[]): readonly number[] {
  const usual = last === null ? null : usualVariances(profile, session, last.at, horizons);
  const sigma = sigmaOf(base, SIGMA_FLOOR);
  const overBorder = sigmaOf(border, sigma);
  return horizons.map((horizon, h) => {
    if (usual !== null && !Number.isNaN(usual[h])) return Math.min(Math.max(Math.sqrt(usual[h]!), SIGMA_FLOOR), SIGMA_CEILING * Math.sqrt(horizon));
    const borders = border.weight > 0 && last !== null ? bordersWithin(session, last.at, horizon) : 0;
    return Math.sqrt((horizon - borders) * sigma * sigma + borders * overBorder * overBorder);
  });
}

/** Scale of the random-walk baselines: EWMA(0.94) over all returns, times sqrt(horizon). */
export function baselineScale(tracker: ForecastTracker, horizon: number): number {
  return sigmaOf(tracker.volatilities.walk, SIGMA_FLOOR) * Math.sqrt(horizon);
}
