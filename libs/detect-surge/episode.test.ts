import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TidewatchError } from '#contracts';
import { defaultSurgePrior, freshSurgeTracker, observeReview, poolPrior, summarizeSurge, surgeSettings, surgeTrackerCodec } from './index.js';
import { DAY_MS, HOUR_MS } from './settings.js';
import { runAll, START, streamOf } from './testing.js';

const settings = surgeSettings();
const day = (d: number) => START + d * DAY_MS;

describe('an episode', () => {
  const surge = (seed: number) => runAll(settings, streamOf({ days: 21, perDay: 30, share: 0.09, size: Infinity, rises: [{ from: 15, to: 16, negatives: 8, others: 1 }] }, seed), day(27));

  it('opens within hours of a rise by eight, worsens, eases, and closes within two days after its end', () => {
    let told = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const all = surge(seed).records;
      const records = all.filter((r) => r.surgeId === all.find((first) => first.openedAt >= day(15))?.surgeId);
      const [first, last] = [records[0], records.at(-1)];
      const statuses = new Set(records.map((r) => r.status));
      const soon = first !== undefined && first.openedAt < day(15) + 18 * HOUR_MS && Math.abs(first.startedAt - day(15)) < 18 * HOUR_MS;
      if (soon && statuses.size === 4 && last!.status === 'closed' && last!.at < day(18.5)) told += 1;
    }
    assert.ok(told >= 16, `the whole story in ${told} of 20`);
  });

  it('is not opened by a sale that brings ten times the praise, nor by ten times of everything unless the settings ask', () => {
    const opened = (others: number, negatives: number, own = settings) => {
      let count = 0;
      for (let seed = 1; seed <= 30; seed += 1) {
        const { records } = runAll(own, streamOf({ days: 12, perDay: 20, share: 0.1, size: Infinity, rises: [{ from: 8, to: 9.5, negatives, others }] }, seed));
        count += records.filter((r) => r.status === 'opened' && r.at >= day(8) && r.at < day(9.5)).length;
      }
      return count;
    };
    assert.equal(opened(10, 1), 0);
    assert.ok(opened(10, 10) <= 2);
    assert.equal(opened(10, 10, surgeSettings({ channels: ['count'], countGate: 'none' })), 30);
  });

  it('says nothing while a product is warming up, and says so in its summary', () => {
    const { records, tracker } = runAll(settings, streamOf({ days: 2, perDay: 30, share: 0.9, size: Infinity, rises: [] }, 1));
    assert.deepEqual(records, []);
    assert.equal(summarizeSurge(tracker).status, 'warming');
    assert.ok((summarizeSurge(tracker).warmupDays as number) > 0);
  });

  it('counts a late review of an open surge and dates what follows at the newest event time', () => {
    const stream = [...streamOf({ days: 9, perDay: 30, share: 0.09, size: Infinity, rises: [{ from: 8, to: 9, negatives: 8, others: 1 }] }, 2)];
    const { tracker } = runAll(settings, stream);
    assert.ok(tracker.episode !== null);
    const late = { ...stream.at(-1)!, at: tracker.episode.startedAt + 1, pNegative: 1 };
    let next = observeReview(settings, tracker, late, 'm');
    assert.equal(next.tracker.episode!.observed, tracker.episode.observed + 1);
    assert.equal(next.tracker.at, tracker.at);
    for (let i = 0; i < 40 && next.records.length === 0; i += 1) next = observeReview(settings, next.tracker, late, 'm');
    assert.equal(next.records[0]!.status, 'worsening');
    assert.equal(next.records[0]!.at, tracker.at);
    const before = observeReview(settings, tracker, { ...late, at: tracker.episode.startedAt - 3 * DAY_MS }, 'm').tracker;
    assert.equal(before.episode!.observed, tracker.episode.observed, 'a review older than the surge is not its');
    assert.ok(before.baseline.negatives > tracker.baseline.negatives, 'but teaches the normal');
  });

  it('takes a level that stays for the new normal after the longest time a surge may be open', () => {
    const { records, tracker } = runAll(settings, streamOf({ days: 60, perDay: 30, share: 0.09, size: Infinity, rises: [{ from: 8, to: 60, negatives: 5, others: 1 }] }, 4), day(60));
    assert.ok(records.filter((r) => r.status === 'opened').length <= 2);
    assert.equal(tracker.episode, null);
    assert.ok(Math.abs((summarizeSurge(tracker).ratePerDay as number) - 13) < 4);
  });
});

