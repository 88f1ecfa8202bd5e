/**
 * What stars teach, applied to reviews that a model has stepped: in the order of their stream, since what products of a
 * source share passes from one review to the next across products. The model's own steps know nothing of it, so it can
 * come behind all of them; and as a review's numbers depend on the reviews before it alone, it does not matter how a
 * stream is cut into batches. Nothing given is changed.
 */
import type { EntityState, HiddenState, ReviewEvent, ReviewRecalibrator } from '#contracts';
import { placeOfSource, type SourceState } from './source-codec.js';

type Reviewed = Pick<ReviewEvent, 'productId' | 'rating'> & Partial<Pick<ReviewEvent, 'source'>>;

export interface SteppedReview<E> {
  readonly event: E;
  /** As the model gave it. */
  readonly logit: number;
  /** Review vector. */
  readonly vector: Float32Array;
}

export interface Recalibrated<E, T> {
  readonly logits: ReadonlyMap<E, number>;
  readonly states: ReadonlyMap<string, EntityState<T>>;
  /** Those that a review with stars has taught, by place. */
  readonly sources: ReadonlyMap<number, SourceState>;
}

/**
 * @param stepped in the order of their stream
 * @param states of each product behind its step; @param sources by place, as they were before, a place that is missing begins with zeros; null: products learn each for itself
 */
export function recalibrateInOrder<E extends Reviewed, T>(recalibrator: ReviewRecalibrator | null, stepped: readonly SteppedReview<E>[], states: ReadonlyMap<string, EntityState<T>>, sources: ReadonlyMap<number, SourceState> | null): Recalibrated<E, T> {
  if (recalibrator === null) return { logits: new Map(stepped.map(({ event, logit }) => [event, logit])), states, sources: new Map() };
  const { freshSource, productTensors } = recalibrator;
  const logits = new Map<E, number>();
  const next = new Map(states);
  const held = new Map<number, HiddenState>();
  const taught = new Map<number, SourceState>();
  const copiedProducts = new Set<string>();
  for (const { event, logit, vector } of stepped) {
    const { productId, source = null } = event;
    if (!copiedProducts.has(productId)) {
      const state = next.get(productId)!;
      next.set(productId, { ...state, hidden: { ...state.hidden, ...copied(state.hidden, productTensors) } });
      copiedProducts.add(productId);
    }
    let shared: HiddenState | null = null;
    if (freshSource !== null && sources !== null) {
      const place = placeOfSource(source);
      shared = held.get(place) ?? copied(sources.get(place)?.hidden ?? freshSource(), productTensors);
      held.set(place, shared);
      if (event.rating !== null) taught.set(place, { source, hidden: shared });
    }
    logits.set(event, recalibrator.correct(next.get(productId)!.hidden, shared, logit, vector, event.rating));
  }
  return { logits, states: next, sources: taught };
}

const copied = (hidden: HiddenState, names: readonly string[]): HiddenState => Object.fromEntries(names.map((name) => [name, hidden[name]!.slice()]));
