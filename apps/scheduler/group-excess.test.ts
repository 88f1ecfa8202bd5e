import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { excessLimits } from '../../libs/detect-surge/excess.js';
import { excessOfAll } from '#plan-notifications';
import { gamma, gaussian, seededRandom } from '#seeded-random';

function poisson(mean: number, random: () => number): number {
  let n = 0;
  for (let t = -Math.log(1 - random()); t < mean; t -= Math.log(1 - random())) n += 1;
  return n;
}

describe('the interval of the excess of several products together', () => {
  it('holds the truth nine times of ten, for a few products and many, even ones and uneven', () => {
    const random = seededRandom(3);
    for (const means of [[4, 8], [20, 60], [3, 3, 40], [5, 9, 14, 30, 4, 7]]) {
      for (const dispersion of [1, 3]) {
        let held = 0;
        const draws = 3000;
        const truth = means.reduce((sum, mean) => sum + mean - mean / 4, 0);
        for (let i = 0; i < draws; i += 1) {
          const all = excessOfAll(means.map((mean) => {
            const observed = poisson(dispersion === 1 ? mean : mean * gamma(mean / (dispersion - 1), random), random);
            const [expected, error] = [mean / 4 + mean * 0.06 * gaussian(random), mean * 0.06];
            return { excess: observed - expected, ...excessLimits(observed, dispersion, expected, error) };
          }))!;
          if (all.low <= truth && truth <= all.high) held += 1;
        }
        assert.ok(held / draws > 0.885 && held / draws < 0.96, `dispersion ${dispersion}, means ${means.join(', ')}: ${held / draws}`);
      }
    }
  });

  it('is that of the one where there is one, narrower than the sum of widths, and unknown where one is unknown', () => {
    const one = { excess: 7, low: 3, high: 13 };
    assert.deepEqual(excessOfAll([one]), { low: 3, high: 13 });
    const two = excessOfAll([one, one])!;
    assert.ok(two.high - two.low > 10 && two.high - two.low < 20);
    assert.equal(excessOfAll([one, { ...one, low: null }]), null);
  });
});
