import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gamma, gaussian, seededRandom } from './index.js';

const DRAWS = 200_000;

/** Mean and variance of so many draws. */
function moments(draw: () => number): { mean: number; variance: number } {
  const values = Array.from({ length: DRAWS }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / DRAWS;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (DRAWS - 1) };
}

/** `found` lies within four standard errors of `expected`. */
const near = (found: number, expected: number, error: number): void => assert.ok(Math.abs(found - expected) < 4 * error, `${found}, expected ${expected} within ${4 * error}`);

describe('seeded random numbers', () => {
  it('are the numbers of mulberry32 for a seed, however the seed is written', () => {
    const first = (seed: number) => Math.round(seededRandom(seed)() * 2 ** 32);
    assert.deepEqual([0, 1, 42].map(first), [1144304738, 2693262067, 2581720956]);
    assert.equal(first(-1), first(2 ** 32 - 1));
  });

  it('have the moments of their distributions', () => {
    const random = seededRandom(3);
    const uniform = moments(random);
    near(uniform.mean, 1 / 2, Math.sqrt(1 / 12 / DRAWS));
    near(uniform.variance, 1 / 12, Math.sqrt(1 / 180 / DRAWS));
    const normal = moments(() => gaussian(random));
    near(normal.mean, 0, Math.sqrt(1 / DRAWS));
    near(normal.variance, 1, Math.sqrt(2 / DRAWS));
    for (const size of [0.5, 1, 5]) {
      const { mean, variance } = moments(() => gamma(size, random));
      near(mean, 1, Math.sqrt(1 / size / DRAWS));
      near(variance, 1 / size, Math.sqrt((2 / size ** 2 + 6 / size ** 3) / DRAWS));
    }
    assert.equal(gamma(Infinity, random), 1);
  });
});
