import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { learnOffsets, makeAscending } from './conformal.js';
import { gaussianOutput, randomFrom, runAll, SETTINGS, walk } from './testing.js';

const Q = SETTINGS.levels.length;
const STEPS = SETTINGS.conformalSteps;

/** Plays `next(shown, t)` against the correction of a raw forecast with answers `delay` late; share at or below each level. */
function play(horizon: number, rounds: number, delay: number, raw: (t: number) => number[], next: (shown: Float64Array, t: number) => number) {
  let offsets: readonly number[] = new Array<number>(Q).fill(0);
  const waiting: { shown: Float64Array; z: number }[] = [];
  const below = new Float64Array(Q);
  let settled = 0;
  for (let t = 0; t < rounds; t += 1) {
    const shown = makeAscending(Float64Array.from(raw(t), (v, q) => v + offsets[q]!), STEPS);
    waiting.push({ shown, z: next(shown, t) });
    if (waiting.length < delay) continue;
    const due = waiting.shift()!;
    offsets = learnOffsets(SETTINGS, horizon, offsets, due.shown, due.z);
    due.shown.forEach((q, i) => (below[i]! += due.z <= q ? 1 : 0));
    settled += 1;
  }
  return { shares: Array.from(below, (n) => n / settled), offsets, settled };
}

const tooNarrow = (): number[] => Array.from({ length: Q }, (_, i) => (i - 5) * 0.05);

describe('the conformal correction', () => {
  const adversaries: Record<string, (shown: Float64Array, t: number) => number> = {
    'always just escapes above the middle of what was shown': (shown) => Math.min(Math.max(shown[5]! + 1e-9, -3), 3),
    'flips between outside left and outside right': (_, t) => (t % 2 === 0 ? 2.5 : -2.5),
    'trends up, crashes, trends again': (_, t) => ((t % 500) / 500) * 3 - 1,
    'is silent for long and then wild': (_, t) => (Math.floor(t / 700) % 2 === 0 ? 0 : (t % 3) - 1),
  };
  for (const [name, next] of Object.entries(adversaries)) {
    for (const delay of [1, 5, 20]) {
      it(`keeps the long-run share of every level within its bound when the sequence ${name}, answers ${delay} late`, () => {
        const { shares, offsets, settled } = play(1, 20_000, delay, tooNarrow, next);
        shares.forEach((share, i) => {
          assert.ok(Math.abs(offsets[i]!) < SETTINGS.conformalBound, 'no offset may stand at its bound');
          const bound = Math.abs(offsets[i]!) / (STEPS[i]! * settled);
          assert.ok(Math.abs(share - SETTINGS.levels[i]!) <= bound + 1e-9, `level ${SETTINGS.levels[i]}: ${share}, bound ${bound}`);
          assert.ok(bound < 0.035, `bound ${bound}`);
        });
      });
    }
  }

  it('repairs a forecast that is three times too narrow', () => {
    const random = randomFrom(3);
    const returns = Array.from({ length: 30_000 }, () => random.normal() * 0.001);
    const settings = { ...SETTINGS, horizons: [1, 2, 5] }; // 20 bars ahead it takes as long as 20 times fewer answers do
    const { settlements } = runAll(walk(returns), gaussianOutput(1 / 3, settings.horizons.length), settings);
    for (const horizon of settings.horizons) {
      const late = settlements.filter((s) => s.horizon === horizon).slice(20_000);
      const share = (key: 'covered50' | 'covered90' | 'covered99' | 'rawCovered90'): number => late.filter((s) => s[key]).length / late.length;
      assert.ok(Math.abs(share('covered90') - 0.9) < 0.02, `h${horizon}: 90 % band covers ${share('covered90')}`);
      assert.ok(Math.abs(share('covered50') - 0.5) < 0.03, `h${horizon}: 50 % band covers ${share('covered50')}`);
      assert.ok(Math.abs(share('covered99') - 0.99) < 0.01, `h${horizon}: 99 % band covers ${share('covered99')}`);
      assert.ok(share('rawCovered90') < 0.6, 'what it repairs must be broken');
    }
  });

  it('does hardly any harm to a forecast that is right', () => {
    const random = randomFrom(4);
    const { settlements } = runAll(walk(Array.from({ length: 8000 }, () => random.normal() * 0.001)));
    const one = settlements.filter((s) => s.horizon === 1);
    const ratio = one.reduce((sum, s) => sum + s.crps!, 0) / one.reduce((sum, s) => sum + s.crpsGaussian!, 0);
    assert.ok(ratio < 1.015, `CRPS ratio ${ratio}`);
  });

  it('projects to ascending values, leaves ascending ones alone, and is the nearest such sequence', () => {
    const values = fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: Q, maxLength: Q });
    fc.assert(fc.property(values, values, (given, other) => {
      const projected = makeAscending(Float64Array.from(given), STEPS);
      for (let i = 1; i < Q; i += 1) assert.ok(projected[i - 1]! <= projected[i]!);
      const rival = [...other].sort((a, b) => a - b);
      const distance = (to: ArrayLike<number>): number => given.reduce((sum, v, i) => sum + (v - to[i]!) ** 2 / STEPS[i]!, 0);
      assert.ok(distance(projected) <= distance(rival) + 1e-9);
      const sorted = [...given].sort((a, b) => a - b);
      assert.deepEqual([...makeAscending(Float64Array.from(sorted), STEPS)], sorted);
    }));
  });
});
