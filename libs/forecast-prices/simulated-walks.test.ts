import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WALK_KINDS, walkReturns } from './simulated-walks.js';

const moments = (x: ArrayLike<number>) => {
  const all = Array.from(x);
  const of = (power: number) => all.reduce((sum, r) => sum + r ** power, 0) / all.length;
  return { mean: of(1), deviation: Math.sqrt(of(2)), squares: all.slice(1).reduce((sum, r, i) => sum + (r ** 2 - of2) * (all[i]! ** 2 - of2), 0) / all.reduce((sum, r) => sum + (r ** 2 - of2) ** 2, 0), beyond4: all.filter((r) => Math.abs(r) > 0.04).length / all.length };
};
const of2 = 0.01 ** 2;

describe('walkReturns', () => {
  it('has mean 0 and the stated deviation, tails and clusters as named', () => {
    const [gaussian, t4, garch] = WALK_KINDS.map((kind) => moments(walkReturns(kind, 200_000, 1)));
    for (const m of [gaussian!, t4!, garch!]) {
      assert.ok(Math.abs(m.mean) < 1e-4, `mean ${m.mean}`);
      assert.ok(Math.abs(m.deviation - 0.01) < 5e-4, `deviation ${m.deviation}`);
    }
    assert.ok(gaussian!.beyond4 < 0.0002 && t4!.beyond4 > 0.003, `beyond four deviations: ${gaussian!.beyond4}, ${t4!.beyond4}`); // t4: 2 P(T4 > 4 sqrt 2) = 0.0048
    assert.ok(Math.abs(gaussian!.squares) < 0.02 && garch!.squares > 0.1, `neighbouring squares correlate by ${gaussian!.squares}, ${garch!.squares}`);
  });

  it('is the same for the same seed, and jumps where it is told to', () => {
    assert.deepEqual(walkReturns('garch', 50, 9), walkReturns('garch', 50, 9));
    const [calm, wild] = [walkReturns('t4', 50, 9), walkReturns('t4', 50, 9, { jump: { at: 30, factor: 3 } })];
    calm.forEach((r, i) => assert.ok(Math.abs(wild[i]! - (i < 30 ? r : 3 * r)) < 1e-15));
  });
});
