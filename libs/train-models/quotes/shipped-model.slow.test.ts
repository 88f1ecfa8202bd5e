import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ModelManifest, QuoteEvent } from '#contracts';
import { FEATURE_SIZE, forecastSettings } from '#forecast-prices';
import { seededRandom } from '#seeded-random';
import type { QuoteCard } from './card.js';
import { evaluate } from './evaluate.js';
import type { Score } from './scores.js';
import type { Series } from './series.js';

function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
const folder = join(projectRoot(), 'models/quotes-v2');
const manifest = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as ModelManifest;
const card = JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8')) as QuoteCard;
const state = readFileSync(join(folder, 'state.onnx'));

/** 20 symbols of daily closes whose returns are `next(normal, t)`. */
function simulated(next: (normal: () => number, t: number) => number): Series[] {
  const random = seededRandom(99);
  const normal = (): number => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: 20 }, (_, i) => {
    let price = 100;
    const quotes = Array.from({ length: 700 }, (_, t): QuoteEvent => {
      price *= Math.exp(next(normal, t));
      return { kind: 'quote', position: { topic: 'quotes.v1', partition: 0, offset: BigInt(t) }, symbol: `S${i}`, at: Date.UTC(2020, 0, 1) + t * 86_400_000, close: price, open: null, high: null, low: null, bid: null, ask: null, volume: null, interval: '1d', extra: null };
    });
    return { file: 'simulated', symbol: `S${i}`, heldOut: false, bars: quotes.length, features: new Float32Array(), targets: new Float32Array(), scales: new Float32Array(), walk: new Float32Array(), trainEnd: 0, devEnd: 0, quotes };
  });
}

async function scored(series: Series[], from: number, to: number): Promise<Map<number, Score>> {
  const groups = await evaluate(state, manifest.state.tensors, forecastSettings(manifest), series, { from: () => from, to: () => to }, () => undefined);
  return new Map(groups.map((g) => [g.horizon, g.score]));
}

describe('the shipped quote model', () => {
  it('is the file its card and manifest speak of, and fits the features', () => {
    const hash = createHash('sha256').update(state).digest('hex');
    assert.equal(manifest.hashes['state.onnx'], hash);
    assert.equal(card.stateSha256, hash);
    assert.equal(card.modelId, manifest.modelId);
    assert.deepEqual(manifest.state.features.shape, [FEATURE_SIZE]);
  });

  it('covers a Gaussian random walk as often as it says, close only, and claims no direction on it', async () => {
    const scores = await scored(simulated((normal) => 0.012 * normal()), 200, 700);
    for (const [horizon, s] of scores) {
      const covered90 = s.covered[2]! / s.count;
      assert.ok(Math.abs(covered90 - 0.9) < (horizon === 1 ? 0.015 : 0.035), `${horizon} ahead: ${covered90}`);
      assert.ok(s.medianError / s.noChangeError > 0.985, `${horizon} ahead: median error ${s.medianError / s.noChangeError} of that of no change`);
    }
    const one = scores.get(1)!;
    assert.ok(one.crps / one.crpsGaussian < 1.01, `CRPS against the true family: ${one.crps / one.crpsGaussian}`);
  });

  it('covers 85 to 95 % again within 100 bars after volatility triples', async () => {
    const scores = await scored(simulated((normal, t) => (t < 500 ? 0.01 : 0.03) * normal()), 600, 650);
    const one = scores.get(1)!;
    assert.ok(one.covered[2]! / one.count > 0.85 && one.covered[2]! / one.count < 0.95, `${one.covered[2]! / one.count}`);
  });
});
