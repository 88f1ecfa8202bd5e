/** What the quote worker's step needs, without a store: for backtests and simulations that run the serving path. */
import { type ForecastSettings, forecastSettings, forecastTrackerCodec, freshForecastTracker, summarizeForecast } from '#forecast-prices';
import type { OpenModel } from '#serve-models';
import { freshState } from '#score-with-state';
import type { QuoteScoring } from '../quote-worker/quote-step.js';

export function offlineScoring({ stepper, manifest }: OpenModel): QuoteScoring {
  const forecast: ForecastSettings = forecastSettings(manifest);
  return { stepper, codec: forecastTrackerCodec, forecast, summarize: summarizeForecast, fresh: (symbol) => freshState(symbol, stepper, 0n, freshForecastTracker(forecast)) };
}
