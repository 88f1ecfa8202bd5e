/**
 * States for a model that begins: its own steps, from zeros, over a product's newest stored reviews before the change. Made when
 * a product is met for the first time after it, so that nothing stops; a function of the messages and of the place of the change alone.
 * So its stars teach the product's own weights alone: what its source has learnt by then depends on when the product is met.
 */
import type { EntityState, HiddenState, ModelBook, ModelSwitch, ReviewRecalibrator, StateStepper, StoredReview, TextEncoder } from '#contracts';
import { scoredText } from '#contracts';
import { roundsByKey } from '#batch-by-key';
import { freshState, recalibrateInOrder, reviewFeatures, scoreRounds, type KeyedStep, type SteppedReview } from '#score-with-state';

/** Products whose reviews are held at once. */
const PRODUCTS_AT_ONCE = 200;

export interface RewarmParts {
  readonly book: Pick<ModelBook, 'recentReviews'>;
  readonly encoder: TextEncoder;
  readonly stepper: StateStepper;
  readonly recalibrator: ReviewRecalibrator | null;
  readonly temperature: number;
}

/** By product; products without stored reviews are left out. */
export async function rewarmStates({ book, encoder, stepper, recalibrator, temperature }: RewarmParts, change: ModelSwitch & { readonly policy: 'rewarm' }, products: readonly string[]): Promise<ReadonlyMap<string, HiddenState>> {
  const hidden = new Map<string, HiddenState>();
  for (let from = 0; from < products.length; from += PRODUCTS_AT_ONCE) {
    const reviews = await book.recentReviews(change, change.fromOffset, products.slice(from, from + PRODUCTS_AT_ONCE), change.rewarmEvents);
    const encoded = await encoder.encode(reviews.map(scoredText));
    const texts = new Map(reviews.map((review, i) => [review, encoded[i]!]));
    const step: KeyedStep<StoredReview, null, SteppedReview<StoredReview> | null> = {
      entityOf: ({ productId }) => productId,
      at: ({ reviewedAt }) => reviewedAt,
      labelOf: () => null,
      featuresAt: (review, lastEventAt) => reviewFeatures(texts.get(review)!, review, lastEventAt, temperature),
      finish: (event, _tracker, outputs) => ({ tracker: null, result: { event, logit: outputs['logit']![0]!, vector: texts.get(event)!.vector } }),
      refused: () => null,
    };
    const fresh = (entity: string): EntityState<null> => freshState(entity, stepper, 0n, null);
    const stepped = await scoreRounds(stepper, roundsByKey(reviews, ({ productId }) => productId), new Map(), fresh, step);
    const place = new Map(reviews.map((review, i) => [review, i]));
    const inOrder = stepped.results.filter((one) => one !== null).sort((a, b) => place.get(a.event)! - place.get(b.event)!);
    for (const [product, state] of recalibrateInOrder(recalibrator, inOrder, stepped.states, null).states) hidden.set(product, state.hidden);
  }
  return hidden;
}
