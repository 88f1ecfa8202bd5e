import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reviewFeatures } from './index.js';

const HOUR = 3_600_000;
const encoded = { vector: Float32Array.of(0.25, -0.5), logit: 6 };

describe('reviewFeatures', () => {
  it('puts the vector first, then log odds, stars, gap and past', () => {
    const features = reviewFeatures(encoded, { rating: 2, reviewedAt: 10 * HOUR }, 7 * HOUR, 1.5);
    assert.deepEqual(features, Float32Array.of(0.25, -0.5, 1, 1, -0.5, Math.log1p(3) / 8, 1));
  });

  it('gives zeros for unknown stars and for a first review', () => {
    assert.deepEqual(reviewFeatures(encoded, { rating: null, reviewedAt: 5 }, null, 1), Float32Array.of(0.25, -0.5, 1.5, 0, 0, 0, 0));
  });

  it('limits log odds and gaps, and takes a late review as one without a gap', () => {
    const bound = (logit: number) => reviewFeatures({ vector: new Float32Array(0), logit }, { rating: null, reviewedAt: 0 }, null, 1)[0];
    assert.deepEqual([bound(1e9), bound(-1e9)], [2, -2]);
    const gap = (reviewedAt: number) => reviewFeatures(encoded, { rating: null, reviewedAt }, 0, 1)[5];
    assert.deepEqual([gap(1e15), gap(-HOUR)], [2, 0]);
  });

  it('leaves the vector it was given as it was', () => {
    const features = reviewFeatures(encoded, { rating: 5, reviewedAt: 0 }, null, 1);
    features[0] = 9;
    assert.equal(encoded.vector[0], 0.25);
  });
});
