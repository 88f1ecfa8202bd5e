/** Quotes through the forecast stage with a stand-in for the model, as the worker's step does it. */
import assert from 'node:assert/strict';
import type { QuoteEvent } from '#contracts';
import { DEFAULT_HORIZONS, DEFAULT_LEVELS, forecastSettings, type ForecastTracker, freshForecastTracker, makeForecasts, observeQuote } from '#forecast-prices';

export const SETTINGS = forecastSettings({ horizons: DEFAULT_HORIZONS, levels: DEFAULT_LEVELS });
const OUTPUT = Float32Array.from(DEFAULT_HORIZONS.flatMap(() => [-2.58, -1.96, -1.64, -1.28, -0.67, 0, 0.67, 1.28, 1.64, 1.96, 2.58]));

export const quoteAt = (symbol: string, at: number, close: number): QuoteEvent =>
  ({ kind: 'quote', position: { topic: 'quotes.v1', partition: 0, offset: BigInt(at) }, symbol, at, close, open: null, high: null, low: null, bid: null, ask: null, volume: null, interval: null, extra: null });

export function stepQuote(tracker: ForecastTracker, event: QuoteEvent) {
  const seen = observeQuote(SETTINGS, tracker, event);
  assert.ok(seen.kind === 'bar');
  const made = makeForecasts(SETTINGS, seen.tracker, event, OUTPUT, 'm');
  return { tracker: made.tracker, quote: { event, bar: seen.bar, logReturn: seen.logReturn, breakReason: seen.breakReason, modelId: 'm' }, forecasts: made.forecasts, settlements: seen.settlements };
}

export function runQuotes(events: readonly QuoteEvent[]) {
  let tracker = freshForecastTracker(SETTINGS);
  const steps = events.map((event) => {
    const made = stepQuote(tracker, event);
    tracker = made.tracker;
    return made;
  });
  return { tracker, quotes: steps.map((s) => s.quote), forecasts: steps.flatMap((s) => s.forecasts), settlements: steps.flatMap((s) => s.settlements), last: events.at(-1)!.at };
}
