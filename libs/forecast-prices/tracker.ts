/**
 * What is carried per symbol from quote to quote. Immutable: every step returns a new one that shares what did
 * not change. Size is bounded by the settings (pending forecasts: the sum of the horizons).
 */
import type { ForecastSettings } from './settings.js';
import { NO_PROFILE, type Profile } from './profile.js';
import { freshSession, type SessionState } from './session.js';
import { NO_VARIANCE, type RunningVariance } from './volatility.js';

/** A forecast that waits for its target bar. Returns are log returns from `close`. */
export interface PendingForecast {
  readonly bar: bigint;
  readonly madeAt: number;
  readonly close: number;
  readonly horizon: number;
  /** Number of the target bar: `bar` + `horizon`; a number, as it is asked for at every bar. */
  readonly target: number;
  /** Baseline: EWMA(0.94) volatility of a bar times sqrt(horizon). */
  readonly baselineSigma: number;
  readonly corrected: readonly number[];
  /** Borders of the raw 90 % band, which alone settlement reads; none where the levels hold no such band; all raw quantiles where formats 1 to 3 kept it. */
  readonly raw: readonly number[];
}

/** What is learned per horizon from settled forecasts. */
export interface HorizonState {
  readonly horizon: number;
  /** Conformal corrections per level, in units of the forecast scale. */
  readonly offsets: readonly number[];
  readonly settled: number;
  /** Exponentially weighted means over settled forecasts, weight beside each sum. */
  readonly recentWeight: number;
  readonly recentCovered90: number;
  readonly recentCrps: number;
  readonly recentCrpsStudentT: number;
}

export interface LastQuote {
  readonly at: number;
  readonly close: number;
  /** Hashes of the quotes taken at this very instant, newest last, at most SAME_INSTANT_KEPT. */
  readonly fingerprints: readonly number[];
}

export interface Volatilities {
  /** Returns within a session at three more speeds; `base` is the unit. */
  readonly fast: RunningVariance;
  readonly base: RunningVariance;
  readonly slow: RunningVariance;
  readonly slowest: RunningVariance;
  /** Parkinson's high-low variance. */
  readonly range: RunningVariance;
  readonly rangeSlow: RunningVariance;
  /** From close to open, and from open to close, where the open is given. */
  readonly opening: RunningVariance;
  readonly daytime: RunningVariance;
  /** Mean absolute return within a session: not a square; less moved by single wild bars. */
  readonly absolute: RunningVariance;
  /** Returns over session borders. */
  readonly border: RunningVariance;
  /** All returns at 0.94, unclipped: the random walk's. */
  readonly walk: RunningVariance;
}

export interface ForecastTracker {
  /** Number of the newest bar, from 1; 0n before the first. */
  readonly bar: bigint;
  /** Returns learned. */
  readonly returns: number;
  readonly last: LastQuote | null;
  readonly session: SessionState;
  readonly volatilities: Volatilities;
  readonly profile: Profile;
  /** Times of the symbol's jumps, newest last (jumps.ts). */
  readonly jumps: readonly number[];
  /** As the producer names the bars' length; null until one is named. */
  readonly interval: string | null;
  /** log(1 + volume), exponentially weighted; weight beside it. */
  readonly volume: RunningVariance;
  /** Last normalised return and the running product of neighbours: first-order autocorrelation. */
  readonly lastZ: number;
  readonly autocorrelation: number;
  readonly horizons: readonly HorizonState[];
  /** What the spread of all horizons is widened by, as a log before chance is taken out (widening.ts). */
  readonly widening: number;
  /** Oldest first. */
  readonly pending: readonly PendingForecast[];
}

const none = NO_VARIANCE;
export const NO_VOLATILITIES: Volatilities = {
  fast: none, base: none, slow: none, slowest: none, range: none, rangeSlow: none, opening: none, daytime: none, absolute: none, border: none, walk: none,
};

export const SAME_INSTANT_KEPT = 16;

export function freshHorizon(horizon: number, levels: number): HorizonState {
  return { horizon, offsets: new Array<number>(levels).fill(0), settled: 0, recentWeight: 0, recentCovered90: 0, recentCrps: 0, recentCrpsStudentT: 0 };
}

export function freshForecastTracker(settings: ForecastSettings): ForecastTracker {
  return {
    bar: 0n,
    returns: 0,
    last: null,
    session: freshSession(0),
    volatilities: NO_VOLATILITIES,
    profile: NO_PROFILE,
    jumps: [],
    interval: null,
    volume: none,
    lastZ: 0,
    autocorrelation: 0,
    horizons: settings.horizons.map((h) => freshHorizon(h, settings.levels.length)),
    widening: 0,
    pending: [],
  };
}
