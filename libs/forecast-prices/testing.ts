/** Helpers of this folder's tests: seeded series and a stand-in for the model. */
import type { QuoteEvent } from '#contracts';
import { DEFAULT_HORIZONS, DEFAULT_LEVELS, forecastSettings, type ForecastSettings } from './settings.js';
import { makeForecasts } from './make-forecasts.js';
import { observeQuote } from './observe-quote.js';
import { type ForecastTracker, freshForecastTracker } from './tracker.js';

export { randomFrom } from './random.js';

export const SETTINGS: ForecastSettings = forecastSettings({ horizons: DEFAULT_HORIZONS, levels: DEFAULT_LEVELS });

/** Standard normal quantiles of DEFAULT_LEVELS. */
export const NORMAL = [-2.5758293, -1.959964, -1.6448536, -1.2815516, -0.6744898, 0, 0.6744898, 1.2815516, 1.6448536, 1.959964, 2.5758293];

/** A model that says "Gaussian, `widen` times the running volatility" at every horizon: [H * Q]. */
export function gaussianOutput(widen = 1, horizons: number = SETTINGS.horizons.length): Float32Array {
  return Float32Array.from(Array.from({ length: horizons }, () => NORMAL.map((z) => z * widen)).flat());
}

export const START = Date.UTC(2024, 0, 2, 9, 30);
export const MINUTE = 60_000;

export function quoteOf(fields: Partial<QuoteEvent> & { close: number; at: number }): QuoteEvent {
  return {
    kind: 'quote', position: { topic: 'quotes.v1', partition: 0, offset: 0n }, symbol: 'ABC',
    open: null, high: null, low: null, bid: null, ask: null, volume: null, interval: null, extra: null, ...fields,
  };
}

/** Quotes a minute apart from these log returns. */
export function walk(returns: readonly number[], start = 100): QuoteEvent[] {
  let price = start;
  return [quoteOf({ close: start, at: START }), ...returns.map((r, i) => quoteOf({ close: (price *= Math.exp(r)), at: START + (i + 1) * MINUTE }))];
}

/** Runs quotes through the stage with a fixed model output; returns everything it gave. */
export function runAll(quotes: readonly QuoteEvent[], output = gaussianOutput(), settings = SETTINGS, from: ForecastTracker = freshForecastTracker(settings)) {
  let tracker = from;
  const settlements = [];
  const forecasts = [];
  const features = [];
  for (const quote of quotes) {
    const seen = observeQuote(settings, tracker, quote);
    if (seen.kind !== 'bar') continue;
    const made = makeForecasts(settings, seen.tracker, quote, output, 'test');
    tracker = made.tracker;
    settlements.push(...seen.settlements);
    forecasts.push(...made.forecasts);
    features.push(seen.features);
  }
  return { tracker, settlements, forecasts, features };
}

/** Simpson's rule. */
export function integrate(f: (x: number) => number, from: number, to: number, pieces = 20_000): number {
  const h = (to - from) / pieces;
  let sum = f(from) + f(to);
  for (let i = 1; i < pieces; i += 1) sum += f(from + i * h) * (i % 2 === 1 ? 4 : 2);
  return (sum * h) / 3;
}
