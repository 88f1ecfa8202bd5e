import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normalCdf } from './baselines/random-walk.js';
import { cholesky, horizonCorrelations, normalQuantile, PRIOR_BARS } from './copula.js';
import { pitFromQuantiles, quantileAt } from './distribution.js';
import { samplePaths, touchShares } from './paths.js';
import { DEFAULT_HORIZONS, DEFAULT_LEVELS } from './settings.js';
import { NORMAL, randomFrom } from './testing.js';

/** Skewed and fat: another shape at every horizon, as a model may give. */
const quantiles = DEFAULT_HORIZONS.map((h, k) => NORMAL.map((z) => 0.01 * Math.sqrt(h) * (z + 0.1 * k * (z * z - 1) * 0.3 + (z > 0 ? 0.2 * k : 0))).sort((a, b) => a - b));
const correlations = horizonCorrelations(DEFAULT_HORIZONS, []);
const forecast = { horizons: DEFAULT_HORIZONS, levels: DEFAULT_LEVELS, quantiles, correlations };
const last = DEFAULT_HORIZONS.at(-1)!;

/** Largest distance of an empirical distribution of values in (0, 1) from the uniform one. */
function kolmogorov(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.max(...sorted.map((u, i) => Math.max(Math.abs(u - i / sorted.length), Math.abs((i + 1) / sorted.length - u))));
}
const columnOf = (paths: Float64Array, bar: number) => Array.from({ length: paths.length / last }, (_, i) => paths[i * last + bar - 1]!);

describe('quantileAt', () => {
  it('is the inverse of the PIT, tails included', () => {
    for (const own of quantiles) for (const u of [1e-9, 0.001, 0.005, 0.04, 0.25, 0.5, 0.61, 0.95, 0.995, 0.9999]) assert.ok(Math.abs(pitFromQuantiles(DEFAULT_LEVELS, own, quantileAt(DEFAULT_LEVELS, own, u)) - u) < 1e-12, `${u}`);
  });
});

describe('horizonCorrelations', () => {
  it('are a random walk\'s where nothing has been settled', () => {
    assert.ok(Math.abs(correlations[0]![4]! - Math.sqrt(1 / 20)) < 1e-12);
    assert.deepEqual(horizonCorrelations([1, 4], [[0.3, 0.8]]).map((row) => row.map((r) => Number(r.toFixed(9)))), [[1, 0.5], [0.5, 1]], 'one bar tells nothing');
  });

  it('find the correlation behind the PITs, whatever bent them', () => {
    const random = randomFrom(8);
    const pits = Array.from({ length: 20_000 }, () => {
      const [a, b] = [random.normal(), random.normal()];
      return [normalCdf(a) ** 3, normalCdf(0.3 * a + Math.sqrt(1 - 0.09) * b)]; // cubed: a badly calibrated horizon
    });
    const walk = Math.sqrt(1 / 2);
    const expected = (20_000 * 0.3 + PRIOR_BARS * walk) / (20_000 + PRIOR_BARS);
    assert.ok(Math.abs(horizonCorrelations([1, 2], pits)[0]![1]! - expected) < 0.02); // three standard errors
  });

  it('have a Cholesky factor, even where two horizons never differed', () => {
    const pits = Array.from({ length: 500 }, (_, i) => [i / 500, i / 500, (i * 7919 % 500) / 500]);
    const matrix = horizonCorrelations([1, 2, 3], pits);
    const factor = cholesky(matrix);
    matrix.forEach((row, i) => row.forEach((value, j) => assert.ok(Math.abs(factor[i]!.reduce((sum, x, k) => sum + x * factor[j]![k]!, 0) - value) < 1e-9)));
  });

  it('rest on a normal quantile that inverts the CDF', () => {
    for (const u of [1e-6, 0.01, 0.5, 0.8, 0.9999]) assert.ok(Math.abs(normalCdf(normalQuantile(u)) - u) < 1e-12);
  });
});

describe('samplePaths', () => {
  const n = 20_000;
  const paths = samplePaths(forecast, n, randomFrom(4));

  it('has at every horizon the distribution that was forecast (Kolmogorov-Smirnov at 0.1 %)', () => {
    DEFAULT_HORIZONS.forEach((horizon, h) => {
      const distance = kolmogorov(columnOf(paths, horizon).map((y) => pitFromQuantiles(DEFAULT_LEVELS, quantiles[h]!, y)));
      assert.ok(distance < 1.95 / Math.sqrt(n), `${horizon} ahead: ${distance}`);
    });
  });

  it('would not pass with the distribution of the neighbouring horizon', () => {
    assert.ok(kolmogorov(columnOf(paths, 5).map((y) => pitFromQuantiles(DEFAULT_LEVELS, quantiles[3]!, y))) > 0.05);
  });

  it('ties the horizons together as the correlations say', () => {
    const scores = DEFAULT_HORIZONS.map((horizon, h) => columnOf(paths, horizon).map((y) => normalQuantile(Math.min(Math.max(pitFromQuantiles(DEFAULT_LEVELS, quantiles[h]!, y), 1e-9), 1 - 1e-9))));
    for (const [i, a] of scores.entries()) for (const [j, b] of scores.entries()) {
      const found = a.reduce((sum, z, k) => sum + z * b[k]!, 0) / n;
      assert.ok(Math.abs(found - correlations[i]![j]!) < 0.03, `${i}, ${j}: ${found}`);
    }
  });

  it('is a random walk in between where the forecasts are one: touching is as likely as the reflection principle says', () => {
    const levels = Array.from({ length: 999 }, (_, i) => (i + 1) / 1000); // close enough for straight lines between them to be a Gaussian
    const gaussian = { ...forecast, levels, quantiles: DEFAULT_HORIZONS.map((h) => levels.map((level) => 0.01 * Math.sqrt(h) * normalQuantile(level))) };
    const walk = samplePaths(gaussian, n, randomFrom(5));
    const level = 0.03;
    // of a walk seen at its steps only: reflection at a level moved out by 0.5826 steps (Siegmund 1985)
    const reflected = (bars: number) => 2 * (1 - normalCdf((level / 0.01 + 0.5826) / Math.sqrt(bars)));
    const touched = touchShares(walk, last, level);
    for (const bars of [5, 10, 20]) assert.ok(Math.abs(touched[bars - 1]! - reflected(bars)) < 0.015, `within ${bars}: ${touched[bars - 1]} and ${reflected(bars)}`);
    touched.forEach((share, i) => assert.ok(i === 0 || share >= touched[i - 1]!));
    assert.ok(Math.abs(touchShares(walk, last, -level)[9]! - touched[9]!) < 0.02, 'downwards as often as upwards');
  });

  it('repeats itself with the same seed', () => {
    assert.deepEqual(samplePaths(forecast, 10, randomFrom(6)), samplePaths(forecast, 10, randomFrom(6)));
  });

  it('begins where the first horizon is far away, too', () => {
    const far = samplePaths({ ...forecast, horizons: [10, 20], quantiles: quantiles.slice(3), correlations: horizonCorrelations([10, 20], []) }, 2_000, randomFrom(7));
    assert.ok(far.every(Number.isFinite));
    const size = (bar: number) => Math.sqrt(columnOf(far, bar).reduce((sum, y) => sum + y * y, 0) / 2_000);
    assert.ok(size(1) < size(4) && size(4) < size(10) && size(10) < size(20));
  });
});
