/**
 * Product histories as lanes of features in time order, made by the very function that serves (reviewFeatures).
 * A lane begins without state, as a new product does.
 */
import { HISTORY_SIZES } from '#models';
import { reviewFeatures } from '#score-with-state';
import type { EncodedSet } from './encode-set.js';
import type { LabelledText } from './read-texts.js';

export interface Lane {
  /** Reviews by their place in the data, in time order. */
  readonly events: readonly number[];
  /** [events, F] */
  readonly features: Float32Array;
}

/** Places of each product's reviews in time order; ties as they stand in the file. Products are told apart per stream. */
export function historiesOf(reviews: readonly LabelledText[]): number[][] {
  const byProduct = new Map<string, number[]>();
  reviews.forEach((review, i) => {
    const key = `${review.source}\0${review.productId}`;
    const list = byProduct.get(key);
    if (list === undefined) byProduct.set(key, [i]);
    else list.push(i);
  });
  return [...byProduct.values()].map((list) => list.sort((a, b) => reviews[a]!.at! - reviews[b]!.at! || a - b));
}

/** Stretches of at most `longest` events. */
export function cutHistories(histories: readonly (readonly number[])[], longest: number): number[][] {
  return histories.flatMap((events) => Array.from({ length: Math.ceil(events.length / longest) }, (_, k) => events.slice(k * longest, (k + 1) * longest)));
}

/** encoded: of all reviews, in their order; its logits are calibrated already. */
export function laneOf(events: readonly number[], reviews: readonly LabelledText[], encoded: EncodedSet): Lane {
  const { vectorSize, featureSize } = HISTORY_SIZES;
  const features = new Float32Array(events.length * featureSize);
  let lastEventAt: number | null = null;
  events.forEach((i, step) => {
    const { rating, at } = reviews[i]!;
    const vector = encoded.vectors.subarray(i * vectorSize, (i + 1) * vectorSize);
    features.set(reviewFeatures({ vector, logit: encoded.logits[i]! }, { rating, reviewedAt: at! }, lastEventAt, 1), step * featureSize);
    lastEventAt = at;
  });
  return { events, features };
}
