import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { binaryFigures, fitCalibration, logistic } from './metrics.js';

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
