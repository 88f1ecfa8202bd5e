import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gamma, seededRandom } from '#seeded-random';
import { type Gaps, ordinarySilence } from './silence.js';

const DAY = 86_400_000;
/** Arrival times over `days`: each day has a gamma level, and nobody writes at night where `night` is a share of the day. */
function arrivals(perDay: number, size: number, night: number, days: number, random: () => number): number[] {
  const times: number[] = [];
  for (let day = 0; day < days; day += 1) {
    const level = perDay * gamma(size, random);
    for (let t = -Math.log(1 - random()) / level; t < 1; t -= Math.log(1 - random()) / level) times.push((day + night + t * (1 - night)) * DAY);
  }
  return times;
}

/** Of all gaps between these times, ascending. */
function gapsOf(times: readonly number[]): Gaps {
  const gaps = times.slice(1).map((at, i) => at - times[i]!);
  const largest = gaps.toSorted((a, b) => b - a).slice(0, Math.max(6, Math.ceil(gaps.length / 4)));
  return { largest, count: gaps.length, days: times.length < 2 ? 0 : (times.at(-1)! - times[0]!) / 86_400_000 };
}

describe('an ordinary silence', () => {
  it('is passed about as often as the budget allows and never twice as often, whatever the rate, with nights and swinging days', () => {
    for (const [perDay, size, night] of [[2, Infinity, 0], [20, Infinity, 0], [20, Infinity, 0.35], [20, 3, 0.35], [200, 3, 0]] as const) {
      const random = seededRandom(29);
      let passed = 0;
      let watched = 0;
      for (let product = 0; product < 60; product += 1) {
        const times = arrivals(perDay, size, night, Math.max(120, 600 / perDay), random);
        const known = times.filter((at, i) => at < 28 * DAY || i < 100);
        const limit = ordinarySilence(gapsOf(known), 1 / 30)!;
        const later = times.slice(known.length);
        watched += later.length === 0 ? 0 : (later.at(-1)! - later[0]!) / DAY;
        passed += later.slice(1).filter((at, i) => at - later[i]! > limit).length;
      }
      assert.ok(passed <= 2 * (watched / 30) + 3, `${perDay} a day, size ${size}, night ${night}: ${passed} in ${watched.toFixed(0)} days, ${(watched / 30).toFixed(1)} asked for`);
    }
  });

  it('is noticed soon after a busy product stops, late after a slow one, and never of one of whom little is known', () => {
    const random = seededRandom(3);
    const limit = (perDay: number) => ordinarySilence(gapsOf(arrivals(perDay, Infinity, 0, Math.max(28, 400 / perDay), random)), 1 / 91)! / DAY;
    const [busy, slow] = [limit(200), limit(0.5)];
    assert.ok(busy > 0.03 && busy < 0.2, `${busy} days at 200 a day`);
    assert.ok(slow > 8 && slow < 40, `${slow} days at one in two days`);
    assert.equal(ordinarySilence(gapsOf(arrivals(0.03, Infinity, 0, 300, random)), 1 / 91), null);
    assert.equal(ordinarySilence(gapsOf([]), 1), null);
  });

  it('scales with time, and does not depend on the order of the gaps', () => {
    const gaps = gapsOf(arrivals(10, 4, 0.3, 40, seededRandom(8)));
    const limit = ordinarySilence(gaps, 1 / 30)!;
    assert.equal(ordinarySilence({ ...gaps, largest: gaps.largest.toReversed() }, 1 / 30), limit);
    const slow = ordinarySilence({ largest: gaps.largest.map((gap) => 3 * gap), count: gaps.count, days: 3 * gaps.days }, 1 / 90)!;
    assert.ok(Math.abs(slow / limit - 3) < 1e-9);
    assert.ok(ordinarySilence(gaps, 1 / 365)! >= limit);
  });
});
