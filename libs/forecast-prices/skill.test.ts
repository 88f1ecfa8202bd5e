import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dieboldMariano, directionClaim } from './skill.js';
import { randomFrom } from './testing.js';

describe('dieboldMariano', () => {
  it('is the paired t test where forecasts do not overlap', () => {
    const random = randomFrom(1);
    const d = Array.from({ length: 80 }, () => 0.1 + random.normal());
    const mean = d.reduce((a, b) => a + b, 0) / 80;
    const deviation = Math.sqrt(d.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 79);
    const test = dieboldMariano(d, 1)!;
    assert.ok(Math.abs(test.statistic - mean / (deviation / Math.sqrt(80))) < 1e-12);
    assert.ok(Math.abs(test.pTwoSided - 2 * Math.min(test.pBetter, 1 - test.pBetter)) < 1e-12);
  });

  it('knows that overlapping differences tell less: summed over five bars, it finds a difference about as often as it should', () => {
    const random = randomFrom(2);
    let [naive, honest] = [0, 0];
    for (let trial = 0; trial < 400; trial += 1) {
      const x = Array.from({ length: 304 }, () => random.normal());
      const d = Array.from({ length: 300 }, (_, i) => x[i]! + x[i + 1]! + x[i + 2]! + x[i + 3]! + x[i + 4]!);
      if (dieboldMariano(d, 1)!.pTwoSided < 0.05) naive += 1;
      if (dieboldMariano(d, 5)!.pTwoSided < 0.05) honest += 1;
    }
    assert.ok(naive > 100, `without the lags ${naive} of 400 at 5 %`);
    assert.ok(honest < 40, `with them ${honest} of 400 at 5 %; 36 is the 99.9 % limit of Binomial(400, 0.05), and the test is known to be a little liberal`);
  });

  it('weights the lags as Bartlett does where the full ones add up to less than nothing', () => {
    const d = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 1 : -1) + (i === 7 ? 0.5 : 0));
    const test = dieboldMariano(d, 2)!;
    assert.ok(Number.isFinite(test.statistic) && test.pTwoSided > 0 && test.pTwoSided <= 1);
  });

  it('says nothing of too few, of less than three spans, and of what is all alike', () => {
    const random = randomFrom(3);
    const d = Array.from({ length: 59 }, () => random.normal());
    assert.equal(dieboldMariano(d.slice(0, 29), 1), null);
    assert.notEqual(dieboldMariano(d.slice(0, 30), 1), null);
    assert.equal(dieboldMariano(d, 20), null);
    assert.equal(dieboldMariano(new Array<number>(100).fill(0), 1), null);
  });
});

describe('directionClaim', () => {
  it('denies where the median is no change, and where it is noise', () => {
    const random = randomFrom(4);
    const actuals = Array.from({ length: 400 }, () => random.normal());
    const still = directionClaim(actuals.map(() => 0), actuals, 1, 5);
    assert.deepEqual(still, { forecasts: 250, skill: 0, pValue: null, claimed: false, words: 'no directional skill in the last 250 forecasts' });
    const noise = directionClaim(actuals.map(() => 0.2 * random.normal()), actuals, 1, 5);
    assert.ok(!noise.claimed && noise.skill! < 0);
  });

  it('claims where the median goes half the way', () => {
    const random = randomFrom(5);
    const actuals = Array.from({ length: 400 }, () => random.normal());
    const claim = directionClaim(actuals.map((y) => 0.3 * y + 0.3 * random.normal()), actuals, 1, 5);
    assert.ok(claim.claimed && claim.skill! > 0);
    assert.equal(claim.words, 'directional skill in the last 250 forecasts');
  });

  it('looks at the newest 250 alone', () => {
    const random = randomFrom(6);
    const actuals = Array.from({ length: 500 }, () => random.normal());
    const stale = directionClaim(actuals.map((y, i) => (i < 250 ? y : 0.01 * random.normal())), actuals, 1, 5);
    assert.ok(!stale.claimed);
  });

  it('says how many there were', () => {
    assert.equal(directionClaim([0, 0], [1, 1], 1, 5).words, 'no directional skill in the last 2 forecasts');
  });
});
