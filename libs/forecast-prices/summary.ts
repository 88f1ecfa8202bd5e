/** A few numbers per symbol for SQL and the page; never read back. */
import type { ForecastTracker } from './tracker.js';
import { sigmaOf } from './volatility.js';

export function summarizeForecast(tracker: ForecastTracker): Record<string, number | string | null> {
  const summary: Record<string, number | string | null> = {
    bars: Number(tracker.bar),
    close: tracker.last?.close ?? null,
    sigma: tracker.returns > 0 ? sigmaOf(tracker.volatilities.base, 0) : null,
    walkSigma: tracker.returns > 0 ? sigmaOf(tracker.volatilities.walk, 0) : null,
    pending: tracker.pending.length,
  };
  for (const state of tracker.horizons) {
    const { horizon, settled, recentWeight, recentCovered90, recentCrps, recentCrpsStudentT } = state;
    summary[`settled${horizon}`] = settled;
    summary[`coverage90_${horizon}`] = settled > 0 ? recentCovered90 / recentWeight : null;
    summary[`skill${horizon}`] = settled > 0 && recentCrpsStudentT > 0 ? 1 - recentCrps / recentCrpsStudentT : null;
  }
  return summary;
}
