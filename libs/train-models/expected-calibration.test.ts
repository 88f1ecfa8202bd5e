import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '#seeded-random';
import { expectedCalibration } from './expected-calibration.js';

describe('the expected calibration error', () => {
  it('is that worked out by hand', () => {
    const { error, bins } = expectedCalibration([0.9, 0.9, 0.9, 0.9, 0.1], [1, 1, 1, 0, 0]);
    assert.deepEqual(bins.map(({ texts, stated, observed }) => [texts, stated.toFixed(3), observed]), [[1, '0.100', 0], [4, '0.900', 0.75]]);
    assert.ok(Math.abs(error - (0.6 + 0.1) / 5) < 1e-12); // |3.6 - 3| and |0.1 - 0|
  });

  it('of honest probabilities is at its floor, of boastful ones above it', () => {
    const random = seededRandom(5);
    const probabilities = Array.from({ length: 4000 }, () => random());
    const labels = probabilities.map((p) => Number(random() < p));
    const honest = expectedCalibration(probabilities, labels);
    assert.ok(Math.abs(honest.error - honest.floor) < 0.01, JSON.stringify(honest));
    const boastful = expectedCalibration(probabilities.map((p) => (p > 0.5 ? 0.5 + p / 2 : p / 2)), labels);
    assert.ok(boastful.error > boastful.floor + 0.05);
  });

  it('has a floor that shrinks with the root of the number of texts', () => {
    const floorOf = (n: number) => expectedCalibration(Array.from({ length: n }, (_, i) => (i + 0.5) / n), new Array<number>(n).fill(0)).floor;
    assert.ok(Math.abs(floorOf(500) / floorOf(8000) - 4) < 0.6);
  });
});
