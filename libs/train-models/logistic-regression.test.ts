import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '#seeded-random';
import { dot, fitLogisticRegression } from './logistic-regression.js';
import type { SparseRow } from './logistic-regression.js';

const row = (...at: number[]): SparseRow => ({ at: Int32Array.from(at), values: new Float64Array(at.length).fill(1 / Math.sqrt(at.length)) });
const logistic = (x: number) => 1 / (1 + Math.exp(-x));

describe('logistic regression over sparse rows', () => {
  it('comes to the shares of each row with little regularisation: soft targets, weights', () => {
    // rows of one place: the optimum is that place's weighted mean of targets, but for what regularisation takes
    const rows = Array.from({ length: 4000 }, (_, i) => row(i % 2));
    const targets = rows.map((_, i) => (i % 2 === 0 ? 0.35 : Number(i % 4 === 1)));
    const weights = rows.map((_, i) => (i % 4 === 1 ? 3 : 1)); // place 1: one of weight 3 against zero of weight 1
    const fitted = fitLogisticRegression({ rows, targets, weights, offsets: null }, { size: 2, inverseStrength: 100 });
    assert.ok(Math.abs(logistic(fitted.weights[0]! + fitted.bias) - 0.35) < 0.02);
    assert.ok(Math.abs(logistic(fitted.weights[1]! + fitted.bias) - 0.75) < 0.02);
  });

  it('adds to log odds that are given only what they lack', () => {
    const rows = Array.from({ length: 4000 }, (_, i) => row(i % 2));
    const targets = rows.map((_, i) => Number(i % 8 < 6)); // three in four
    const offsets = rows.map((_, i) => (i % 2 === 0 ? Math.log(3) : 0)); // known of place 0 already
    const fitted = fitLogisticRegression({ rows, targets, weights: null, offsets }, { size: 2, inverseStrength: 100 });
    assert.ok(Math.abs(fitted.weights[0]! + fitted.bias) < 0.1);
    assert.ok(Math.abs(fitted.weights[1]! + fitted.bias - Math.log(3)) < 0.1);
  });

  it('has next to no gradient where it ends', () => {
    const random = seededRandom(9);
    const rows = Array.from({ length: 3000 }, () => row(...Array.from({ length: 4 }, () => Math.floor(random() * 30))));
    const targets = rows.map(({ at }) => Number(random() < logistic((at[0]! - at[1]!) / 10)));
    const C = 0.5;
    const fitted = fitLogisticRegression({ rows, targets, weights: null, offsets: null }, { size: 30, inverseStrength: C });
    const gradient = fitted.weights.map((w) => w / C);
    rows.forEach((r, i) => {
      const error = (logistic(dot(r, fitted.weights) + fitted.bias) - targets[i]!);
      r.at.forEach((at, k) => { gradient[at]! += error * r.values[k]!; });
    });
    const untrained = new Float64Array(30);
    rows.forEach((r, i) => r.at.forEach((at, k) => { untrained[at]! += (0.5 - targets[i]!) * r.values[k]!; }));
    assert.ok(Math.hypot(...gradient) < 0.01 * Math.hypot(...untrained), `${Math.hypot(...gradient)} of ${Math.hypot(...untrained)}`);
  });
});
