import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeForecasts } from './make-forecasts.js';
import { MINUTE, quoteOf, randomFrom, runAll, SETTINGS, walk } from './testing.js';

describe('quantiles', () => {
  it('never cross and stay finite, on a million random states', () => {
    const random = randomFrom(17);
    const base = runAll(walk(Array.from({ length: 60 }, () => random.normal() * 0.001))).tracker;
    const quote = quoteOf({ close: base.last!.close, at: base.last!.at + MINUTE });
    const [H, Q] = [SETTINGS.horizons.length, SETTINGS.levels.length];
    const size = () => 10 ** (12 * random.uniform() - 6); // of six orders of magnitude up and down
    const output = new Float32Array(H * Q);
    let seen = 0;
    for (let state = 0; state < 1_000_000 / H; state += 1) {
      const scale = size();
      // a model that keeps no order at all, and now and then gives the largest numbers it can
      for (let i = 0; i < output.length; i += 1) output[i] = random.uniform() < 0.001 ? 3e38 * (random.uniform() - 0.5) : scale * (random.uniform() - 0.5);
      const horizons = base.horizons.map((own) => ({ ...own, offsets: SETTINGS.levels.map(() => SETTINGS.conformalBound * (2 * random.uniform() - 1)) }));
      const spread = { sum: size(), weight: 1 };
      const tracker = { ...base, pending: [], horizons, volatilities: { ...base.volatilities, base: spread, walk: spread } };
      for (const forecast of makeForecasts(SETTINGS, tracker, quote, output, 'm').forecasts) {
        seen += 1;
        for (const quantiles of [forecast.raw, forecast.corrected]) {
          let ordered = Number.isFinite(quantiles[0]);
          for (let q = 1; q < Q; q += 1) ordered &&= quantiles[q - 1]! <= quantiles[q]! && Number.isFinite(quantiles[q]);
          if (!ordered) assert.fail(`state ${state}, ${forecast.horizon} ahead: ${quantiles.join(' ')} from ${output.join(' ')}`);
        }
      }
    }
    assert.equal(seen, 1_000_000);
  });
});
