import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ScoredReview } from '#contracts';
import { planReviews } from './plan-reviews.js';

const review = (reviewId: string, revision: number): ScoredReview => ({ event: { productId: 'p', reviewId, revision } }) as unknown as ScoredReview;
const rows = (plan: ReturnType<typeof planReviews>) => plan.scores.map(({ scored, supersededBy }) => `${scored.event.reviewId}.${scored.event.revision}>${supersededBy ?? ''}`).sort();

describe('planReviews', () => {
  it('appends new reviews as they are', () => {
    const plan = planReviews([review('a', 0), review('b', 0)], []);
    assert.deepEqual(rows(plan), ['a.0>', 'b.0>']);
    assert.equal(plan.identities.length, 2);
    assert.equal(plan.moves.length, 0);
  });

  it('chains revisions that meet their predecessor in the same batch', () => {
    const plan = planReviews([review('a', 0)], [review('a', 3), review('a', 1)]);
    assert.deepEqual(rows(plan), ['a.0>1', 'a.1>3', 'a.3>']);
    assert.deepEqual(plan.identities.map(({ event }) => event.revision), [3]);
    assert.equal(plan.moves.length, 0);
  });

  it('moves the identity of a review of an earlier batch from its first to its newest revision', () => {
    const plan = planReviews([], [review('a', 2), review('a', 5)]);
    assert.deepEqual(rows(plan), ['a.2>5', 'a.5>']);
    assert.deepEqual(plan.moves.map(({ first, newest }) => [first.event.revision, newest.event.revision]), [[2, 5]]);
    assert.equal(plan.identities.length, 0);
  });
});
