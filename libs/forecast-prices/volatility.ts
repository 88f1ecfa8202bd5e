/**
 * Exponentially weighted mean of squares with exact bias correction: sum of weights is carried beside the sum,
 * so that the first value already is an unbiased estimate and no start value leaks into it. lambda = 0.94 is
 * RiskMetrics' (J.P. Morgan, 1996). Units: squared log return of one bar.
 */
export interface RunningVariance {
  readonly sum: number;
  readonly weight: number;
}

export const NO_VARIANCE: RunningVariance = { sum: 0, weight: 0 };

export function learnSquare(running: RunningVariance, lambda: number, square: number): RunningVariance {
  return { sum: lambda * running.sum + (1 - lambda) * square, weight: lambda * running.weight + (1 - lambda) };
}

/** Smallest volatility of a bar that is ever used: a price that does not move must not make a scale of zero. */
export const SIGMA_FLOOR = 1e-6;
/** Largest: log return 10 is a factor of 22,000 in one bar. */
export const SIGMA_CEILING = 10;

/** Standard deviation of one bar's log return; `fallback` before the first value. */
export function sigmaOf(running: RunningVariance, fallback: number): number {
  if (running.weight === 0) return fallback;
  return Math.min(Math.max(Math.sqrt(running.sum / running.weight), SIGMA_FLOOR), SIGMA_CEILING);
}

/** Speeds, in lambda; `base` is the unit of all features and forecasts. */
export const SPEEDS = { fast: 0.8, base: 0.94, slow: 0.985, slowest: 0.997, range: 0.9, border: 0.9, rangeSlow: 0.98, opening: 0.97, daytime: 0.97, absolute: 0.97 } as const;

/**
 * Returns beyond this many base volatilities count as this many when the forecaster's own volatilities learn:
 * one wild print doubles the scale instead of multiplying it by its size. The baseline learns it in full.
 */
export const LEARNED_SIGMAS = 8;

export function winsorize(logReturn: number, sigma: number): number {
  return Math.min(Math.max(logReturn, -LEARNED_SIGMAS * sigma), LEARNED_SIGMAS * sigma);
}
