/**
 * Scores reviews with their product's history, as a worker does: the same features, rounds and steps, but with states
 * that live in memory, one per product, and no surge detector. Each review's result stands at its own place.
 */
import type { EncodedText, EntityState, StateStepper } from '#contracts';
import { roundsByKey } from '#batch-by-key';
import { freshState, reviewFeatures, scoreRounds, type KeyedStep } from '#score-with-state';
import type { ScorableReview } from './score-row.js';

export interface HistoryScorer {
  /** Products seen so far. */
  readonly products: number;
  /** Log odds with history, in the order given; null where the model gave a number that is not finite. Reviews of a product must come in the order they were written. */
  score(reviews: readonly ScorableReview[], encoded: readonly EncodedText[]): Promise<(number | null)[]>;
}

interface Placed {
  readonly review: ScorableReview;
  readonly encoded: EncodedText;
  readonly place: number;
}
type Outcome = { readonly place: number; readonly logit: number | null };

export function historyScorer(stepper: StateStepper, temperature: number): HistoryScorer {
  const states = new Map<string, EntityState<null>>();
  const step: KeyedStep<Placed, null, Outcome> = {
    entityOf: ({ review }) => review.productId!,
    at: ({ review }) => review.reviewedAt,
    labelOf: () => null,
    prepare: ({ review, encoded }, state) => ({ kind: 'step', features: reviewFeatures(encoded, review, state, temperature), tracker: null }),
    finish: ({ place }, _state, _tracker, outputs) => ({ tracker: null, result: { place, logit: outputs['logit']![0]! } }),
    refused: ({ place }) => ({ place, logit: null }),
  };
  return {
    get products() {
      return states.size;
    },
    async score(reviews, encoded) {
      const placed = reviews.map((review, place) => ({ review, encoded: encoded[place]!, place }));
      const rounds = roundsByKey(placed, ({ review }) => review.productId!);
      const scored = await scoreRounds(stepper, rounds, states, (entity) => freshState(entity, stepper, 0n, null), step);
      for (const [entity, state] of scored.states) states.set(entity, state);
      const logits = new Array<number | null>(reviews.length).fill(null);
      for (const { place, logit } of scored.results) logits[place] = logit;
      return logits;
    },
  };
}
