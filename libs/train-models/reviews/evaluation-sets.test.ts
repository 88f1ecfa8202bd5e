import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evaluate } from './evaluation-sets.js';

describe('figures of an evaluation', () => {
  const set = { name: 'made', texts: ['a', 'b', 'c', 'd', 'e'], labels: [1, 1, 0, 0, 0], clear: [true, true, true, true, false] };

  it('leave three stars out of accuracy and AUC, and count them among the others for average precision', () => {
    const figures = evaluate(set, [3, -1, -2, 1, 4]); // the text of three stars is ranked first of all
    assert.deepEqual([figures.texts, figures.negatives, figures.accuracy, figures.auc], [5, 2, 0.5, 0.75]);
    assert.ok(Math.abs(figures.averagePrecision - (1 / 2 + 2 / 4) / 2) < 1e-12);
    assert.ok(Math.abs(figures.accuracyWithin - 1.96 * Math.sqrt(0.25 / 4)) < 1e-12);
  });
});
