import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BURST_FIELDS, burstKind, freshBursts, SINGLES, weigh } from './burst.js';
import { surgeSettings } from './index.js';
import { normalOf } from './normal.js';
import { DAY_MS } from './settings.js';
import { simulateStream } from './simulate-stream.js';
import { runAll } from './testing.js';

const MINUTE = 60_000;

describe('bursts', () => {
  const learned = (wrong?: 'batches') => {
    const settings = surgeSettings();
    const { tracker } = runAll(settings, simulateStream({ rate: 8, share: 0.3, size: Infinity, ...(wrong === undefined ? {} : { wrong }) }, 150, 9));
    return normalOf(settings, tracker);
  };

  it('are learned: three of four reviews follow another where four come at once, none where they come singly', () => {
    const batches = learned('batches');
    assert.ok(Math.abs(batches.negativeBursts.follow - 0.75) < 0.08, `${batches.negativeBursts.follow}`);
    assert.ok(Math.abs(batches.otherBursts.follow - 0.75) < 0.08);
    assert.ok(Math.abs(batches.negativeBursts.rate - 2) < 0.6, `clusters a day, two in truth: ${batches.negativeBursts.rate}`);
    assert.ok(batches.countDispersion < 2, `${batches.countDispersion}: a cluster counts once, so days do not swing beyond chance (7 if all counted)`);
    const single = learned();
    assert.ok(single.negativeBursts.follow < 0.05 && Math.abs(single.negativeBursts.rate / single.rate - 1) < 0.05);
  });

  it('count a close review of their kind by what chance explains, a far one and the other kind in full', () => {
    const kind = (follow: number) => burstKind(10 * MINUTE, DAY_MS, 4, 4, follow * 1000, 1000);
    const at = 1_000 * DAY_MS + 12_345;
    const weights = (follow: number, gap: number, kinds: readonly [number, number]) => {
      const bursts = freshBursts();
      weigh(bursts, kind(follow), kind(0), DAY_MS, at, kinds[0], 0.5, false);
      return weigh(bursts, kind(follow), kind(0), DAY_MS, at + gap, kinds[1], 0.5, false);
    };
    assert.equal(weights(0.7, MINUTE, [1, 1])[0], 0);
    assert.equal(weights(0.7, 11 * MINUTE, [1, 1])[0], 1);
    assert.equal(weights(0.7, MINUTE, [0, 1])[0], 1);
    assert.equal(weights(0, MINUTE, [1, 1])[0], 1);
    const some = weights(0.01, MINUTE, [1, 1])[0];
    assert.ok(some > 0 && some < 1, `${some}`);
  });

  it('are not seen in dates without a time of day', () => {
    const bursts = freshBursts();
    const kind = burstKind(10 * MINUTE, DAY_MS, 4, 1, 700, 1000);
    for (let i = 0; i < 5; i += 1) assert.deepEqual(weigh(bursts, kind, kind, DAY_MS, 1_000 * DAY_MS, 1, 0, true), [1, 1]);
    assert.equal(bursts[SINGLES], 5);
    assert.deepEqual(bursts.slice(SINGLES + 2), new Array<number>(BURST_FIELDS - SINGLES - 2).fill(0));
  });
});
