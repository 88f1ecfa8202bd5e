import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COUNT, fall, freshRuns, type Level, RATIOS, RUN_FIELDS, RUN_WEIGHTS, suspicion, take, type Weighed } from './cusum.js';

const review = (at: number, pNegative: number): Weighed => ({ at, pNegative, negative: 1, other: 1, late: false });

describe('a run within one bucket', () => {
  /** A count's run that began with a negative at `began` of the bucket and saw `n` more at equal steps until `until`, negatives expected by a clock. */
  function countRun(size: number, before: number, began: number, until: number, n: number): number[] {
    const runs = freshRuns();
    const level = (shown: number, expected: number): Level => ({ size, shown, expected });
    take(runs, review(1, 1), level(before, began), level(before, began), 0.1);
    for (let i = 0; i < n; i += 1) {
      const [from, to] = [began + ((until - began) * i) / n, began + ((until - began) * (i + 1)) / n];
      fall(runs, level(before + 1 + i, from), to - from);
      take(runs, review(2 + i, 1), level(before + 1 + i, to), level(before + 1 + i, to), 0.1);
    }
    return RATIOS.map((_, k) => runs[k * RUN_FIELDS]!);
  }

  it('is the log likelihood ratio of the negative binomial with the level\'s posterior, however finely time is cut', () => {
    const [size, before, began, until, n] = [4, 3, 2.5, 4, 40];
    // Before the run the level is gamma(size + before, size + began); the marginal of n + 1 events in the time since under ratio r against 1
    const direct = (r: number) => (n + 1) * Math.log(r) - (size + before + n + 1) * Math.log((size + began + r * (until - began)) / (size + until));
    countRun(size, before, began, until, n).forEach((value, k) => assert.ok(Math.abs(value - direct(RATIOS[k]!)) < 1e-9 || value === 60, `ratio ${RATIOS[k]}: ${value}, by hand ${direct(RATIOS[k]!)}`));
  });

  it('is the Poisson CUSUM when the level is sure', () => {
    const [began, until, n] = [2, 5, 12];
    const poisson = (r: number) => (n + 1) * Math.log(r) - (r - 1) * (until - began);
    for (const size of [Infinity, 1e9]) countRun(size, 0, began, until, n).slice(0, 3).forEach((value, k) => assert.ok(Math.abs(value - poisson(RATIOS[k]!)) < 1e-5));
  });

  it('of the share does not move by volume: ten times of both kinds leave it where one time does, when the level is sure', () => {
    const run = (times: number) => {
      const runs = freshRuns();
      const level: Level = { size: Infinity, shown: 0, expected: 0 };
      for (let i = 0; i < 10 * times; i += 1) take(runs, review(i, i % 2 === 0 ? 1 : 0), level, level, 1);
      return runs[RATIOS.length * RUN_FIELDS]!;
    };
    assert.ok(run(1) < 1 && run(10) < 1);
  });
});

describe('the mean of the runs', () => {
  it('is the log of their weighted mean likelihood ratio, and one run where all the weight is on it', () => {
    const runs = freshRuns();
    const level: Level = { size: Infinity, shown: 0, expected: 0 };
    for (let i = 0; i < 6; i += 1) take(runs, review(i, 1), level, level, 1);
    const values = RATIOS.map((_, k) => runs[k * RUN_FIELDS]!);
    const direct = Math.log(values.reduce((sum, value, k) => sum + RUN_WEIGHTS[k]! * Math.exp(value), 0));
    assert.ok(Math.abs(suspicion(runs, COUNT, 1, RUN_WEIGHTS)!.log - direct) < 1e-9);
    assert.ok(Math.abs(suspicion(runs, COUNT, 1, [0, 0, 1, 0, 0, 0])!.log - values[2]!) < 1e-9);
    assert.equal(suspicion(runs, COUNT, Math.max(...values) + 1, RUN_WEIGHTS), null);
  });
});
