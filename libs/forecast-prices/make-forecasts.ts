/**
 * From the model's output at a bar to the forecasts that are stored: raw quantiles (output times the forecast scale,
 * scale.ts) and the same after the corrections (widening.ts, conformal.ts). Both never cross. None are made while the volatility is
 * known from fewer than `warmupReturns` returns.
 */
import { type Forecast, type QuoteEvent, TidewatchError } from '#contracts';
import { makeAscending } from './conformal.js';
import { baselineScale, forecastScales } from './scale.js';
import type { ForecastSettings } from './settings.js';
import { type ForecastTracker, freshHorizon, type PendingForecast } from './tracker.js';
import { widenBy } from './widening.js';

/** Log returns beyond this (a factor of 1e8) are shown as this: nothing infinite ever enters a row. */
const RETURN_BOUND = 18;

/** Scratch, written whole before it is read: typed arrays are dear to make, and six a bar showed in the profile. */
let rawUnits = new Float64Array(0);
let shownUnits = new Float64Array(0);

/**
 * `tracker` as observeQuote returned it for `quote`. `quantiles`: [H * Q], horizon by horizon, in units of the
 * forecast scale. Throws MODEL_OUTPUT_INVALID when they are of another length or not finite.
 */
export function makeForecasts(
  settings: ForecastSettings,
  tracker: ForecastTracker,
  quote: QuoteEvent,
  quantiles: Float32Array,
  modelId: string,
): { readonly tracker: ForecastTracker; readonly forecasts: readonly Forecast[] } {
  const { horizons, levels } = settings;
  checkOutput(settings, quote, quantiles, modelId);
  if (tracker.returns < settings.warmupReturns) return { tracker, forecasts: [] };
  const usable = tracker.horizons.length === horizons.length && tracker.horizons.every((s, i) => s.horizon === horizons[i] && s.offsets.length === levels.length);
  const states = usable ? tracker.horizons : horizons.map((h) => {
    const state = tracker.horizons.find((s) => s.horizon === h);
    return state?.offsets.length === levels.length ? state : freshHorizon(h, levels.length);
  });
  const factor = widenBy(tracker.widening);
  const scales = forecastScales(tracker, horizons);
  const forecasts = states.map((state, h): Forecast => {
    const scale = scales[h]!;
    const raw = rawUnits.length === levels.length ? rawUnits : (rawUnits = new Float64Array(levels.length)); // [Q], scale units
    for (let q = 0; q < levels.length; q += 1) raw[q] = quantiles[h * levels.length + q]!;
    makeAscending(raw, settings.conformalSteps);
    const corrected = shownUnits.length === levels.length ? shownUnits : (shownUnits = new Float64Array(levels.length)); // [Q], scale units
    for (let q = 0; q < levels.length; q += 1) corrected[q] = raw[q]! * factor + state.offsets[q]!;
    makeAscending(corrected, settings.conformalSteps);
    return {
      symbol: quote.symbol,
      bar: tracker.bar,
      madeAt: quote.at,
      close: quote.close,
      horizon: state.horizon,
      levels,
      corrected: toReturns(levels, corrected, scale),
      raw: toReturns(levels, raw, scale),
      baselineSigma: baselineScale(tracker, state.horizon),
      modelId,
    };
  });
  const band = settings.bands[90];
  const waiting = forecasts.map(({ bar, madeAt, close, horizon, baselineSigma, raw, corrected }): PendingForecast =>
    ({ bar, madeAt, close, horizon, target: Number(bar) + horizon, baselineSigma, corrected, raw: band === null ? [] : [raw[band[0]]!, raw[band[1]]!] }));
  return { tracker: { ...tracker, horizons: states, pending: tracker.pending.concat(waiting) }, forecasts };
}

/**
 * [Q], rounded to 32 bits. A plain array: ten small typed arrays a bar, each kept for up to 20 bars, were a fifth of the stage, most of
 * it for the collector. Begun as a copy of another array of numbers: it has its final size at once, where pushes leave a third of it unused.
 */
function toReturns(levels: readonly number[], units: Float64Array, scale: number): number[] {
  const returns = levels.slice();
  for (let q = 0; q < units.length; q += 1) returns[q] = Math.fround(Math.min(Math.max(units[q]! * scale, -RETURN_BOUND), RETURN_BOUND));
  return returns;
}

function checkOutput(settings: ForecastSettings, quote: QuoteEvent, quantiles: Float32Array, modelId: string): void {
  const expected = settings.horizons.length * settings.levels.length;
  const bad = quantiles.length !== expected ? `${quantiles.length} numbers` : allFinite(quantiles) ? null : 'numbers that are not finite';
  if (bad === null) return;
  throw new TidewatchError(
    'MODEL_OUTPUT_INVALID',
    `model ${modelId} gave ${bad} for ${quote.symbol} at ${new Date(quote.at).toISOString()}, expected ${expected} finite quantiles. Check the model with "tidewatch doctor", or activate another one.`,
    { place: { entity: quote.symbol, topic: quote.position.topic, partition: quote.position.partition, offset: quote.position.offset } },
  );
}

function allFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i += 1) if (!Number.isFinite(values[i])) return false;
  return true;
}
