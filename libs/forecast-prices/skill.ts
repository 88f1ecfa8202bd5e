/**
 * Whether forecasts lose less than a rival's, and whether the median says anything about direction.
 *
 * Diebold and Mariano (1995): the mean of the loss differences over its standard error. Forecasts h bars ahead overlap, so
 * neighbouring differences are correlated up to lag h - 1; the variance of the mean counts those lags in full. Harvey,
 * Leybourne and Newbold (1997) correct the statistic for small samples and take it from Student's t with n - 1 degrees.
 * Autocovariances that add up to nothing or less (possible with full weights) are weighted as Bartlett does.
 */
import { cdfT, studentT } from './baselines/student-t.js';

export interface LossTest {
  readonly forecasts: number;
  /** Mean of loss - rival's loss: below 0 is better than the rival. */
  readonly mean: number;
  readonly statistic: number;
  /** Probability of so low a statistic where both lose alike. */
  readonly pBetter: number;
  /** Of one so far from 0, either way. */
  readonly pTwoSided: number;
}

/** Fewer say nothing; nor do fewer than three spans of the horizon. */
export const FEWEST = 30;

/** `differences`: loss - rival's loss in the order the forecasts were made, one a bar. null: too few, or all alike. */
export function dieboldMariano(differences: ArrayLike<number>, horizon: number, degrees = differences.length - 1): LossTest | null {
  const n = differences.length;
  if (n < FEWEST || n < 3 * horizon) return null;
  let mean = 0;
  for (let i = 0; i < n; i += 1) mean += differences[i]! / n;
  const covariance = (lag: number): number => {
    let sum = 0;
    for (let i = lag; i < n; i += 1) sum += (differences[i]! - mean) * (differences[i - lag]! - mean);
    return sum / n;
  };
  let [full, bartlett] = [covariance(0), covariance(0)];
  for (let lag = 1; lag < horizon; lag += 1) {
    const c = covariance(lag);
    full += 2 * c;
    bartlett += 2 * (1 - lag / horizon) * c;
  }
  const variance = full > 0 ? full : bartlett;
  if (!(variance > 0)) return null;
  const corrected = Math.sqrt((n + 1 - 2 * horizon + (horizon * (horizon - 1)) / n) / n);
  const statistic = (mean / Math.sqrt(variance / n)) * corrected;
  const below = cdfT(studentT(degrees), -Math.abs(statistic));
  return { forecasts: n, mean, statistic, pBetter: statistic < 0 ? below : 1 - below, pTwoSided: 2 * below };
}

/** Newest settled forecasts that a claim of direction looks at, and the probability of claiming any where there is none. */
export const DIRECTION_WINDOW = 250;
export const DIRECTION_LEVEL = 0.05;

export interface DirectionClaim {
  /** Forecasts looked at, at most DIRECTION_WINDOW. */
  readonly forecasts: number;
  /** 1 - mean |actual - median| / mean |actual|: above 0 the median was nearer than "no change". null: nothing to compare. */
  readonly skill: number | null;
  readonly pValue: number | null;
  readonly claimed: boolean;
  readonly words: string;
}

/**
 * Is the median nearer to what came than the random walk's, which is no change? One-sided at DIRECTION_LEVEL over all
 * `horizons` of the symbol together (Bonferroni), at one moment: whoever looks every day for years will see a claim some day.
 * Degrees of freedom are the spans of the horizon less one, not n - 1: twelve spans of 20 bars are no 249 independent values, and
 * with n - 1 the test claimed too often 20 bars ahead. `medians` and `actuals`: log returns, oldest first.
 */
export function directionClaim(medians: readonly number[], actuals: readonly number[], horizon: number, horizons: number): DirectionClaim {
  const from = Math.max(0, actuals.length - DIRECTION_WINDOW);
  const [errors, walk] = [actuals.slice(from).map((y, i) => Math.abs(y - medians[from + i]!)), actuals.slice(from).map(Math.abs)];
  const n = walk.length;
  const total = walk.reduce((sum, x) => sum + x, 0);
  const skill = total > 0 ? 1 - errors.reduce((sum, x) => sum + x, 0) / total : null;
  const test = dieboldMariano(errors.map((e, i) => e - walk[i]!), horizon, Math.floor(n / horizon) - 1);
  const pValue = test?.pBetter ?? null;
  const claimed = pValue !== null && pValue <= DIRECTION_LEVEL / horizons;
  return { forecasts: n, skill, pValue, claimed, words: claimed ? `directional skill in the last ${n} forecasts` : `no directional skill in the last ${n} forecasts` };
}