describe('settings, prior and codec', () => {
  it('refuse what makes no sense, by name', () => {
    const refused = (run: () => unknown, code: string, pattern: RegExp) => assert.throws(run, (e) => e instanceof TidewatchError && e.code === code && pattern.test(e.message));
    for (const budgetPerDay of [0, -1, Number.NaN, Infinity]) refused(() => surgeSettings({ budgetPerDay }), 'SETTING_INVALID', /budgetPerDay/);
    refused(() => surgeSettings({ channels: [] }), 'SETTING_INVALID', /channels/);
    refused(() => surgeSettings({ sigma: 3 } as object), 'SETTING_INVALID', /no surge setting "sigma"/);
    refused(() => surgeSettings({ timeZone: 'Europe/Berlinn' }), 'SETTING_INVALID', /"Europe\/Berlinn", which is no known time zone; expected an IANA name/);
    refused(() => freshSurgeTracker({ season: [1, 2] }), 'SETTING_INVALID', /season must be 31 positive numbers/);
    for (const runWeights of [[1], [0.5, 0, 0, 0, 0, 0], [2, -1, 0, 0, 0, 0]]) refused(() => surgeSettings({ runWeights }), 'SETTING_INVALID', /runWeights must be 6 numbers/);
    refused(() => freshSurgeTracker({ rateShape: -1 }), 'SETTING_INVALID', /rateShape/);
    const bytes = surgeTrackerCodec.encode(freshSurgeTracker({}));
    refused(() => surgeTrackerCodec.decode(bytes, 9), 'STATE_FORMAT_UNKNOWN', /format 9/);
    refused(() => surgeTrackerCodec.decode(bytes.with(0, 7), surgeTrackerCodec.format), 'STATE_FORMAT_UNKNOWN', /first byte 7/);
    for (let size = 1; size < bytes.length; size += 7) refused(() => surgeTrackerCodec.decode(bytes.slice(0, size), surgeTrackerCodec.format), 'STATE_CORRUPT', /bytes/);
    refused(() => surgeTrackerCodec.decode(Uint8Array.of(...bytes, 0), surgeTrackerCodec.format), 'STATE_CORRUPT', /too many/);
  });

  it('name other settings by their values, the same every time', () => {
    assert.equal(surgeSettings().settingsId, 'default-5');
    assert.equal(surgeSettings({ budgetPerDay: 0.5 }).settingsId, surgeSettings({ budgetPerDay: 0.5 }).settingsId);
    assert.notEqual(surgeSettings({ budgetPerDay: 0.5 }).settingsId, surgeSettings({ budgetPerDay: 0.25 }).settingsId);
  });

  it('pool the products into a prior near their truth, whatever their order, and keep the default for too few', () => {
    assert.deepEqual(poolPrior([]), defaultSurgePrior);
    assert.deepEqual(freshSurgeTracker({}).prior, defaultSurgePrior);
    const summaries = Array.from({ length: 12 }, (_, i) => summarizeSurge(runAll(settings, streamOf({ days: 30, perDay: 10 + 3 * i, share: 0.2, size: Infinity, rises: [] }, i + 1)).tracker));
    const prior = poolPrior(summaries);
    assert.ok(Math.abs(prior.shareNegatives / (prior.shareNegatives + prior.shareOthers) - 0.22) < 0.04);
    assert.ok(Math.abs(prior.rateShape / prior.rateDays - 5.7) < 1.2);
    assert.deepEqual(poolPrior(summaries.toReversed()), prior);
    assert.deepEqual(freshSurgeTracker(JSON.parse(JSON.stringify(prior)) as Record<string, unknown>).prior, prior);
  });
});
