import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TidewatchError } from '#contracts';
import { type IcsOptions, readIcs } from './index.js';
import { ianaZone } from './zones.js';

const silent = { kind: null, products: null, factor: null, mute: null };
const options: IcsOptions = { defaults: { ...silent, factor: 2 }, zone: 'UTC', from: Date.UTC(2025, 0, 1), until: Date.UTC(2027, 0, 1) };
const file = (...events: string[][]) => ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', ...events.flatMap((lines) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT']), 'END:VCALENDAR', ''].join('\r\n');
const spans = (text: string, own: Partial<IcsOptions> = {}) => readIcs(text, { ...options, ...own }).map(({ from, until }) => [new Date(from).toISOString().slice(0, 16), new Date(until).toISOString().slice(0, 16)]);
const starts = (text: string, own: Partial<IcsOptions> = {}) => spans(text, own).map(([from]) => from);

describe('an iCalendar file', () => {
  it('gives name, kind, products, factor and mute, from properties or from a line of the description', () => {
    const read = readIcs(file(
      ['UID:a', 'SUMMARY:Sommer\\, Schluss\\, Verkauf', 'DTSTART:20260701T080000Z', 'DTEND:20260703T080000Z', 'CATEGORIES:Marketing,Sale', 'X-TIDEWATCH-FACTOR:3.5', 'X-TIDEWATCH-PRODUCTS:kettle\\, toaster'],
      ['UID:b', 'SUMMARY:Launch of a very long na', ' me that is folded', 'DTSTART;VALUE=DATE:20260801', 'DESCRIPTION:See the wiki.\\ntidewatch: mute kind=launch products=kettle\\,toaster\\nThanks'],
      ['UID:c', 'DTSTART:20260901T000000Z', 'DURATION:PT36H'],
    ), options);
    assert.deepEqual(read.map(({ name, kind, products, factor, mute }) => [name, kind, products, factor, mute]), [
      ['Sommer, Schluss, Verkauf', 'sale', ['kettle', 'toaster'], 3.5, false], ['Launch of a very long name that is folded', 'launch', ['kettle', 'toaster'], 2, true], ['other', 'other', null, 2, false],
    ]);
    assert.deepEqual(read.map(({ eventId }) => eventId), ['a/2026-07-01T08:00:00.000Z', 'b/2026-08-01T00:00:00.000Z', 'c/2026-09-01T00:00:00.000Z']);
    assert.deepEqual([read[1]!.until - read[1]!.from, read[2]!.until - read[2]!.from], [86_400_000, 36 * 3_600_000]);
  });

  it('keeps a recurring entry at its local hour when the clocks change, and heeds an UNTIL in UTC', () => {
    const weekly = file(['UID:w', 'DTSTART;TZID=Europe/Berlin:20260313T090000', 'DTEND;TZID=Europe/Berlin:20260313T100000', 'RRULE:FREQ=WEEKLY;UNTIL=20260403T070000Z']);
    assert.deepEqual(starts(weekly), ['2026-03-13T08:00', '2026-03-20T08:00', '2026-03-27T08:00', '2026-04-03T07:00']);
    const sydney = file(['UID:s', 'DTSTART;TZID=Australia/Sydney:20260403T233000', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=4']);
    assert.deepEqual(starts(sydney), ['2026-04-03T12:30', '2026-04-04T12:30', '2026-04-05T13:30', '2026-04-06T13:30']);
  });

  it('leaves out what is excepted or cancelled, and takes what was added or moved', () => {
    assert.deepEqual(spans(file(
      ['UID:r', 'DTSTART;TZID=Europe/Berlin:20260601T090000', 'DTEND;TZID=Europe/Berlin:20260601T110000', 'RRULE:FREQ=DAILY;COUNT=5', 'EXDATE;TZID=Europe/Berlin:20260602T090000', 'EXDATE:20260603T070000Z', 'RDATE;TZID=Europe/Berlin:20260620T090000'],
      ['UID:r', 'RECURRENCE-ID;TZID=Europe/Berlin:20260604T090000', 'DTSTART;TZID=Europe/Berlin:20260604T150000', 'DTEND;TZID=Europe/Berlin:20260604T160000'],
      ['UID:r', 'RECURRENCE-ID:20260605T070000Z', 'DTSTART;TZID=Europe/Berlin:20260605T090000', 'DTEND;TZID=Europe/Berlin:20260605T110000', 'STATUS:CANCELLED'],
    )), [['2026-06-01T07:00', '2026-06-01T09:00'], ['2026-06-04T13:00', '2026-06-04T14:00'], ['2026-06-20T07:00', '2026-06-20T09:00']]);
  });

  it('reads whole days and times without a zone in the file’s zone, else in the one that was asked for', () => {
    const days = ['UID:d', 'DTSTART;VALUE=DATE:20260328', 'DTEND;VALUE=DATE:20260330'];
    assert.deepEqual(spans(file(days), { zone: 'Europe/Berlin' }), [['2026-03-27T23:00', '2026-03-29T22:00']]);
    assert.deepEqual(spans(file(days).replace('VERSION', 'X-WR-TIMEZONE:America/New_York\r\nVERSION')), [['2026-03-28T04:00', '2026-03-30T04:00']]);
    assert.deepEqual(starts(file(['UID:f', 'DTSTART:20260328T100000', 'DURATION:PT1H']), { zone: 'Asia/Kolkata' }), ['2026-03-28T04:30']);
  });

  it('takes a zone of another name from the file’s VTIMEZONE', () => {
    const zone = ['BEGIN:VTIMEZONE', 'TZID:W. Europe Standard Time', 'BEGIN:STANDARD', 'DTSTART:16011028T030000', 'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10', 'TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100', 'END:STANDARD', 'BEGIN:DAYLIGHT', 'DTSTART:16010325T020000', 'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200', 'END:DAYLIGHT', 'END:VTIMEZONE'].join('\r\n');
    const outlook = file(['UID:o', 'DTSTART;TZID="W. Europe Standard Time":20260328T090000', 'DTEND;TZID="W. Europe Standard Time":20260328T100000', 'RRULE:FREQ=DAILY;COUNT=2']).replace('BEGIN:VEVENT', `${zone}\r\nBEGIN:VEVENT`);
    assert.deepEqual(starts(outlook), ['2026-03-28T08:00', '2026-03-29T07:00']);
  });

  it('gives occurrences of the wanted time only, of a rule without end too', () => {
    const yearly = file(['UID:x', 'DTSTART;VALUE=DATE:19991224', 'DTEND;VALUE=DATE:19991227', 'RRULE:FREQ=YEARLY', 'CATEGORIES:HOLIDAY']);
    assert.deepEqual(starts(yearly), ['2025-12-24T00:00', '2026-12-24T00:00']);
    assert.deepEqual(starts(yearly, { from: Date.UTC(2025, 11, 26, 12), until: Date.UTC(2026, 0, 1) }), ['2025-12-24T00:00'], 'one that has begun');
  });

  it('is refused whole, with the line and the reason', () => {
    const good = ['UID:g', 'DTSTART:20260701T080000Z', 'DURATION:PT1H'];
    const cases: readonly (readonly [string, number, RegExp])[] = [
      ['', 1, /no BEGIN:VCALENDAR/], ['hello', 1, /expected NAME:value/], ['BEGIN:VEVENT\nEND:VEVENT', 1, /expected BEGIN:VCALENDAR/],
      ['BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n', 2, /BEGIN:VEVENT without its END; is the file cut off/],
      ['BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR', 3, /expected END:VEVENT for the BEGIN of line 2/],
      [file(good).replace('UID:g', 'UID g'), 5, /expected NAME:value/], [file(good).replace('DTSTART:', 'DTSTART;X="a:'), 6, /quotation mark is not closed/],
      [file(good, ['UID:b', 'DTSTART:2026-09-01', 'DURATION:PT1H']), 11, /time "2026-09-01", expected one such as/], [file(good, ['UID:b', 'DTSTART:20269901T000000', 'DURATION:PT1H']), 11, /time "20269901T000000"/],
      [file(good, ['UID:b', 'DTSTART;TZID=Mars/Olympus:20260701T080000', 'DURATION:PT1H']), 11, /time zone "Mars\/Olympus", expected an IANA name/],
      [file(good, ['UID:b', 'DTSTART:20260701T080000Z', 'DTEND:20260701T070000Z']), 9, /expected an end after its beginning/],
      [file(good, ['UID:b', 'DURATION:PT1H']), 9, /without DTSTART/], [file(good, ['DTSTART:20260701T080000Z', 'DURATION:PT1H']), 9, /without UID/], [file(good, good), 9, /once more/],
      [file(good, ['UID:b', 'DTSTART:20260701T080000Z', 'DURATION:PT1H', 'RRULE:FREQ=SOMETIMES']), 13, /invalid frequency "SOMETIMES"/],
      [file(good, ['UID:b', 'DTSTART:20250101T000000Z', 'DURATION:PT1H', 'RRULE:FREQ=MINUTELY']), 9, /more than 2000 occurrences/],
      [file(good, ['UID:b', 'DTSTART:20260701T080000Z', 'DURATION:PT1H', 'X-TIDEWATCH-FACTOR:lots']), 13, /factor "lots", expected a number from 0.1 to 100/],
      [file(good, ['UID:b', 'DTSTART:20260701T080000Z', 'DURATION:PT1H', 'DESCRIPTION:tidewatch: loud']), 13, /found "loud" behind "tidewatch:"/],
      [file(good, ['UID:b', 'DTSTART:20260701T080000Z', 'DURATION:PT1H', 'X-TIDEWATCH-MUTE:maybe']), 13, /expected TRUE or FALSE/],
    ];
    for (const [text, line, reason] of cases) {
      assert.throws(() => readIcs(text, options), (error) => error instanceof TidewatchError && error.code === 'INPUT_FILE_INVALID' && error.message.startsWith(`line ${line}: `) && reason.test(error.message) && /Nothing was taken/.test(error.message), `${text.slice(0, 300)}\nexpected line ${line} ${String(reason)}`);
    }
    assert.throws(() => readIcs(file(good), { ...options, defaults: silent }), /line 4: found an event that says neither what to expect nor to mute/);
    assert.throws(() => readIcs(file(good), { ...options, zone: 'Mars/Olympus' }), /no time zone "Mars/);
  });

  it('never throws anything but a fault with a line, whatever is done to its bytes', () => {
    const whole = file(['UID:a', 'SUMMARY:Sale', 'DTSTART;TZID=Europe/Berlin:20260313T090000', 'DTEND;TZID=Europe/Berlin:20260313T100000', 'RRULE:FREQ=WEEKLY;BYDAY=MO,FR;COUNT=9', 'EXDATE;TZID=Europe/Berlin:20260316T090000', 'DESCRIPTION:tidewatch: factor=3']);
    const edit = fc.record({ at: fc.nat({ max: whole.length }), cut: fc.nat({ max: 30 }), put: fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom(':', ';', '\r\n', 'END:VEVENT\r\n', 'BEGIN:VEVENT\r\n', '99999999999', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n', '"')) });
    fc.assert(fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const text = edits.reduce((held, { at, cut, put }) => held.slice(0, at) + put + held.slice(at + cut), whole);
      try {
        for (const { from, until } of readIcs(text, options)) assert.ok(from < until && from < options.until && until > options.from);
      } catch (error) {
        assert.ok(error instanceof TidewatchError && /^line \d+: /.test(error.message), `${String(error)}\n${text}`);
      }
    }), { numRuns: 2_000 });
  });
});

describe('local times', () => {
  it('come back as they were, but for those that daylight saving skips or repeats', () => {
    for (const name of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu']) {
      const zone = ianaZone(name)!;
      for (let utc = Date.UTC(2026, 0, 1); utc < Date.UTC(2027, 0, 1); utc += 7 * 3_600_000) {
        const back = zone.wallToUtc(zone.utcToWall(utc));
        assert.ok(back === utc || (back < utc && utc - back <= 3_600_000 && zone.utcToWall(back) === zone.utcToWall(utc)), `${name} ${new Date(utc).toISOString()}`);
      }
    }
    const berlin = ianaZone('Europe/Berlin')!;
    assert.equal(berlin.wallToUtc(Date.UTC(2026, 2, 29, 2, 30)), Date.UTC(2026, 2, 29, 1, 30), 'skipped: by the offset before');
    assert.equal(berlin.wallToUtc(Date.UTC(2026, 9, 25, 2, 30)), Date.UTC(2026, 9, 25, 0, 30), 'twice: the first');
    assert.equal(ianaZone('Mars/Olympus'), null);
  });
});
