import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '#seeded-random';
import { binaryFigures, fitBlend, fitCalibration, logistic, logLossOf } from './metrics.js';

describe('figures of a two-class model', () => {
  it('are those worked out by hand', () => {
    const f = binaryFigures([2, 1, -1, -2], [1, 0, 1, 0]);
    assert.equal(f.accuracy, 0.5);
    assert.equal(f.auc, 0.75);
    assert.ok(Math.abs(f.averagePrecision - (1 + 2 / 3) / 2) < 1e-12);
  });

  it('count equal scores as half a win, like the definition over all pairs', () => {
    fc.assert(fc.property(fc.array(fc.record({ logit: fc.integer({ min: -3, max: 3 }), label: fc.constantFrom(0, 1) }), { minLength: 2, maxLength: 40 }), (rows) => {
      const [negatives, others] = [rows.filter((r) => r.label === 1), rows.filter((r) => r.label === 0)];
      if (negatives.length === 0 || others.length === 0) return;
      const wins = negatives.reduce((sum, n) => sum + others.reduce((s, o) => s + (n.logit > o.logit ? 1 : n.logit === o.logit ? 0.5 : 0), 0), 0);
      const { auc } = binaryFigures(rows.map((r) => r.logit), rows.map((r) => r.label));
      assert.ok(Math.abs(auc - wins / (negatives.length * others.length)) < 1e-12);
    }));
  });
});

describe('the calibration', () => {
  it('finds the scale and offset that made the labels', () => {
    const logits = Float64Array.from({ length: 4000 }, (_, i) => ((i % 400) - 200) / 40);
    // labels in exact proportion: of ten texts with the same logit, round(10 p) are negative
    const labels = logits.map((l, i) => (Math.floor(i / 400) < Math.round(10 * logistic(0.5 * l - 1)) ? 1 : 0));
    const { scale, offset } = fitCalibration(logits, labels);
    assert.ok(Math.abs(scale - 0.5) < 0.03 && Math.abs(offset + 1) < 0.05, `${scale} ${offset}`);
  });
});

describe('the blend of two models', () => {
  const random = seededRandom(5);
  const rows = Array.from({ length: 20_000 }, () => ({ a: 4 * random() - 2, b: 4 * random() - 2, u: random() }));
  const [a, b] = [rows.map((row) => row.a), rows.map((row) => row.b)];

  it('finds the shares that made the labels', () => {
    const { scales, offset } = fitBlend([a, b], rows.map((row) => Number(row.u < logistic(0.7 * row.a + 0.3 * row.b - 1))));
    [[scales[0], 0.7], [scales[1], 0.3], [offset, -1]].forEach(([found, made]) => assert.ok(Math.abs(found! - made!) < 0.06, `${found} for ${made}`));
  });

  it('stands where no weighted loss is less', () => {
    const labels = rows.map((row) => Number(row.u < logistic(row.a)));
    const weights = rows.map((row) => 1 + row.u);
    const { scales, offset } = fitBlend([a, b], labels, weights);
    const lossAt = (x: number, y: number, z: number) => rows.reduce((sum, _, i) => sum + weights[i]! * logLossOf(x * a[i]! + y * b[i]! + z, labels[i]!), 0);
    const least = lossAt(scales[0]!, scales[1]!, offset);
    for (const [x, y, z] of [[0.01, 0, 0], [-0.01, 0, 0], [0, 0.01, 0], [0, -0.01, 0], [0, 0, 0.01], [0, 0, -0.01]] as const) assert.ok(lossAt(scales[0]! + x, scales[1]! + y, offset + z) > least);
  });
});
