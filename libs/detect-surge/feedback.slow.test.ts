import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keepOf } from './baseline.js';
import { learnSurge, surgeSettings, surgeTrackerCodec, windowOf, withCaution, type JudgedSurge } from './index.js';
import { DAY_MS } from './settings.js';
import { runAll, START, streamOf } from './testing.js';
import type { SurgeTracker } from './tracker.js';

const settings = surgeSettings();
const day = (d: number) => START + d * DAY_MS;
const rising = (seed: number) => runAll(settings, streamOf({ days: 40, perDay: 30, share: 0.09, size: Infinity, rises: [{ from: 25, to: 27, negatives: 6, others: 1 }] }, seed), day(40));

/** The surge of the rise as its last record has it; it may have been open before. */
function surged(seed: number): { tracker: SurgeTracker; surge: JudgedSurge } {
  const { tracker, records } = rising(seed);
  const closed = records.find((r) => r.status === 'closed' && r.at >= day(25))!;
  return { tracker, surge: { startedAt: closed.startedAt, openedAt: closed.openedAt, closedAt: closed.at, observed: closed.observed, reviews: closed.observed / closed.shareNow } };
}

describe('a verdict of false or expected', () => {
  it('makes the normal what it would be had the surge been learned in full', () => {
    // the direct version: the same stream by settings under which a surge's buckets have a full weight
    let [off, was] = [0, 0];
    for (let seed = 1; seed <= 10; seed += 1) {
      const { tracker, surge } = surged(seed);
      const direct = runAll(surgeSettings({ surgeWeight: 1 }), streamOf({ days: 40, perDay: 30, share: 0.09, size: Infinity, rises: [{ from: 25, to: 27, negatives: 6, others: 1 }] }, seed), day(40)).tracker;
      const learned = learnSurge(settings, tracker, surge, 1);
      const rate = ({ baseline: b }: SurgeTracker) => b.negatives / b.exposure;
      off += Math.abs(rate(learned) - rate(direct)) / 10;
      was += Math.abs(rate(tracker) - rate(direct)) / 10;
    }
    assert.ok(off < 0.35 * was, `off by ${off} negatives a day, ${was} before`);
  });

  it('taken back leaves what was there, also after other days have passed', () => {
    const { tracker, surge } = surged(3);
    const learned = learnSurge(settings, tracker, surge, 1);
    assert.ok(learned.baseline.negatives > tracker.baseline.negatives + 10);
    const later = (from: SurgeTracker): SurgeTracker => {
      const keep = keepOf(settings) ** 10;
      return { ...from, bucket: from.bucket + 10, baseline: Object.fromEntries(Object.entries(from.baseline).map(([name, value]) => [name, typeof value === 'number' ? keep * value : value])) as unknown as SurgeTracker['baseline'] };
    };
    const [plain, taken] = [later(tracker), learnSurge(settings, later(learned), surge, -1)];
    for (const name of ['negatives', 'exposure', 'squares', 'shareNegatives', 'shareReviews', 'reviews'] as const) {
      assert.ok(Math.abs(taken.baseline[name] - plain.baseline[name]) < 1e-9 * Math.max(1, plain.baseline[name]), name);
    }
  });

  it('changes nothing for a surge whose level was adopted as the normal when it closed', () => {
    const { tracker, surge } = surged(3);
    assert.equal(learnSurge(settings, tracker, { ...surge, closedAt: surge.openedAt + settings.maxOpenMs }, 1), tracker);
  });

  it('raises the thresholds only from the third on, by what exceeds the budget, and is kept by the codec', () => {
    const { tracker } = surged(3);
    assert.equal(windowOf(settings, tracker), tracker.at - 364 * DAY_MS);
    assert.deepEqual([0, 1, 2, 3, 8, 1000].map((n) => withCaution(settings, tracker, n).caution), [0, 0, 0, 7, 14, 60]);
    // 40 days are 0.44 periods: ln((2 + 3) / 2.44) = 0.72
    const cautious = withCaution(settings, tracker, 3);
    assert.deepEqual(surgeTrackerCodec.decode(surgeTrackerCodec.encode(cautious), surgeTrackerCodec.format), cautious);
    const surgedToo = { ...cautious, bucketSurged: 1 as const };
    assert.deepEqual(surgeTrackerCodec.decode(surgeTrackerCodec.encode(surgedToo), surgeTrackerCodec.format), surgedToo);
    assert.equal(withCaution(settings, { ...cautious, at: cautious.at + 3650 * DAY_MS }, 3).caution, 0, 'three in a year are within the budget');
  });

  it('makes the same rise a rarer alarm', () => {
    const again = (from: SurgeTracker, seed: number): number => {
      const stream = [...streamOf({ days: 12, perDay: 30, share: 0.09, size: Infinity, rises: [{ from: 6, to: 8, negatives: 2.8, others: 1 }] }, seed)];
      return runAll(settings, stream.map((o) => ({ ...o, at: o.at + 41 * DAY_MS })), day(55), from).records.filter((r) => r.status === 'opened').length;
    };
    let [plain, cautious] = [0, 0];
    for (let seed = 1; seed <= 30; seed += 1) {
      const { tracker, surge } = surged(seed);
      plain += again(tracker, 100 + seed);
      cautious += again(withCaution(settings, learnSurge(settings, tracker, surge, 1), 6), 100 + seed);
    }
    assert.ok(plain >= 8 && cautious <= 0.6 * plain, `${cautious} alarms, ${plain} without the verdicts`);
  });
});
