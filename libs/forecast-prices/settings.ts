/**
 * Settings of the forecast stage: the horizons and levels come from the model's manifest, everything else is a
 * stated constant, so that two installations with the same model make the same rows.
 */
import { TidewatchError } from '#contracts';
import { conformalSteps } from './conformal.js';
import { bandOf } from './distribution.js';

export interface GapLimits {
  /** A longer gap than both of these closes every pending forecast as unsettled and is not learned. */
  readonly maxGapMs: number;
  readonly maxGapBars: number;
}

/** Longer than the longest holiday closure of a large exchange; and never fewer than 20 bars of a slow series. */
export const GAP_LIMITS: GapLimits = { maxGapMs: 14 * 86_400_000, maxGapBars: 20 };

export interface ForecastSettings extends GapLimits {
  /** Bars ahead, ascending. */
  readonly horizons: readonly number[];
  /** Quantile levels, ascending, inside (0, 1). */
  readonly levels: readonly number[];
  /** Places of the bands' borders among the levels, by mass in percent; computed from the levels. */
  readonly bands: Readonly<Record<50 | 80 | 90 | 95 | 99, readonly [number, number] | null>>;
  /** Returns that must have been seen before the first forecast: a volatility from fewer is noise. */
  readonly warmupReturns: number;
  /** Step of the conformal correction at the median, in units of the forecast scale; see conformal.ts. */
  readonly conformalStep: number;
  /** Step of each level, computed from conformalStep. */
  readonly conformalSteps: Float64Array;
  /** Rate of the common widening; see widening.ts. */
  readonly wideningRate: number;
  /** Bound of each correction, in units of the forecast scale. */
  readonly conformalBound: number;
}

export function forecastSettings(manifest: { readonly horizons?: readonly number[]; readonly levels?: readonly number[] }): ForecastSettings {
  const horizons = manifest.horizons ?? [];
  const levels = manifest.levels ?? [];
  if (horizons.length === 0 || horizons.some((h, i) => !Number.isInteger(h) || h < 1 || h > 65_535 || (i > 0 && h <= horizons[i - 1]!))) {
    throw new TidewatchError('MODEL_INVALID', `a quote model needs horizons in whole bars (1 to 65535), ascending; found [${horizons.join(', ')}]. Correct "horizons" in model.json.`);
  }
  if (levels.length < 3 || levels.length > 255 || levels.some((p, i) => !(p > 0 && p < 1) || (i > 0 && p <= levels[i - 1]!))) {
    throw new TidewatchError('MODEL_INVALID', `a quote model needs 3 to 255 quantile levels between 0 and 1, ascending; found [${levels.join(', ')}]. Correct "levels" in model.json.`);
  }
  const conformalStep = 0.006;
  return {
    horizons: [...horizons],
    levels: [...levels],
    bands: { 50: bandOf(levels, 0.5), 80: bandOf(levels, 0.8), 90: bandOf(levels, 0.9), 95: bandOf(levels, 0.95), 99: bandOf(levels, 0.99) },
    warmupReturns: 10,
    ...GAP_LIMITS,
    conformalStep,
    conformalSteps: conformalSteps(conformalStep, levels),
    wideningRate: 0.02,
    conformalBound: 10,
  };
}

/** Levels that Tidewatch's own quote models are trained on. */
export const DEFAULT_LEVELS: readonly number[] = [0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.995];
export const DEFAULT_HORIZONS: readonly number[] = [1, 2, 5, 10, 20];
