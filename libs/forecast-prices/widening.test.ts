import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { randomFrom, runAll, SETTINGS, walk } from './testing.js';
import { learnWidening, widenBy } from './widening.js';

const NORMAL_95 = 1.6448536;

/** The model's own scale follows within some bars; one that does not follow at all is the worst case: the same raw band for ever. */
function covered(returns: (t: number) => number, bars: number): { shares: number[]; last: number } {
  const shown = SETTINGS.levels.map((level) => Math.log(level / (1 - level)) / 1.77);
  let widening = 0;
  const inside: number[] = [];
  for (let t = 0; t < bars; t += 1) {
    const quantiles = shown.map((q) => q * widenBy(widening));
    const actual = returns(t);
    inside.push(Math.abs(actual) <= NORMAL_95 * widenBy(widening) ? 1 : 0);
    widening = learnWidening(SETTINGS, widening, quantiles, actual);
  }
  const share = (from: number, to: number): number => inside.slice(from, to).reduce((a, b) => a + b, 0) / (to - from);
  return { shares: [share(0, bars / 2), share(bars / 2, bars)], last: widening };
}

describe('the widening', () => {
  it('stays small while the bands are right, and brings coverage two thirds of the way back within 50 bars of a tripled volatility that nothing else follows', () => {
    const random = randomFrom(5);
    const calm = covered(() => random.normal(), 20_000);
    assert.ok(calm.shares.every((share) => Math.abs(share - 0.9) < 0.012), calm.shares.join(', '));
    let late = 0;
    for (let walkOf = 0; walkOf < 200; walkOf += 1) late += covered(() => 3 * random.normal(), 100).shares[1]! / 200;
    const without = 0.416; // P(|3 Z| <= 1.645)
    assert.ok(late > without + (2 / 3) * (0.9 - without), `${late} covered from bar 50 to 100, with a scale that never follows`);
  });

  it('is bounded whatever comes, and symmetric in its effect', () => {
    let wild = 0;
    for (let t = 0; t < 10_000; t += 1) wild = learnWidening(SETTINGS, wild, SETTINGS.levels.map(() => 0), 1);
    assert.ok(wild <= Math.log(4) + 1e-12 && widenBy(wild) < 4 && widenBy(wild) > 3.5, `${wild}`);
    assert.ok(Math.abs(widenBy(wild) * widenBy(-wild) - 1) < 1e-12);
    assert.equal(widenBy(0), 1);
  });

  it('reaches the forecasts of the longest horizon within a dozen bars, before the first of their own answers has come', () => {
    const longest = SETTINGS.horizons.at(-1)!;
    const [before, after] = [99, 99 + 13];
    let [calm, jumped] = [0, 0];
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = randomFrom(seed);
      const { forecasts } = runAll(walk(Array.from({ length: 120 }, (_, t) => (t < 99 ? 0.001 : 0.004) * random.normal())));
      const widened = (bar: number): number => { const f = forecasts.find((own) => own.bar === BigInt(bar) && own.horizon === longest)!; return (f.corrected[8]! - f.corrected[2]!) / (f.raw[8]! - f.raw[2]!); };
      calm += widened(before) / 20;
      jumped += widened(after) / 20;
    }
    assert.ok(jumped > 1.05 * calm && Math.abs(calm - 1) < 0.05, `${calm} times the raw band before, ${jumped} after`);
  });
});
