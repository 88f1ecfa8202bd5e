import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { SurgeObservation, SurgeRecord } from '#contracts';
import { elapseSurge, freshSurgeTracker, observeReview, surgeSettings, surgeTrackerCodec, type SurgeTracker } from './index.js';
import { DAY_MS, HOUR_MS } from './settings.js';
import { runAll, START, streamOf } from './testing.js';

const settings = surgeSettings({ budgetPerDay: 1 / 30 });
const withSurge = (seed: number, factor = 8) => [...streamOf({ days: 14, perDay: 20, share: 0.1, size: 10, rises: [{ from: 6, to: 7, negatives: factor, others: 1 }] }, seed)];
const END = START + 30 * DAY_MS;
const roundTrip = (tracker: SurgeTracker) => surgeTrackerCodec.decode(surgeTrackerCodec.encode(tracker), surgeTrackerCodec.format);
const seeds = fc.integer({ min: 1, max: 1e6 });

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !ArrayBuffer.isView(value)) for (const inner of Object.values(Object.freeze(value))) deepFreeze(inner);
  return value;
}

describe('the surge step', () => {
  it('gives the same records and bytes when the state is stored and read back between any two reviews', () => {
    fc.assert(fc.property(seeds, fc.integer({ min: 1, max: 40 }), (seed, every) => {
      const stream = withSurge(seed);
      const whole = runAll(settings, stream, END);
      let tracker = freshSurgeTracker({});
      const records: SurgeRecord[] = [];
      stream.forEach((observation, i) => {
        const step = observeReview(settings, i % every === 0 ? roundTrip(tracker) : tracker, observation, 'm');
        tracker = step.tracker;
        records.push(...step.records);
      });
      const last = elapseSurge(settings, roundTrip(tracker), 'p', END, 'm');
      assert.deepEqual([...records, ...last.records], whole.records);
      assert.deepEqual(surgeTrackerCodec.encode(last.tracker), surgeTrackerCodec.encode(whole.tracker));
    }), { numRuns: 25 });
  });

  it('does not depend on who notices the time: the scheduler asking at any moments changes no record and no byte', () => {
    let asked = 0;
    fc.assert(fc.property(seeds, fc.array(fc.nat({ max: 24 * 20 }), { minLength: 1, maxLength: 60 }), (seed, hours) => {
      const stream = [...streamOf({ days: 12, perDay: 20, share: 0.1, size: 10, rises: [{ from: 8, to: 8.7, negatives: 10, others: 1 }, { from: 11.2, to: 12, negatives: 10, others: 1 }] }, seed)];
      const whole = runAll(settings, stream, END);
      const calls = hours.map((h) => START + h * HOUR_MS + 17).sort((a, b) => a - b);
      let tracker = freshSurgeTracker({});
      const records: SurgeRecord[] = [];
      const ask = (until: number) => {
        for (; calls.length > 0 && calls[0]! <= until; calls.shift()) {
          const step = elapseSurge(settings, tracker, 'p', calls[0]!, 'm');
          if (step.records.length === 0) assert.equal(step.tracker, tracker, 'nothing was due: the very tracker comes back');
          asked += step.records.length;
          tracker = step.tracker;
          records.push(...step.records);
        }
      };
      for (const observation of stream) {
        ask(observation.at);
        const step = observeReview(settings, tracker, observation, 'm');
        tracker = step.tracker;
        records.push(...step.records);
      }
      ask(END);
      const last = elapseSurge(settings, tracker, 'p', END, 'm');
      assert.deepEqual([...records, ...last.records], whole.records);
      assert.deepEqual(surgeTrackerCodec.encode(last.tracker), surgeTrackerCodec.encode(whole.tracker));
    }), { numRuns: 40 });
    assert.ok(asked > 20, `the scheduler itself found ${asked} transitions`);
  });

  it('mutates neither the tracker nor the observation it is given', () => {
    let tracker = freshSurgeTracker({});
    for (const observation of withSurge(3)) {
      const bytes = surgeTrackerCodec.encode(deepFreeze(tracker));
      const next = observeReview(settings, tracker, deepFreeze(observation), 'm').tracker;
      elapseSurge(settings, tracker, 'p', observation.at + DAY_MS, 'm');
      assert.deepEqual(surgeTrackerCodec.encode(tracker), bytes);
      tracker = next;
    }
  });

  it('finds the same surges at scaled times when times, rates and settings are scaled (hours and weeks, so the season, do not)', () => {
    const plainSettings = surgeSettings({ ...settings, season: 'none' });
    const scaled = surgeSettings({
      ...plainSettings, burstMs: settings.burstMs * 2, budgetPerDay: settings.budgetPerDay / 2, bucketMs: settings.bucketMs * 2, halfLifeMs: settings.halfLifeMs * 2, dispersionHalfLifeMs: settings.dispersionHalfLifeMs * 2, warmupMs: settings.warmupMs * 2,
      persistMs: settings.persistMs * 2, minCalmMs: settings.minCalmMs * 2, minQuietMs: settings.minQuietMs * 2, silenceMs: settings.silenceMs * 2, maxOpenMs: settings.maxOpenMs * 2,
    });
    const prior = { rateShape: 0.5, rateDays: 1 };
    fc.assert(fc.property(seeds, (seed) => {
      const stream = withSurge(seed);
      const plain = runAll(plainSettings, stream, END);
      const slow = runAll(scaled, stream.map((o) => ({ ...o, at: o.at * 2 })), END * 2, freshSurgeTracker(prior));
      assert.deepEqual(slow.records.map((r) => [r.status, r.channel, r.openedAt, r.startedAt, r.severity]), plain.records.map((r) => [r.status, r.channel, r.openedAt * 2, r.startedAt * 2, r.severity]));
      slow.records.forEach((r, i) => assert.ok(Math.abs(r.at - 2 * plain.records[i]!.at) <= 2, 'due times are whole ms'));
    }), { numRuns: 20 });
  });

  it('never opens a share surge because praise was added', () => {
    const share = surgeSettings({ channels: ['share'], budgetPerDay: 1 / 30 });
    fc.assert(fc.property(seeds, fc.integer({ min: 1, max: 10 }), (seed, praise) => {
      const stream = [...streamOf({ days: 10, perDay: 20, share: 0.1, size: Infinity, rises: [] }, seed)];
      const flooded = stream.flatMap((o) => (o.at < START + 6 * DAY_MS ? [o] : [o, ...Array.from({ length: praise }, () => ({ ...o, pNegative: 0 }))]));
      const opened = (records: readonly SurgeRecord[]) => records.filter((r) => r.status === 'opened').length;
      assert.ok(opened(runAll(share, flooded).records) <= opened(runAll(share, stream).records));
    }), { numRuns: 40 });
  });

  it('keeps its records in order: seq rises by one, times never fall, one episode at a time', () => {
    fc.assert(fc.property(seeds, fc.constantFrom(5, 8, 20), (seed, factor) => {
      let open: SurgeRecord | null = null;
      let last = 0;
      for (const record of runAll(settings, withSurge(seed, factor), END).records) {
        assert.ok(record.at >= last && record.startedAt <= record.openedAt);
        last = record.at;
        assert.equal(record.seq, open === null ? 1 : open.seq + 1);
        assert.equal(record.status === 'opened', open === null);
        if (open !== null) assert.ok(record.surgeId === open.surgeId && record.severity >= open.severity);
        assert.equal(record.closedAt, record.status === 'closed' ? record.at : null);
        open = record.status === 'closed' ? null : record;
      }
      assert.equal(open, null, 'closed in the end');
    }), { numRuns: 40 });
  });

  it('stays finite and bounded under hostile observations', () => {
    const observation = fc.record({ at: fc.integer({ min: START, max: START + 60 * DAY_MS }), pNegative: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(fc.property(fc.array(observation, { maxLength: 120 }), (list) => {
      let tracker = freshSurgeTracker({});
      list.forEach((o) => {
        const full: SurgeObservation = { ...o, productId: 'p' };
        tracker = observeReview(surgeSettings({ warmupReviews: 3, warmupMs: 0, budgetPerDay: 1 }), tracker, full, 'm').tracker;
        assert.deepEqual(roundTrip(tracker), tracker);
      });
      assert.ok(surgeTrackerCodec.encode(tracker).length <= 2048);
    }), { numRuns: 60 });
  });
});
