import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SurgeObservation } from '#contracts';
import { defaultSurgePrior, freshSurgeTracker, observeReview, summarizeSurge, surgeSettings } from './index.js';
import { DAY_MS } from './settings.js';
import { runAll, START, streamOf } from './testing.js';

/** Rate per day and share from all history: every review weighs 2^(-whole days between its day's end and the open day's start / 28). */
function fromHistory(history: readonly SurgeObservation[]): { ratePerDay: number; share: number } {
  const dayOf = (at: number) => Math.floor(at / DAY_MS);
  const open = Math.max(...history.map((o) => dayOf(o.at)));
  const first = history[0]!.at;
  let [negatives, reviews, exposure] = [0, 0, 0];
  for (let day = dayOf(first); day < open; day += 1) {
    const weight = 2 ** (-(open - 1 - day) / 28);
    exposure += weight * (day === dayOf(first) ? 1 - (first - day * DAY_MS) / DAY_MS : 1);
    for (const o of history) {
      if (dayOf(o.at) !== day) continue;
      negatives += weight * o.pNegative;
      reviews += weight;
    }
  }
  const { rateShape, rateDays, shareNegatives, shareOthers } = defaultSurgePrior;
  return { ratePerDay: (rateShape + negatives) / (rateDays + exposure), share: (shareNegatives + negatives) / (shareNegatives + shareOthers + reviews) };
}

describe('the baseline', () => {
  const quiet = surgeSettings({ warmupReviews: 1e6, volumeCap: 1000, season: 'none' });
  const near = (found: unknown, expected: number) => assert.ok(Math.abs((found as number) - expected) <= 1e-9 * expected, `${String(found)} against ${expected}`);

  it('equals the slow recomputation from all history at every prefix, gaps of days included', () => {
    const stream = [...streamOf({ days: 60, perDay: 3, share: 0.3, size: 2, rises: [{ from: 20, to: 31, negatives: 0, others: 0 }] }, 5)];
    let tracker = freshSurgeTracker({});
    stream.forEach((observation, i) => {
      tracker = observeReview(quiet, tracker, observation, 'm').tracker;
      const [found, expected] = [summarizeSurge(tracker, quiet), fromHistory(stream.slice(0, i + 1))];
      near(found.ratePerDay, expected.ratePerDay);
      near(found.share, expected.share);
    });
  });

  it('is the same when reviews arrive late and out of order, as long as the newest comes last', () => {
    const stream = [...streamOf({ days: 20, perDay: 5, share: 0.3, size: Infinity, rises: [] }, 6)];
    const late = [stream[0]!, ...stream.slice(1, -1).map((o, i) => ({ o, key: (i * 7919) % 31 })).sort((a, b) => Math.floor(a.o.at / (3 * DAY_MS)) - Math.floor(b.o.at / (3 * DAY_MS)) || a.key - b.key).map(({ o }) => o), stream.at(-1)!];
    const [found, expected] = [summarizeSurge(runAll(quiet, late).tracker, quiet), fromHistory(stream)];
    near(found.ratePerDay, expected.ratePerDay);
    near(found.share, expected.share);
  });

  it('finds the over-dispersion of days that swing, and none in a Poisson stream', () => {
    const found = (size: number) => {
      const all = Array.from({ length: 10 }, (_, i) => summarizeSurge(runAll(surgeSettings(), streamOf({ days: 120, perDay: 40, share: 0.2, size, rises: [] }, i + 1)).tracker).dispersion as number);
      return all.reduce((sum, v) => sum + v, 0) / all.length;
    };
    const poisson = found(Infinity);
    assert.ok(poisson < 1.25, `Poisson ${poisson}`);
    const swinging = found(5);
    assert.ok(swinging > 1.8 && swinging < 3.5, `negative binomial, mean 8, size 5, truth 2.6: ${swinging}`);
  });
});

describe('the alarm budget', () => {
  const settings = surgeSettings();
  const alarms = (stream: { perDay: number; share: number; size: number; rhythm: number }) => {
    let opened = 0;
    for (let seed = 1; seed <= 30; seed += 1) opened += runAll(settings, streamOf({ ...stream, days: 94, rises: [] }, seed * 104_729)).records.filter((r) => r.status === 'opened').length;
    return opened;
  };

  it('is kept by Poisson, daily rhythm and swinging days: thirty products, a quarter each, stay under the 95 % bound of one alarm each', () => {
    // Poisson with mean 30: 39 or fewer with 95 %
    for (const stream of [{ perDay: 20, share: 0.1, size: Infinity, rhythm: 0 }, { perDay: 20, share: 0.1, size: Infinity, rhythm: 0.55 }, { perDay: 20, share: 0.1, size: 5, rhythm: 0 }, { perDay: 5, share: 0.3, size: 5, rhythm: 0.3 }]) {
      const opened = alarms(stream);
      assert.ok(opened <= 39, `${JSON.stringify(stream)}: ${opened} alarms, 30 asked`);
    }
  });

  it('buys speed: a rise by ten at 20 reviews a day opens sooner, and more often, under a weekly than under a yearly budget', () => {
    const delays = (budgetPerDay: number) => {
      const own = surgeSettings({ budgetPerDay });
      return Array.from({ length: 40 }, (_, i) => {
        const { records } = runAll(own, streamOf({ days: 17, perDay: 20, share: 0.1, size: Infinity, rises: [{ from: 15, to: 16, negatives: 10, others: 1 }] }, i + 1));
        return (records.find((r) => r.status === 'opened' && r.at >= START + 15 * DAY_MS)?.at ?? START + 17 * DAY_MS) - START - 15 * DAY_MS;
      }).sort((a, b) => a - b)[20]! / 3_600_000;
    };
    const [weekly, yearly] = [delays(1 / 7), delays(1 / 365)];
    assert.ok(weekly < yearly && yearly < 14, `median hours: ${weekly} weekly, ${yearly} yearly`);
  });
});
