import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withStars } from './index.js';

describe('counting a review’s own stars in', () => {
  it('moves the odds by 97 to 3, up at two stars or less and down at four or more', () => {
    for (const [p, rating, expected] of [[0.03, 1, 0.5], [0.5, 2, 0.97], [0.97, 5, 0.5], [0.5, 4, 0.03]] as const) assert.ok(Math.abs(withStars(p, rating) - expected) < 1e-12);
  });

  it('leaves a review without stars, and one with stars that say neither, as it was', () => {
    for (const rating of [null, 2.1, 3, 3.9]) assert.equal(withStars(0.123, rating), 0.123);
  });

  it('stays a probability, and what is certain stays certain', () => {
    for (const rating of [1, 5]) {
      assert.deepEqual([withStars(0, rating), withStars(1, rating)], [0, 1]);
      for (let i = -700; i <= 700; i += 1) {
        const p = withStars(1 / (1 + Math.exp(i)), rating);
        assert.ok(p >= 0 && p <= 1, `${p}`);
      }
    }
  });
});
