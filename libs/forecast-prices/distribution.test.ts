import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { crpsGaussian, crpsStudentT, normalCdf, student5Cdf, student5Density } from './baselines/random-walk.js';
import { coveredBy, crpsFromQuantiles, pinballLoss, pitFromQuantiles } from './distribution.js';
import { DEFAULT_LEVELS as LEVELS } from './settings.js';
import { integrate, NORMAL, randomFrom } from './testing.js';

const near = (found: number, expected: number, tolerance: number, what = ''): void =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${what} found ${found}, expected ${expected} within ${tolerance}`);

/** CRPS by brute force over F given by pitFromQuantiles, which is the same distribution asked point by point. */
function crpsByIntegral(quantiles: readonly number[], y: number): number {
  const step = (x: number): number => (pitFromQuantiles(LEVELS, quantiles, x) - (y <= x ? 1 : 0)) ** 2;
  const edges = [...quantiles, y, y - 60, y + 60, quantiles[0]! - 60, quantiles.at(-1)! + 60].sort((a, b) => a - b);
  // open intervals between the edges, so that the jump at y is on no grid point
  return edges.slice(1).reduce((sum, to, i) => sum + (to > edges[i]! ? integrate(step, edges[i]! + 1e-12, to - 1e-12, 4000) : 0), 0);
}

describe('the distribution drawn through quantiles', () => {
  it('has the CRPS that numerical integration of (F - step)^2 finds, inside, between and beyond the quantiles', () => {
    for (const y of [-7, -2.6, -2, -1, -0.3, 0, 0.2, 1.1, 2.3, 4]) near(crpsFromQuantiles(LEVELS, NORMAL, y), crpsByIntegral(NORMAL, y), 2e-6, `y=${y}`);
  });

  it('of Gaussian quantiles scores within 1 % of the closed form of the Gaussian, on average over its own draws', () => {
    const random = randomFrom(1);
    let ours = 0;
    let closed = 0;
    for (let i = 0; i < 20_000; i += 1) {
      const y = random.normal();
      ours += crpsFromQuantiles(LEVELS, NORMAL, y);
      closed += crpsGaussian(1, y);
    }
    assert.ok(ours >= closed * 0.999, 'a coarser forecast must not look better than the truth it approximates');
    assert.ok(ours <= closed * 1.01, `ratio ${ours / closed}`);
  });

  it('is proper: the true quantiles score better than shifted, narrowed or widened ones', () => {
    const random = randomFrom(2);
    const rivals = [NORMAL.map((q) => q * 0.7), NORMAL.map((q) => q * 1.4), NORMAL.map((q) => q + 0.3)];
    const sums = [0, 0, 0, 0];
    for (let i = 0; i < 20_000; i += 1) {
      const y = random.normal();
      [NORMAL, ...rivals].forEach((q, k) => (sums[k]! += crpsFromQuantiles(LEVELS, q, y)));
    }
    assert.ok(sums.slice(1).every((s) => s > sums[0]!), sums.join(' '));
  });

  it('gives finite scores for any ascending quantiles, ties and zero widths included, and a PIT that never falls', () => {
    const value = fc.double({ min: -20, max: 20, noNaN: true });
    fc.assert(fc.property(fc.array(value, { minLength: 11, maxLength: 11 }), fc.boolean(), value, value, (raw, tie, y, other) => {
      const quantiles = (tie ? raw.map((v) => Math.round(v / 8)) : raw).sort((a, b) => a - b);
      const crps = crpsFromQuantiles(LEVELS, quantiles, y);
      assert.ok(Number.isFinite(crps) && crps >= 0);
      const [low, high] = [Math.min(y, other), Math.max(y, other)];
      const [a, b] = [pitFromQuantiles(LEVELS, quantiles, low), pitFromQuantiles(LEVELS, quantiles, high)];
      assert.ok(a >= 0 && b <= 1 && a <= b + 1e-12, `${a} ${b}`);
    }));
  });

  it('passes through its own quantiles', () => {
    LEVELS.forEach((level, i) => near(pitFromQuantiles(LEVELS, NORMAL, NORMAL[i]!), level, 1e-12));
  });

  it('of a point forecast is the absolute error', () => {
    near(crpsFromQuantiles(LEVELS, LEVELS.map(() => 2), 5), 3, 1e-12);
    near(crpsFromQuantiles(LEVELS, LEVELS.map(() => 2), 2), 0, 1e-12);
  });

  it('covers with borders included, and does not answer for bands whose levels are absent', () => {
    assert.equal(coveredBy(LEVELS, NORMAL, NORMAL[2]!, 0.9), true);
    assert.equal(coveredBy(LEVELS, NORMAL, NORMAL[2]! - 1e-9, 0.9), false);
    assert.equal(coveredBy(LEVELS, NORMAL, 0, 0.6), null);
  });

  it('has a pinball loss that is smallest at the quantile of the level', () => {
    const sample = Array.from({ length: 2001 }, (_, i) => i / 2000);
    const loss = (q: number): number => sample.reduce((sum, y) => sum + pinballLoss([0.9], [q], y), 0);
    assert.ok(loss(0.9) < loss(0.88) && loss(0.9) < loss(0.92));
  });
});

describe('the random-walk baselines', () => {
  it('have the CRPS that numerical integration finds', () => {
    const byIntegral = (cdf: (x: number) => number, y: number): number =>
      integrate((x) => cdf(x) ** 2, -200, y, 200_000) + integrate((x) => (1 - cdf(x)) ** 2, y, 200, 200_000);
    const scale = Math.sqrt(3 / 5);
    for (const y of [-6, -1, 0, 0.4, 3]) {
      near(crpsGaussian(1.7, y), byIntegral((x) => normalCdf(x / 1.7), y), 1e-6, `gaussian y=${y}`);
      near(crpsStudentT(1.7, y), byIntegral((x) => student5Cdf(x / (1.7 * scale)), y), 1e-5, `t5 y=${y}`);
    }
  });

  it('stand on a t5 distribution whose density integrates to its CDF and whose deviation is sigma', () => {
    for (const t of [-3, -0.5, 0, 1, 4]) near(integrate(student5Density, -400, t, 400_000), student5Cdf(t), 1e-7);
    near(integrate((x) => x * x * student5Density(x), -2000, 2000, 2_000_000), 5 / 3, 1e-6);
  });

  it('grow to the absolute error for far actuals without overflow', () => {
    near(crpsGaussian(0.01, 1400), 1400, 0.1);
    near(crpsStudentT(0.01, -1400), 1400, 0.1);
  });
});
