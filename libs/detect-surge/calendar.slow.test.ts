import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TidewatchError, type CalendarEvent, type SurgeObservation, type SurgeRecord } from '#contracts';
import { stretched, whenStretched } from './calendar.js';
import { Calendar, calendarFrom, elapseSurge, EMPTY_CALENDAR, freshSurgeTracker, observeReview, surgeSettings, surgeTrackerCodec, type SurgeTracker } from './index.js';
import { DAY_MS, HOUR_MS, type SurgeSettings } from './settings.js';
import { runAll, START, streamOf } from './testing.js';

const event = (from: number, until: number, more: Partial<CalendarEvent> = {}): CalendarEvent => ({ eventId: `e${from}-${until}`, name: 'Sale', kind: 'sale', from, until, products: null, factor: null, mute: false, ...more });
const day = (d: number) => START + d * DAY_MS;
const sale = new Calendar(4, [event(day(8), day(10), { factor: 6 })]);
/** Ten times of everything is a surge for who asks for the count alone. */
const count = surgeSettings({ channels: ['count'], countGate: 'none' });
const flood = (seed: number, others = 5, negatives = 5) => [...streamOf({ days: 20, perDay: 20, share: 0.1, size: Infinity, rises: [{ from: 8, to: 10, negatives, others }] }, seed)];
const opened = (records: readonly SurgeRecord[]) => records.filter(({ status }) => status === 'opened').length;
const seeds = Array.from({ length: 20 }, (_, i) => i + 1);

describe('the time of known events', () => {
  it('is the sum, minute by minute, of the factors in force, and can be gone back', () => {
    const minute = 60_000;
    const minutes = fc.integer({ min: 0, max: 600 });
    fc.assert(fc.property(fc.array(fc.record({ from: minutes, length: fc.integer({ min: 1, max: 200 }), factor: fc.constantFrom(null, 0.5, 2, 3) }), { maxLength: 5 }), minutes, minutes, (given, a, b) => {
      const calendar = new Calendar(1, given.map(({ from, length, factor }) => event(from * minute, (from + length) * minute, { factor }))).of('p');
      const [from, until] = [Math.min(a, b), Math.max(a, b)];
      let sum = 0;
      for (let at = from; at < until; at += 1) sum += minute * given.reduce((f, e) => f * (at >= e.from && at < e.from + e.length ? e.factor ?? 1 : 1), 1);
      const found = stretched(calendar, from * minute, until * minute);
      assert.ok(Math.abs(found - sum) < 1e-6 * minute, `${found}, by the minute ${sum}`);
      assert.ok(Math.abs(whenStretched(calendar, from * minute, found) - until * minute) < 1e-3);
    }), { numRuns: 200 });
  });

  it('belongs to the products that an event names, and to all where it names none', () => {
    const calendar = new Calendar(2, [event(5, 9, { products: ['a', 'b'], factor: 2 }), event(1, 3)]);
    assert.deepEqual(['a', 'b', 'c'].map((product) => calendar.of(product).events.length), [2, 2, 1]);
    const base = surgeSettings();
    assert.equal(calendar.settingsOf(base, 'c'), calendar.settingsOf(base, 'd'), 'one object for all without events of their own');
    assert.equal(calendar.settingsOf(base, 'a').settingsId, base.settingsId);
    assert.equal(EMPTY_CALENDAR.settingsOf(base, 'a').calendar.id, 0);
  });

  it('comes from a snapshot that is checked', () => {
    assert.deepEqual(calendarFrom(3n, { events: [event(1, 2)] }).of('x'), { id: 3, events: [event(1, 2)] });
    assert.deepEqual(calendarFrom(0n, {}).of('x'), { id: 0, events: [] });
    for (const wrong of [{ events: 7 }, { events: [event(2, 2)] }, { events: [event(1, 2, { factor: 1e9 })] }, { events: [{ ...event(1, 2), kind: 'feast' }] }, { events: [null] }]) {
      assert.throws(() => calendarFrom(3n, wrong), (error) => error instanceof TidewatchError && error.code === 'SETTING_INVALID' && /snapshot 3 of the calendar/.test(error.message), JSON.stringify(wrong));
    }
  });
});

