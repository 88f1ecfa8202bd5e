import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openModel } from '#run-onnx';
import type { OpenModel } from '#serve-models';
import { runHonesty, runVolatilityJump } from './honesty-run.js';

/** Smallest k with P(X <= k) >= level for X ~ Binomial(n, p), by the exact sum; logarithms, as (1 - p)^n may be too small to hold. */
function binomialQuantile(n: number, p: number, level: number): number {
  let log = n * Math.log1p(-p);
  let sum = 0;
  for (let k = 0; k < n; k += 1) {
    sum += Math.exp(log);
    if (sum >= level) return k;
    log += Math.log((n - k) / (k + 1)) + Math.log(p / (1 - p));
  }
  return n;
}

describe('honesty on simulated walks', () => {
  let model: OpenModel;
  before(async () => { model = await openModel(resolve(import.meta.dirname, '../../../models/quotes-v2'), { encoderThreads: 1 }); });
  after(() => model.close());

  it('claims direction no oftener than 5 %, and its bands hold once a symbol is no longer new', async () => {
    const honesty = await runHonesty({ model, walks: 20, bars: 400, seed: 3, onProgress: () => undefined });
    assert.equal(honesty.walks, 60);
    const most = binomialQuantile(60, 0.05, 0.999);
    assert.ok(honesty.walksWithClaim <= most, `claimed on ${honesty.walksWithClaim} of 60 walks; at 5 % more than ${most} come once in a thousand runs`);
    const ones = honesty.kinds.map(({ horizons }) => horizons.find(({ horizon }) => horizon === 1)!);
    for (const one of ones) assert.deepEqual([one.forecasts, one.forecastsLater], [20 * (400 - 10), 20 * 200], 'every forecast behind the warm-up has been settled');
    // 90 +- 1 % pooled, with what chance allows for: one bar ahead, forecasts do not overlap
    const settled = 60 * 200;
    const covered = ones.reduce((sum, one) => sum + Math.round(one.coverageLater['0.9']! * one.forecastsLater), 0);
    const [low, high] = [binomialQuantile(settled, 0.89, 0.001), binomialQuantile(settled, 0.91, 0.999)];
    assert.ok(covered >= low && covered <= high, `${covered} of ${settled} in the 90 % band, expected ${low} to ${high}`);
    assert.deepEqual(await runHonesty({ model, walks: 1, bars: 40, seed: 3, onProgress: () => undefined }), await runHonesty({ model, walks: 1, bars: 40, seed: 3, onProgress: () => undefined }));
  });

  it('finds its bands again within a hundred bars after the volatility has tripled', async () => {
    const [one] = await runVolatilityJump({ model, walks: 40, seed: 3, onProgress: () => undefined });
    assert.ok(one!.achieved90[0]! < 0.85, `the jump is seen: ${one!.achieved90[0]} in the first ten bars`);
    const later = one!.achieved90.slice(10);
    const covered = Math.round(later.reduce((sum, share) => sum + share * 400, 0));
    const [low, high] = [binomialQuantile(4000, 0.85, 0.001), binomialQuantile(4000, 0.95, 0.999)];
    assert.ok(covered >= low && covered <= high, `${covered} of 4000 in the 90 % band 100 to 200 bars after the jump, expected ${low} to ${high}`);
  });
});
