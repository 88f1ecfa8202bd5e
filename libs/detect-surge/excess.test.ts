import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gamma, gaussian, seededRandom } from '#seeded-random';
import { excessLimits } from './excess.js';

function poisson(mean: number, random: () => number): number {
  let n = 0;
  for (let t = -Math.log(1 - random()); t < mean; t -= Math.log(1 - random())) n += 1;
  return n;
}

describe('the interval of the excess', () => {
  it('holds the truth nine times of ten, over small and large counts, Poisson and over-dispersed, beside an expected that is itself estimated', () => {
    const random = seededRandom(11);
    for (const dispersion of [1, 2, 5]) {
      for (const mean of [4, 8, 20, 60]) {
        let held = 0;
        const draws = 4000;
        for (let i = 0; i < draws; i += 1) {
          const level = dispersion === 1 ? mean : mean * gamma(mean / (dispersion - 1), random);
          const { low, high } = excessLimits(poisson(level, random), dispersion, 3 + 0.6 * gaussian(random), 0.6);
          if (low <= mean - 3 && mean - 3 <= high) held += 1;
        }
        assert.ok(held / draws > 0.885 && held / draws < 0.98, `dispersion ${dispersion}, mean ${mean}: ${held / draws}`);
      }
    }
  });

  it('holds what was seen, is narrower the surer the expected is, and never lies below nothing seen at all', () => {
    const [sure, unsure] = [excessLimits(9, 1.5, 2, 0), excessLimits(9, 1.5, 2, 3)];
    for (const { low, high } of [sure, unsure]) assert.ok(low < 7 && high > 7);
    assert.ok(unsure.low < sure.low && unsure.high > sure.high);
    assert.deepEqual(excessLimits(0, 1, 0, 0).low, 0);
  });
});
