/** One quote through its symbol's state: it settles what was forecast for it, then the model forecasts from it. */
import type { Forecast, QuoteEvent, Rejection, ScoredQuote, Settlement } from '#contracts';
import type { RejectionContext } from '#decode-events';
import { isFinite, makeForecasts, observeQuote, type ForecastSettings, type ForecastTracker } from '#forecast-prices';
import type { KeyedStep } from '#score-with-state';
import { rejectAt } from '../stream-worker/split-decoded.js';
import type { StateParts } from '../stream-worker/states.js';

export interface QuoteScoring extends StateParts<ForecastTracker> {
  readonly forecast: ForecastSettings;
}

export type QuoteResult =
  | { readonly kind: 'scored'; readonly quote: ScoredQuote; readonly forecasts: readonly Forecast[]; readonly settlements: readonly Settlement[] }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

export function quoteStep(scoring: QuoteScoring, context: RejectionContext): KeyedStep<QuoteEvent, ForecastTracker, QuoteResult> {
  const { stepper: { modelId } } = scoring;
  /** From prepare to finish only: a simulation keeps one step for all its bars. */
  const bars = new Map<QuoteEvent, Extract<ReturnType<typeof observeQuote>, { kind: 'bar' }>>();
  return {
    entityOf: (event) => event.symbol,
    at: (event) => event.at,
    labelOf: () => null,
    prepare: (event, state) => {
      const seen = observeQuote(scoring.forecast, state.tracker, event);
      if (seen.kind === 'duplicate') return { kind: 'skip', result: { kind: 'duplicate' } };
      if (seen.kind === 'late') return { kind: 'skip', result: { kind: 'rejected', rejection: rejectAt(context(event.position), 'late_quote', seen.reason) } };
      if (seen.kind === 'foreign') return { kind: 'skip', result: { kind: 'rejected', rejection: rejectAt(context(event.position), 'mixed_interval', seen.reason) } };
      if (!isFinite(seen.tracker)) return { kind: 'skip', result: { kind: 'rejected', rejection: rejectAt(context(event.position), 'state_not_finite', `the quote of ${new Date(event.at).toISOString()} at ${event.close} made a number of the symbol's state infinite or NaN; the state stays at the one before. Report the quote.`) } };
      bars.set(event, seen);
      return { kind: 'step', features: seen.features, tracker: seen.tracker };
    },
    finish: (event, tracker, outputs) => {
      const { bar, logReturn, breakReason, settlements } = bars.get(event)!;
      bars.delete(event);
      const made = makeForecasts(scoring.forecast, tracker, event, outputs['quantiles']!, modelId);
      return { tracker: made.tracker, result: { kind: 'scored', quote: { event, bar, logReturn, breakReason, modelId }, forecasts: made.forecasts, settlements } };
    },
    refused: (event, _state, error) => {
      bars.delete(event);
      return { kind: 'rejected', rejection: rejectAt(context(event.position), 'model_output_invalid', error.message) };
    },
  };
}
