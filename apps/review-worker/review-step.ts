/**
 * Reviews through their product's state, in two passes: the model's steps, in rounds; then, in the order of the stream, what
 * stars have taught, calibrated probabilities, and the surge detector behind them.
 */
import type { EncodedText, EntityState, Rejection, ReviewEvent, ReviewRecalibrator, ScoredReview, SurgeRecord } from '#contracts';
import type { RejectionContext } from '#decode-events';
import { type Calendar, observeReview, type SurgeSettings } from '#detect-surge';
import { recalibrateInOrder, reviewFeatures, withStars, type KeyedStep, type SourceState } from '#score-with-state';
import { rejectAt } from '../stream-worker/split-decoded.js';
import type { StateParts } from '../stream-worker/states.js';
import type { ReviewTracker } from './review-tracker.js';

export interface ReviewScoring extends StateParts<ReviewTracker> {
  readonly recalibrator: ReviewRecalibrator | null;
  readonly surge: SurgeSettings;
  /** Known events, the newest snapshot that this process has: read once a batch. */
  readonly calendar: () => Calendar;
  /** Divides log odds: fitted on data kept apart, from model.json. */
  readonly temperature: number;
}

export type SteppedOrNot =
  | { readonly kind: 'stepped'; readonly event: ReviewEvent; readonly logit: number; readonly expectation: number }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

const probability = (logit: number, temperature: number) => 1 / (1 + Math.exp(-logit / temperature));

/** The model's step alone; trackers stay as they were. */
export function reviewStep({ temperature }: ReviewScoring, texts: ReadonlyMap<ReviewEvent, EncodedText>, context: RejectionContext): KeyedStep<ReviewEvent, ReviewTracker, SteppedOrNot> {
  return {
    entityOf: (event) => event.productId,
    at: (event) => event.reviewedAt,
    labelOf: (event) => event.productName,
    featuresAt: (event, lastEventAt) => reviewFeatures(texts.get(event)!, event, lastEventAt, temperature),
    finish: (event, tracker, outputs) => ({ tracker, result: { kind: 'stepped', event, logit: outputs['logit']![0]!, expectation: outputs['expectation']![0]! } }),
    refused: (event, _state, error) => ({ kind: 'rejected', rejection: rejectAt(context(event.position), 'model_output_invalid', error.message) }),
  };
}

export interface FinishedReviews {
  readonly reviews: readonly ScoredReview[];
  readonly surges: readonly SurgeRecord[];
  readonly states: ReadonlyMap<string, EntityState<ReviewTracker>>;
  readonly sources: ReadonlyMap<number, SourceState>;
}

/** @param fresh in the order of the stream; @param stepped of them, in any order; @param states of each product behind its steps; @param sources by place, before these reviews */
export function finishReviews(scoring: ReviewScoring, texts: ReadonlyMap<ReviewEvent, EncodedText>, fresh: readonly ReviewEvent[], stepped: readonly SteppedOrNot[], states: ReadonlyMap<string, EntityState<ReviewTracker>>, sources: ReadonlyMap<number, SourceState>): FinishedReviews {
  const { recalibrator, temperature, surge, stepper: { modelId } } = scoring;
  const calendar = scoring.calendar();
  const byEvent = new Map(stepped.flatMap((one) => (one.kind === 'stepped' ? [[one.event, one]] : [])));
  const inOrder = fresh.flatMap((event) => byEvent.get(event) ?? []);
  const recalibrated = recalibrateInOrder(recalibrator, inOrder.map(({ event, logit }) => ({ event, logit, vector: texts.get(event)!.vector })), states, sources);
  const next = new Map(recalibrated.states);
  const surges: SurgeRecord[] = [];
  const reviews = inOrder.map(({ event, expectation }): ScoredReview => {
    const { productId, reviewedAt } = event;
    const [encoded, state] = [texts.get(event)!, next.get(productId)!];
    const pNegative = probability(recalibrated.logits.get(event)!, temperature);
    const pNegativeWithStars = withStars(pNegative, event.rating);
    const observed = observeReview(calendar.settingsOf(surge, productId), state.tracker.surge, { productId, at: reviewedAt, pNegative: pNegativeWithStars }, modelId);
    surges.push(...observed.records);
    next.set(productId, { ...state, tracker: { expected: probability(expectation, temperature), surge: observed.tracker } });
    return { event, pNegative, pNegativeText: probability(encoded.logit, temperature), pNegativeWithStars, expectedNegative: state.tracker.expected, knownWords: encoded.knownWords, topWords: encoded.topWords, modelId };
  });
  return { reviews, surges, states: next, sources: recalibrated.sources };
}

/**
 * A higher revision: scored by its text alone, because its place in the product's history was taken by the revision
 * before it and a state is never advanced twice.
 */
export function correctReview(scoring: ReviewScoring, event: ReviewEvent, encoded: EncodedText): ScoredReview {
  const pNegative = probability(encoded.logit, scoring.temperature);
  return { event, pNegative, pNegativeText: pNegative, pNegativeWithStars: withStars(pNegative, event.rating), expectedNegative: null, knownWords: encoded.knownWords, topWords: encoded.topWords, modelId: scoring.stepper.modelId };
}
