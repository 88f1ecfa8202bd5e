/**
 * Splits each stream by time: the newest tenth is the test, the tenth before it the dev set, the rest is trained on.
 * One product in twenty is kept out of training altogether, so that the card can say how a product that was never seen
 * fares. Streams of a single product are exempt: holding it out would empty them.
 */
import { createHash } from 'node:crypto';
import type { LabelledText } from './read-texts.js';

export const PARTS = ['train', 'dev', 'test', 'heldOut'] as const;
export type Part = (typeof PARTS)[number];

/** The part of each review, in the order given. Reviews with equal times go the same way as long as the input order is kept. */
export function splitByTime(reviews: readonly LabelledText[]): Part[] {
  const parts: Part[] = reviews.map(() => 'train');
  const indicesOf = new Map<string, number[]>();
  reviews.forEach((review, i) => {
    const list = indicesOf.get(review.source);
    if (list === undefined) indicesOf.set(review.source, [i]);
    else list.push(i);
  });
  for (const indices of indicesOf.values()) {
    const single = new Set(indices.map((i) => reviews[i]!.productId)).size === 1;
    const ordered = [...indices].sort((a, b) => reviews[a]!.at! - reviews[b]!.at! || a - b);
    ordered.forEach((i, rank) => {
      const share = rank / ordered.length;
      if (!single && isHeldOut(reviews[i]!.productId!)) parts[i] = 'heldOut';
      else if (share >= 0.9) parts[i] = 'test';
      else if (share >= 0.8) parts[i] = 'dev';
    });
  }
  return parts;
}

function isHeldOut(productId: string): boolean {
  return createHash('sha256').update(`held out ${productId}`).digest()[0]! % 20 === 0;
}