describe('a sale of which the calendar knows', () => {
  const known = sale.settingsOf(count, 'p');

  it('is expected: the same flood is a surge without it, and with it alarms stay within the budget', () => {
    assert.equal(seeds.filter((seed) => opened(runAll(count, flood(seed)).records) > 0).length, seeds.length);
    const alarms = seeds.filter((seed) => opened(runAll(known, flood(seed)).records) > 0).length;
    const asked = seeds.length * 17 * known.budgetPerDay;
    assert.ok(alarms <= asked, `${alarms} alarms in 17 days each after the warm-up, at most ${asked} asked for`);
  });

  it('is not taken for the normal: afterwards the rate is what it was', () => {
    const rate = ({ baseline: b }: SurgeTracker) => b.negatives / b.exposure;
    const mean = (settings: SurgeSettings, seed: number, rise: number) => rate(runAll(settings, flood(seed, rise, rise), day(20)).tracker);
    const off = seeds.map((seed) => mean(known, seed, 5) / mean(known, seed, 1)).sort((a, b) => a - b)[10]!;
    assert.ok(off > 0.8 && off < 1.25, `${off} times the rate`);
  });

  it('hides no surge of what goes beyond it, and the surge names it', () => {
    let found = 0;
    for (const seed of seeds) {
      const { records } = runAll(known, flood(seed, 6, 30));
      const first = records.find(({ status, openedAt }) => status === 'opened' && openedAt >= day(8));
      if (first === undefined) continue;
      found += 1;
      assert.deepEqual(first.events.map(({ name, kind, factor }) => [name, kind, factor]), [['Sale', 'sale', 6]]);
      assert.deepEqual([first.calendarId, first.muted], [4, false]);
      const plain = (2 * (first.at - Math.max(first.startedAt, day(8)))) / DAY_MS;
      assert.ok(first.expected > 3 * plain, 'six times the usual is expected of that time');
    }
    assert.ok(found >= 18, `${found} of 20`);
  });

  it('changes nothing for another product, but for the number of the snapshot', () => {
    const other = new Calendar(9, [event(day(8), day(10), { factor: 6, products: ['q'] })]);
    const [plain, named] = [runAll(count, flood(3)), runAll(other.settingsOf(count, 'p'), flood(3))];
    assert.deepEqual(named.records, plain.records.map((record) => ({ ...record, calendarId: 9 })));
    assert.deepEqual({ ...named.tracker, calendar: 0 }, plain.tracker);
  });
});

describe('an event that mutes', () => {
  it('marks what happens while it is in force, and only that', () => {
    const muted = new Calendar(5, [event(day(7.9), day(8.6), { mute: true, kind: 'launch', name: 'Launch' })]).settingsOf(surgeSettings(), 'p');
    const records = seeds.flatMap((seed) => runAll(muted, flood(seed, 1, 12), day(20)).records);
    assert.ok(records.some((record) => record.muted) && records.some((record) => !record.muted));
    for (const record of records) {
      assert.equal(record.muted, record.at >= day(7.9) && record.at < day(8.6));
      assert.equal(record.events.length === 1, record.startedAt < day(8.6) && record.at >= day(7.9));
    }
  });
});

