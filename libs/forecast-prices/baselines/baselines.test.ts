import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crpsStudentT, student5Cdf } from './random-walk.js';
import { fitStudentT } from './fit-student-t.js';
import { fitGarch, garchScale, nextVariance } from './garch.js';
import { cdfT, crpsT, quantileT, studentT } from './student-t.js';
import { randomFrom } from '../testing.js';

/** t with 6 degrees of freedom: a normal over the root of a chi-square over its degrees. */
function tOf6(random: ReturnType<typeof randomFrom>): number {
  let chi = 0;
  for (let i = 0; i < 6; i += 1) chi += random.normal() ** 2;
  return random.normal() / Math.sqrt(chi / 6);
}

describe('Student-t with any degrees of freedom', () => {
  it('agrees with the closed forms for 5, and its quantile inverts its CDF', () => {
    const t5 = studentT(5);
    for (const x of [-8, -1.2, -0.1, 0, 0.4, 2.5, 30]) {
      assert.ok(Math.abs(cdfT(t5, x) - student5Cdf(x)) < 1e-12);
      assert.ok(Math.abs(crpsT(t5, Math.sqrt(3 / 5), x) - crpsStudentT(1, x)) < 1e-10);
    }
    for (const nu of [2.5, 4, 30]) for (const level of [0.005, 0.3, 0.9]) assert.ok(Math.abs(cdfT(studentT(nu), quantileT(studentT(nu), level)) - level) < 1e-10);
  });

  it('is found again from a sample: scale within 3 %, degrees of freedom within a third', () => {
    const random = randomFrom(8);
    const { distribution, scale } = fitStudentT(Array.from({ length: 8000 }, () => 0.8 * tOf6(random)));
    assert.ok(Math.abs(scale / 0.8 - 1) < 0.03, `${scale}`);
    assert.ok(Math.abs(distribution.nu / 6 - 1) < 0.33, `${distribution.nu}`);
  });
});

describe('GARCH(1,1) with t errors', () => {
  const truth = { alpha: 0.08, beta: 0.9, variance: 1e-4 };

  it('finds the parameters of a simulated series again, and its scale adds up over horizons', () => {
    const random = randomFrom(21);
    let s2 = truth.variance;
    const returns = Array.from({ length: 6000 }, () => {
      const r = Math.sqrt(s2 * (4 / 6)) * tOf6(random);
      s2 = truth.variance * (1 - truth.alpha - truth.beta) + truth.alpha * r * r + truth.beta * s2;
      return r;
    });
    const fit = fitGarch(returns)!;
    assert.ok(Math.abs(fit.alpha - truth.alpha) < 0.03 && Math.abs(fit.beta - truth.beta) < 0.05, `alpha ${fit.alpha}, beta ${fit.beta}`);
    assert.ok(Math.abs(fit.distribution.nu - 6) < 2, `${fit.distribution.nu}`);
    // a slow oracle: expected variances one by one
    let [expected, sum] = [2e-4, 0];
    for (let h = 1; h <= 20; h += 1) {
      sum += expected;
      expected = nextVariance(fit, expected, Math.sqrt(expected));
    }
    assert.ok(Math.abs(garchScale(fit, 2e-4, 20) * fit.distribution.deviation / Math.sqrt(sum) - 1) < 1e-9);
  });

  it('is not fitted to too few returns or to a price that does not move', () => {
    assert.equal(fitGarch(new Float64Array(50).fill(0.01)), null);
    assert.equal(fitGarch(new Float64Array(500)), null);
  });
});
