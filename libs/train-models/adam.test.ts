import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { adamUpdate, scheduledRate } from './adam.js';

const moments = (n: number) => ({ first: new Float32Array(n), second: new Float32Array(n) });

describe('Adam', () => {
  it('moves each number by the rate in its first step, whatever the size of the gradient', () => {
    const values = Float32Array.of(1, 1, 1);
    adamUpdate(values, moments(3), Float32Array.of(100, -0.01, 0), 1, 0.1);
    [0.9, 1.1, 1].forEach((expected, i) => assert.ok(Math.abs(values[i]! - expected) < 1e-4));
  });

  it('finds the lowest point of a bowl', () => {
    const values = Float32Array.of(3);
    const m = moments(1);
    for (let step = 1; step <= 500; step++) adamUpdate(values, m, Float32Array.of(2 * (values[0]! - 1)), step, 0.05);
    assert.ok(Math.abs(values[0]! - 1) < 1e-2);
  });

  it('touches only the stretch it is given', () => {
    const values = Float32Array.of(1, 1, 1, 1);
    adamUpdate(values, moments(4), Float32Array.of(9, 9, 1, 1), 1, 0.1, 1, 2, 2);
    assert.deepEqual([values[0], values[3]], [1, 1]);
    assert.ok(values[1]! < 1 && values[2]! < 1);
  });
});

describe('the learning rate', () => {
  it('rises, then falls to a twentieth', () => {
    const rates = [0, 50, 99, 100, 500, 1000].map((step) => scheduledRate(1, step, 1000));
    assert.deepEqual(rates.slice(0, 3).map((r) => r.toFixed(2)), ['0.01', '0.51', '1.00']);
    assert.ok(rates[3]! > rates[4]! && rates[4]! > rates[5]!);
    assert.ok(Math.abs(rates[5]! - 0.05) < 1e-9);
  });
});
