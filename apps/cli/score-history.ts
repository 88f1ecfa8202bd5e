/**
 * Scores reviews with their product's history, as a worker does: admitted by the same rules (a repeated review changes
 * nothing, a higher revision is scored by its text alone, others are refused), the same features, rounds, steps and lessons of
 * stars; but states live in memory, one per product and per source, as does what is known of each review, and no surge is looked for.
 */
import type { EncodedText, EntityState, KnownReview, ReviewEvent } from '#contracts';
import { roundsByKey } from '#batch-by-key';
import { admitReviews, contextOf } from '#decode-events';
import { freshState, recalibrateInOrder, reviewFeatures, scoreRounds, type KeyedStep, type SourceState } from '#score-with-state';
import type { OpenModel } from '#serve-models';
import type { ReadRows, Refusal } from './score-row.js';

export interface HistoryScores {
  /** Log odds with history, by event; duplicates and refused reviews are left out. */
  readonly logits: ReadonlyMap<ReviewEvent, number>;
  readonly refusals: readonly Refusal[];
  readonly duplicates: number;
}

export interface HistoryScorer {
  /** Of each product seen so far, as a worker would have stored it, but for the tracker of surges. */
  readonly states: ReadonlyMap<string, EntityState<null>>;
  /** encoded: of each event. Reviews of a product must come in the order they were written. A text whose log odds are not finite is left out. */
  score(rows: ReadRows, encoded: ReadonlyMap<ReviewEvent, EncodedText>): Promise<HistoryScores>;
}

type Outcome = { readonly event: ReviewEvent; readonly logit: number } | { readonly refusal: Refusal };

/** @param partitionOf of a product's key: what a source's stars teach stays within a partition; one holds all where it is left out */
export function historyScorer({ stepper, recalibrator }: Pick<OpenModel, 'stepper' | 'recalibrator'>, temperature: number, partitionOf: (productId: string) => number = () => 0): HistoryScorer {
  const states = new Map<string, EntityState<null>>();
  const sources = new Map<number, Map<number, SourceState>>(); // by partition and place
  const known = new Map<string, KnownReview>();
  return {
    states,
    async score({ events, messages }, encoded) {
      const readable = events.filter((event) => Number.isFinite(encoded.get(event)!.logit));
      const { fresh, corrections, rejections, duplicates } = admitReviews(readable, known, contextOf(messages));
      const step: KeyedStep<ReviewEvent, null, Outcome> = {
        entityOf: (event) => event.productId,
        at: (event) => event.reviewedAt,
        labelOf: (event) => event.productName,
        featuresAt: (event, lastEventAt) => reviewFeatures(encoded.get(event)!, event, lastEventAt, temperature),
        finish: (event, _tracker, outputs) => ({ tracker: null, result: { event, logit: outputs['logit']![0]! } }),
        refused: (event, _state, error) => ({ refusal: { line: Number(event.position.offset), code: 'model_output_invalid', reason: error.message } }),
      };
      const scored = await scoreRounds(stepper, roundsByKey(fresh, (event) => event.productId), states, (entity) => freshState(entity, stepper, 0n, null), step);
      const refusals = rejections.map(({ position, code, reason }): Refusal => ({ line: Number(position.offset), code, reason }));
      const ofModel = new Map<ReviewEvent, number>();
      for (const outcome of scored.results) {
        if ('refusal' in outcome) refusals.push(outcome.refusal);
        else ofModel.set(outcome.event, outcome.logit);
      }
      const logits = new Map(corrections.map((event) => [event, encoded.get(event)!.logit]));
      const inOrder = fresh.filter((event) => ofModel.has(event)).map((event) => ({ event, logit: ofModel.get(event)!, vector: encoded.get(event)!.vector }));
      for (const partition of new Set(inOrder.map(({ event }) => partitionOf(event.productId)))) {
        const stepped = inOrder.filter(({ event }) => partitionOf(event.productId) === partition);
        const shared = sources.get(partition) ?? new Map<number, SourceState>();
        sources.set(partition, shared);
        const stepStates = new Map(stepped.map(({ event: { productId } }) => [productId, scored.states.get(productId)!]));
        const recalibrated = recalibrateInOrder(recalibrator, stepped, stepStates, shared);
        for (const [entity, state] of recalibrated.states) states.set(entity, state);
        for (const [place, state] of recalibrated.sources) shared.set(place, state);
        for (const [event, logit] of recalibrated.logits) logits.set(event, logit);
      }
      for (const { productId, reviewId, revision, contentHash } of logits.keys()) {
        const key = `${productId}\u0000${reviewId}`;
        if (revision >= (known.get(key)?.revision ?? 0)) known.set(key, { productId, reviewId, revision, contentHash });
      }
      return { logits, refusals, duplicates };
    },
  };
}
