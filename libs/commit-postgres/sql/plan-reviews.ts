/**
 * What a batch's reviews mean for the two tables, such that the rows are the same however the messages were cut into
 * batches: a row is superseded by the next revision after it, and the identity points to the newest. A revision whose
 * predecessor is in the same batch needs no update of a row that is not there yet; its fields are known when it is copied.
 */
import type { ScoredReview } from '#contracts';

export interface ScoreRow {
  readonly scored: ScoredReview;
  readonly supersededBy: number | null;
}

/** A review that the table knows already, with the first and the newest revision of this batch. */
export interface IdentityMove {
  readonly first: ScoredReview;
  readonly newest: ScoredReview;
}

export interface ReviewPlan {
  readonly scores: readonly ScoreRow[];
  /** Reviews seen for the first time, as their newest revision in this batch. */
  readonly identities: readonly ScoredReview[];
  readonly moves: readonly IdentityMove[];
}

export function planReviews(reviews: readonly ScoredReview[], corrections: readonly ScoredReview[]): ReviewPlan {
  if (corrections.length === 0) return { scores: reviews.map((scored) => ({ scored, supersededBy: null })), identities: reviews, moves: [] };
  const chains = new Map<string, ScoredReview[]>();
  for (const scored of corrections) {
    const key = keyOf(scored);
    const chain = chains.get(key);
    if (chain) chain.push(scored);
    else chains.set(key, [scored]);
  }
  for (const chain of chains.values()) chain.sort((a, b) => a.event.revision - b.event.revision);

  const scores: ScoreRow[] = [];
  const identities: ScoredReview[] = [];
  const begunHere = new Set<string>();
  for (const scored of reviews) {
    const key = keyOf(scored);
    const chain = chains.get(key);
    if (chain) begunHere.add(key);
    identities.push(chain?.at(-1) ?? scored);
    scores.push({ scored, supersededBy: chain?.[0]?.event.revision ?? null });
  }
  const moves: IdentityMove[] = [];
  for (const [key, chain] of chains) {
    if (!begunHere.has(key)) moves.push({ first: chain[0]!, newest: chain.at(-1)! });
    chain.forEach((scored, i) => scores.push({ scored, supersededBy: chain[i + 1]?.event.revision ?? null }));
  }
  return { scores, identities, moves };
}

const keyOf = ({ event }: ScoredReview): string => `${event.productId}\0${event.reviewId}`;
