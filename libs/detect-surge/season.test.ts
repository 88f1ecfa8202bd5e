import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { freshSurgeTracker, poolPrior, summarizeSurge, surgeSettings } from './index.js';
import { normalOf, passedAt } from './normal.js';
import { clockAt, dayClock, flatSeason } from './season.js';
import { DAY_MS, HOUR_MS } from './settings.js';
import { simulateStream } from './simulate-stream.js';
import { runAll, streamOf } from './testing.js';
import { localHours, zoneOffset } from './zone.js';

const dayOf = (date: string) => Date.parse(date) / DAY_MS;

describe('local hours', () => {
  it('follow the zone: whole hours, quarters, and the days on which clocks change', () => {
    // 2024-01-03 was a Wednesday: hours 48 to 71 of the week
    assert.deepEqual([...localHours('UTC', dayOf('2024-01-03'))], Array.from({ length: 24 }, (_, i) => 48 + i));
    assert.equal(localHours('America/New_York', dayOf('2024-01-03'))[0], 24 + 19);
    assert.equal(localHours('Asia/Kathmandu', dayOf('2024-01-03')).length, 96);
    assert.deepEqual([zoneOffset('Asia/Kathmandu', Date.UTC(2024, 0, 3)), zoneOffset('Europe/Berlin', Date.UTC(2024, 6, 1))], [5.75 * HOUR_MS, 2 * HOUR_MS]);
    // Clocks went from 2:00 to 3:00 at 1:00 UTC on Sunday, 31 March 2024, and back on 27 October
    assert.deepEqual([...localHours('Europe/Berlin', dayOf('2024-03-31'))].slice(0, 3), [145, 147, 148]);
    assert.deepEqual([...localHours('Europe/Berlin', dayOf('2024-10-27'))].slice(0, 3), [146, 146, 147]);
  });

  it('make the clock run by the season: as far as the factors of the hours that passed', () => {
    const factors = flatSeason();
    factors[9] = 3;
    const clock = dayClock(factors, 'UTC', dayOf('2024-01-03'));
    assert.ok(Math.abs(clockAt(clock, 9 / 24) - 9 / 24) < 1e-12);
    assert.ok(Math.abs(clockAt(clock, 9.5 / 24) - 10.5 / 24) < 1e-12);
    assert.ok(Math.abs(clockAt(clock, 1) - 26 / 24) < 1e-12);
    assert.equal(clockAt(null, 0.3), 0.3);
  });
});

describe('the season of a product', () => {
  const learned = (stream: Parameters<typeof simulateStream>[0], days: number, seed: number, settings = surgeSettings()) => {
    const { tracker } = runAll(settings, simulateStream(stream, days, seed));
    return { tracker, season: summarizeSurge(tracker, settings).season as number[] };
  };

  it('is found where there is one, and is near flat where there is none', () => {
    const { season } = learned({ rate: 20, share: 0.2, size: Infinity, wrong: 'week' }, 120, 4);
    // The simulated rhythm: 1 + 0.5 cos, highest at 19:12, days at 0.6 and 1.16 by sevens from a Thursday on
    for (let hour = 0; hour < 24; hour += 1) assert.ok(Math.abs(season[hour]! - (1 + 0.5 * Math.cos(2 * Math.PI * ((hour + 0.5) / 24 - 0.8)))) < 0.15, `hour ${hour}: ${season[hour]}`);
    assert.ok(season[24 + 3]! < 0.72 && season[24 + 4]! < 0.72 && season[24]! > 1.05, season.slice(24).join(' '));
    const flat = learned({ rate: 20, share: 0.2, size: Infinity }, 120, 4).season;
    assert.ok(flat.every((factor) => Math.abs(factor - 1) < 0.12), flat.join(' '));
  });

  it('is the prior\'s before three weeks are known, and in the zone\'s own hours', () => {
    const { tracker, season } = learned({ rate: 20, share: 0.2, size: Infinity, wrong: 'week' }, 15, 4);
    assert.equal(season, null);
    const settings = surgeSettings();
    const normal = normalOf(settings, tracker);
    assert.ok(Math.abs(passedAt(settings, normal, tracker.bucket, (tracker.bucket + 1) * DAY_MS) - 1) < 1e-9, 'no day of the week is known');
    const tokyo = learned({ rate: 20, share: 0.2, size: Infinity, wrong: 'week' }, 120, 4, surgeSettings({ timeZone: 'Asia/Tokyo' })).season;
    assert.ok(tokyo[4]! > 1.3 && tokyo[16]! < 0.7, 'the evening peak of UTC is four in the morning there');
  });

  it('is pooled over the products for those that begin, whatever their order', () => {
    const summaries = [1, 2, 3, 4, 5, 6].map((seed) => summarizeSurge(learned({ rate: 5, share: 0.2, size: Infinity, wrong: 'week' }, 60, seed).tracker));
    const prior = poolPrior(summaries);
    assert.ok(prior.season !== null && prior.season[19]! > 1.3 && prior.season[7]! < 0.7);
    assert.deepEqual(poolPrior(summaries.toReversed()), prior);
    assert.equal(poolPrior(summaries.map((summary) => ({ ...summary, season: null }))).season, null);
    const settings = surgeSettings();
    const fresh = runAll(settings, streamOf({ days: 2, perDay: 10, share: 0.2, size: Infinity, rises: [] }, 1), null, freshSurgeTracker(JSON.parse(JSON.stringify(prior)) as Record<string, unknown>)).tracker;
    const normal = normalOf(settings, fresh);
    const hour = (at: number) => passedAt(settings, normal, fresh.bucket, fresh.bucket * DAY_MS + (at + 1) * HOUR_MS) - passedAt(settings, normal, fresh.bucket, fresh.bucket * DAY_MS + at * HOUR_MS);
    assert.ok(hour(19) > 1.8 * hour(7));
  });
});