describe('a surge that an event mutes', () => {
  const under = (until: number, mute: boolean) => new Calendar(5, [event(day(7.9), until, { mute, factor: 1, kind: 'launch', name: 'Launch' })]).settingsOf(surgeSettings(), 'p');
  const recordsOf = (until: number, mute: boolean) => runAll(under(until, mute), flood(2, 1, 12), day(20)).records;

  it('has one more transition when the event is over and it is still open: as it stands, not muted, and nothing else changes', () => {
    const until = day(9);
    const [records, plain] = [recordsOf(until, true), recordsOf(until, false)];
    const at = records.findIndex((record, i) => i > 0 && records[i - 1]!.muted && !record.muted);
    const end = records[at]!;
    assert.deepEqual([end.at, end.status, end.surgeId], [until, records[at - 1]!.status, records[at - 1]!.surgeId]);
    const bare = ({ seq: _, muted: __, events: ___, ...record }: SurgeRecord) => record;
    assert.deepEqual(records.toSpliced(at, 1).map(bare), plain.map(bare));
    assert.deepEqual(records.map(({ seq }) => seq), records.map(({ surgeId }, i) => records.slice(0, i + 1).filter((each) => each.surgeId === surgeId).length));
  });

  it('has none when the event outlasts it', () => {
    const records = recordsOf(day(19), true);
    assert.ok(records.some(({ status, muted }) => status === 'closed' && muted));
    assert.equal(records.length, recordsOf(day(19), false).length);
  });

  it('has it, too, when the event is taken out of the calendar: at the next moment anybody looks', () => {
    const first = recordsOf(day(9), true).find(({ muted }) => muted)!;
    const { tracker } = runAll(under(day(9), true), flood(2, 1, 12).filter(({ at }) => at <= first.at));
    const { records } = elapseSurge(surgeSettings(), tracker, 'p', first.at + 1, 'm');
    assert.deepEqual(records.map(({ status, seq, at, muted }) => ({ status, seq, at, muted })), [{ status: 'opened', seq: 2, at: first.at, muted: false }]);
  });
});

describe('a calendar that changes while a product is watched', () => {
  const settings = surgeSettings({ ...count, budgetPerDay: 1 / 7 });
  const calendars = [EMPTY_CALENDAR, new Calendar(1, [event(day(2), day(9), { factor: 3 })]), new Calendar(2, [event(day(5) + HOUR_MS / 3, day(12), { factor: 0.2 }), event(day(6), day(7), { factor: 50 }), event(day(6.2), day(6.6), { mute: true })]), sale];
  const switching = fc.array(fc.record({ at: fc.integer({ min: 0, max: 14 * 24 }), calendar: fc.nat({ max: 3 }) }), { maxLength: 12 });
  const at = (switches: readonly { at: number; calendar: number }[], time: number) => calendars[switches.filter((each) => START + each.at * HOUR_MS <= time).at(-1)?.calendar ?? 0]!;

  it('leaves states that can be stored, and a replay under the same snapshots gives the same bytes, wherever it is cut or asked about', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1e6 }), switching, fc.integer({ min: 1, max: 40 }), (seed, given, every) => {
      const switches = given.toSorted((a, b) => a.at - b.at);
      const stream = [...streamOf({ days: 14, perDay: 20, share: 0.15, size: 10, rises: [{ from: 6, to: 7, negatives: 8, others: 1 }] }, seed)];
      const run = (cut: boolean) => {
        let tracker = freshSurgeTracker({});
        const records: SurgeRecord[] = [];
        stream.forEach((observation: SurgeObservation, i) => {
          const own = at(switches, observation.at).settingsOf(settings, 'p');
          if (cut && i % every === 0) {
            tracker = surgeTrackerCodec.decode(surgeTrackerCodec.encode(tracker), surgeTrackerCodec.format);
            const step = elapseSurge(own, tracker, 'p', observation.at, 'm');
            tracker = step.tracker;
            records.push(...step.records);
          }
          const step = observeReview(own, tracker, observation, 'm');
          assert.equal(step.tracker.calendar, own.calendar.id);
          tracker = step.tracker;
          records.push(...step.records);
        });
        return { bytes: surgeTrackerCodec.encode(tracker), records };
      };
      assert.deepEqual(run(true), run(false));
    }), { numRuns: 40 });
  });
});
