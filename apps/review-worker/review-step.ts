/** One review through its product's state: features in, calibrated probabilities out, and the surge detector behind them. */
import { type EncodedText, type Rejection, type ReviewEvent, type ScoredReview, type SurgeRecord } from '#contracts';
import type { RejectionContext } from '#decode-events';
import { type Calendar, observeReview, type SurgeSettings } from '#detect-surge';
import { reviewFeatures, withStars, type KeyedStep } from '#score-with-state';
import { rejectAt } from '../stream-worker/split-decoded.js';
import type { StateParts } from '../stream-worker/states.js';
import type { ReviewTracker } from './review-tracker.js';

export interface ReviewScoring extends StateParts<ReviewTracker> {
  readonly surge: SurgeSettings;
  /** Known events, the newest snapshot that this process has: read once a batch. */
  readonly calendar: () => Calendar;
  /** Divides log odds: fitted on data kept apart, from model.json. */
  readonly temperature: number;
}

export type ReviewResult =
  | { readonly kind: 'scored'; readonly review: ScoredReview; readonly surges: readonly SurgeRecord[] }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

const probability = (logit: number, temperature: number) => 1 / (1 + Math.exp(-logit / temperature));

export function reviewStep(scoring: ReviewScoring, texts: ReadonlyMap<ReviewEvent, EncodedText>, context: RejectionContext): KeyedStep<ReviewEvent, ReviewTracker, ReviewResult> {
  const { temperature, stepper: { modelId } } = scoring;
  const calendar = scoring.calendar();
  return {
    entityOf: (event) => event.productId,
    at: (event) => event.reviewedAt,
    labelOf: (event) => event.productName,
    featuresAt: (event, lastEventAt) => reviewFeatures(texts.get(event)!, event, lastEventAt, temperature),
    finish: (event, tracker, outputs) => {
      const encoded = texts.get(event)!;
      const pNegative = probability(outputs['logit']![0]!, temperature);
      const pNegativeWithStars = withStars(pNegative, event.rating);
      const observed = observeReview(calendar.settingsOf(scoring.surge, event.productId), tracker.surge, { productId: event.productId, at: event.reviewedAt, pNegative: pNegativeWithStars }, modelId);
      return {
        tracker: { expected: probability(outputs['expectation']![0]!, temperature), surge: observed.tracker },
        result: {
          kind: 'scored',
          review: { event, pNegative, pNegativeText: probability(encoded.logit, temperature), pNegativeWithStars, expectedNegative: tracker.expected, knownWords: encoded.knownWords, topWords: encoded.topWords, modelId },
          surges: observed.records,
        },
      };
    },
    refused: (event, _state, error) => ({ kind: 'rejected', rejection: rejectAt(context(event.position), 'model_output_invalid', error.message) }),
  };
}

/**
 * A higher revision: scored by its text alone, because its place in the product's history was taken by the revision
 * before it and a state is never advanced twice.
 */
export function correctReview(scoring: ReviewScoring, event: ReviewEvent, encoded: EncodedText): ScoredReview {
  const pNegative = probability(encoded.logit, scoring.temperature);
  return { event, pNegative, pNegativeText: pNegative, pNegativeWithStars: withStars(pNegative, event.rating), expectedNegative: null, knownWords: encoded.knownWords, topWords: encoded.topWords, modelId: scoring.stepper.modelId };
}
