import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advance, MAIN_SURGE, speedAt, STORY_SPAN, storyStart } from './index.js';

const DAY = 86_400_000;
const begun = Date.UTC(2026, 10, 23, 13, 5);
const start = storyStart(begun);

/** Where the story stands after each second of the clock. */
function run(seconds: number, from = start): number[] {
  const stands = [from];
  for (let tick = 1; tick <= seconds * 10; tick += 1) {
    const at = advance(start, stands.at(-1)!, begun + tick * 100, 100);
    stands.push(at);
  }
  return stands.filter((_, i) => i % 10 === 0);
}

describe('the pace of the story', () => {
  it('tells six days in 20 s and ten days in 240 s', () => {
    const stands = run(245);
    assert.ok(stands[19]! < start + 6 * DAY && stands[21]! >= start + 6 * DAY);
    assert.ok(stands[238]! < start + STORY_SPAN && stands[242]! >= start + STORY_SPAN);
  });

  it('shows the surge begin within a minute and leaves it a day to close within four', () => {
    const second = (at: number) => run(300).findIndex((stand) => stand >= start + at);
    assert.ok(second(MAIN_SURGE.from) < 60, String(second(MAIN_SURGE.from)));
    assert.ok(second(MAIN_SURGE.until + 1.5 * DAY) < 240, String(second(MAIN_SURGE.until + 1.5 * DAY)));
  });

  it('never goes back and never tells the future, and meets the clock in the end', () => {
    const stands = run(3_600);
    stands.forEach((at, second) => { assert.ok(at <= begun + second * 1000 && (second === 0 || at >= stands[second - 1]!)); });
    assert.ok(begun + 3_600_000 - stands.at(-1)! < 2_000);
    assert.equal(speedAt(start, begun, begun), 0);
    assert.equal(advance(start, begun + 500, begun, 100), begun + 500);
  });

  it('is back within half an hour after a month away', () => {
    let at = start + STORY_SPAN;
    const now = begun + 30 * DAY;
    let seconds = 0;
    for (; now + seconds * 1000 - at > 2 * DAY; seconds += 1) at = advance(start, at, now + seconds * 1000, 1000);
    assert.ok(seconds < 1_800, String(seconds));
  });
});
