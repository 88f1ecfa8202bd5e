/** Slow, obvious recomputations from all history, compared with what the detector carries, at every prefix. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { SurgeObservation } from '#contracts';
import { fall, freshRuns, type Level, RATIOS, RUN_FIELDS, take } from './cusum.js';
import { freshSurgeTracker, observeReview, surgeSettings } from './index.js';
import { DAY_MS } from './settings.js';
import { START, streamOf } from './testing.js';

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

/** What a run of ratio `r` gains by each review, and loses in the time before it. */
interface Part {
  readonly at: number;
  readonly p: number;
  readonly loss: number;
  readonly gain: number;
}

/** The best of all beginnings: its sum, and the place where it began; of equal ones the newest. */
function bestOf(parts: readonly Part[]): { value: number; from: number } {
  let best = { value: 0, from: -1 };
  for (let from = 0; from < parts.length; from += 1) {
    const value = parts.slice(from).reduce((sum, { gain, loss }, i) => sum + gain - (i === 0 ? 0 : loss), 0);
    if (value > 1e-12 && value >= best.value - 1e-12) best = { value, from };
  }
  return best;
}

describe('the runs', () => {
  it('are the best over all beginnings that history has, with what came since then, at every prefix', () => {
    const reviews = fc.array(fc.record({ gap: fc.double({ min: 0.001, max: 0.5, noNaN: true }), p: fc.double({ min: 0, max: 1, noNaN: true }) }), { minLength: 1, maxLength: 19 });
    let alive = 0;
    fc.assert(fc.property(reviews, fc.double({ min: 0.2, max: 1, noNaN: true }), fc.double({ min: 0.05, max: 1, noNaN: true }), (given, pace, odds) => {
      const runs = freshRuns();
      const level: Level = { size: Infinity, shown: 0, expected: 0 };
      const history: { at: number; gap: number; p: number }[] = [];
      let at = 0;
      for (const { gap, p } of given) {
        at += gap;
        history.push({ at, gap, p });
        fall(runs, level, pace * gap);
        take(runs, { at, pNegative: p, negative: 1, other: 1, late: false }, level, level, odds);
        RATIOS.forEach((r, k) => {
          const raisedShare = (r * odds) / (1 + r * odds);
          const share = odds / (1 + odds);
          const channels: readonly (readonly Part[])[] = [
            history.map((each) => ({ ...each, loss: (r - 1) * pace * each.gap, gain: Math.log(1 + each.p * (r - 1)) })),
            history.map((each) => ({ ...each, loss: 0, gain: Math.log((each.p * raisedShare) / share + ((1 - each.p) * (1 - raisedShare)) / (1 - share)) })),
          ];
          channels.forEach((parts, channel) => {
            const slot = (channel * RATIOS.length + k) * RUN_FIELDS;
            const { value, from } = bestOf(parts);
            assert.ok(near(runs[slot]!, Math.min(60, value)) || value < 1e-9, `channel ${channel}, ratio ${r}: ${runs[slot]}, by hand ${value}`);
            if (value < 1e-6) return;
            alive += 1;
            const since = history.slice(from);
            assert.ok(near(runs[slot + 1]!, since[0]!.at) && near(runs[slot + 2]!, since.reduce((sum, each) => sum + each.p, 0)) && runs[slot + 3] === since.length, `channel ${channel}, ratio ${r}: began at ${runs[slot + 1]}, by hand ${since[0]!.at}`);
          });
        });
      }
    }), { numRuns: 300, seed: 5 });
    assert.ok(alive > 1000, `${alive} runs were alive`);
  });
});

describe('an open surge', () => {
  it('has observed what all history holds since its start, at every prefix, and its records expect what the rate or share of before makes of that time', () => {
    const settings = surgeSettings({ budgetPerDay: 1 / 30, season: 'none' });
    let compared = 0;
    fc.assert(fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
      const history: SurgeObservation[] = [];
      let tracker = freshSurgeTracker({});
      for (const observation of streamOf({ days: 12, perDay: 20, share: 0.1, size: 10, rises: [{ from: 6, to: 7.5, negatives: 8, others: 1 }] }, seed)) {
        history.push(observation);
        const step = observeReview(settings, tracker, observation, 'm');
        tracker = step.tracker;
        const { episode } = tracker;
        if (episode === null) continue;
        compared += 1;
        const since = history.filter(({ at }) => at >= episode.startedAt);
        const negatives = since.reduce((sum, { pNegative }) => sum + pNegative, 0);
        assert.ok(near(episode.observed, negatives), `${episode.observed}, by hand ${negatives}`);
        assert.equal(episode.reviews, since.length);
        // What time caused is dated before the review that showed it
        const newest = step.records.at(-1);
        if (newest === undefined) continue;
        const expected = episode.channel === 'count' ? (episode.rateBefore * (newest.at - episode.startedAt)) / DAY_MS : episode.shareBefore * since.filter(({ at }) => at <= newest.at).length;
        assert.ok(near(newest.expected, expected) && near(newest.excess, newest.observed - expected) && newest.excessLow <= newest.excess && newest.excess <= newest.excessHigh);
        assert.ok(newest.startedAt >= START && newest.startedAt <= newest.openedAt && newest.severity >= 1 && newest.severity <= 10);
      }
    }), { numRuns: 15, seed: 5 });
    assert.ok(compared > 300, `${compared} prefixes with an open surge`);
  });
});
