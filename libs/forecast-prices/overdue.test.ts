import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { observeQuote } from './observe-quote.js';
import { closeOverdue } from './overdue.js';
import { MINUTE, quoteOf, randomFrom, runAll, SETTINGS, walk } from './testing.js';
import { forecastTrackerCodec } from './tracker-codec.js';

const DAY = 86_400_000;
const random = randomFrom(3);
const { tracker: waiting } = runAll(walk(Array.from({ length: 80 }, () => random.normal() * 0.001)));
const { at, close } = waiting.last!;

describe('closeOverdue', () => {
  it('leaves what waits until the limit, and closes all of it just behind', () => {
    assert.equal(closeOverdue(SETTINGS, 'ABC', waiting, at + 14 * DAY).tracker, waiting);
    const { tracker, settlements } = closeOverdue(SETTINGS, 'ABC', waiting, at + 14 * DAY + 1);
    assert.equal(settlements.length, waiting.pending.length);
    assert.ok(settlements.length > 0 && settlements.every((s) => s.status === 'unsettled' && s.actual === null && s.settledAt === at + 14 * DAY && s.symbol === 'ABC'));
    assert.deepEqual(tracker, { ...waiting, pending: [] });
    assert.deepEqual(closeOverdue(SETTINGS, 'ABC', tracker, at + 400 * DAY), { tracker, settlements: [] }, 'once');
  });

  it('waits twenty usual bars where those are longer: weekly bars', () => {
    const weekly = runAll(Array.from({ length: 40 }, (_, week) => quoteOf({ close: 100 + Math.sin(week), at: week * 7 * DAY }))).tracker;
    const from = weekly.last!.at;
    assert.equal(closeOverdue(SETTINGS, 'ABC', weekly, from + 139 * DAY).settlements.length, 0);
    assert.ok(closeOverdue(SETTINGS, 'ABC', weekly, from + 141 * DAY).settlements.length > 0);
  });

  it('gives the same rows and the same state whether time or the next quote closed them', () => {
    const next = quoteOf({ close: close * 1.2, at: at + 90 * DAY });
    const byQuote = observeQuote(SETTINGS, waiting, next);
    const byTime = closeOverdue(SETTINGS, 'ABC', waiting, at + 30 * DAY);
    const afterwards = observeQuote(SETTINGS, byTime.tracker, next);
    assert.ok(byQuote.kind === 'bar' && afterwards.kind === 'bar');
    assert.deepEqual(byQuote.settlements, byTime.settlements);
    assert.deepEqual(afterwards.settlements, []);
    assert.deepEqual(forecastTrackerCodec.encode(afterwards.tracker), forecastTrackerCodec.encode(byQuote.tracker));
    assert.deepEqual([afterwards.features, afterwards.breakReason], [byQuote.features, byQuote.breakReason]);
  });

  it('closes for the gap, not for the interval, where both changed: so it does not matter who came first', () => {
    const named = { ...waiting, interval: '1m' };
    const next = quoteOf({ close, at: at + 90 * DAY, interval: '5m' });
    const seen = observeQuote(SETTINGS, named, next);
    assert.ok(seen.kind === 'bar' && seen.settlements.every((s) => s.reason!.includes('no quote came')));
    assert.equal(seen.tracker.interval, '5m');
    assert.equal(seen.tracker.returns, 0);
  });

  it('has nothing to close before the first bar', () => {
    const fresh = { ...waiting, last: null, pending: [] };
    assert.equal(closeOverdue(SETTINGS, 'ABC', fresh, at + MINUTE).tracker, fresh);
  });
});
