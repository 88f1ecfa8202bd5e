/**
 * A review's own stars beside what its text and its product's history say: a witness who is right 97 times in 100
 * (docs/review-model.md). What the surge detector counts. internal.with_stars is the same for SQL, to the bit.
 */

/** By how much the odds change at two stars or less; at four or more by its inverse. */
const FEW = 97 / 3;
const MANY = 3 / 97;

/** pNegative: 0 to 1. Itself without stars, and with three: they say nothing. */
export function withStars(pNegative: number, rating: number | null): number {
  if (rating === null || (rating > 2 && rating < 4)) return pNegative;
  const odds = pNegative * (rating <= 2 ? FEW : MANY);
  return odds / (odds + (1 - pNegative));
}
