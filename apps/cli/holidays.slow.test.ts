import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Calendar, surgeSettings } from '#detect-surge';
import { readIcs } from '#read-ics';
import { DAY_MS, HOUR_MS } from '../../libs/detect-surge/settings.js';
import { poissonInterval } from '../../libs/detect-surge/simulation.js';
import { runAll, START, streamOf } from '../../libs/detect-surge/testing.js';

/** Month and day, as a country might have them. */
const DATES = ['0101', '0106', '0214', '0419', '0501', '0608', '0815', '1003', '1031', '1101', '1225', '1226'];
/** As public holidays are published: whole days, every year. */
const FILE = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', ...DATES.flatMap((date) => ['BEGIN:VEVENT', `UID:${date}`, `SUMMARY:Day ${date}`, `DTSTART;VALUE=DATE:2020${date}`, 'RRULE:FREQ=YEARLY', 'END:VEVENT']), 'END:VCALENDAR', ''].join('\r\n');
const WARM_DAYS = 60;
const DAYS = WARM_DAYS + 366;
const PRODUCTS = 10;

/** Days since the beginning at which the date begins in Berlin: two hours before UTC in summer, one in winter. */
function berlin(date: string): number {
  const [month, day] = [Number(date.slice(0, 2)), Number(date.slice(2))];
  const at = Date.UTC(2024, month - 1, day) - (month >= 4 && month <= 10 && date !== '1031' ? 2 : 1) * HOUR_MS;
  return (at - START) / DAY_MS + (at < START + WARM_DAYS * DAY_MS ? 366 : 0);
}

describe('public holidays that double the reviews of ten products', () => {
  const zone = 'Europe/Berlin';
  const asked = surgeSettings({ channels: ['count'], countGate: 'none', timeZone: zone });
  const events = readIcs(FILE, { defaults: { kind: 'holiday', products: null, factor: 2, mute: null }, zone, from: START, until: START + DAYS * DAY_MS });
  const holidays = DATES.map(berlin);
  const rises = [...holidays, ...DATES.slice(0, 3).map((date) => berlin(date) - 366)].map((from) => ({ from, to: from + 1, negatives: 2, others: 2 }));
  const streams = Array.from({ length: PRODUCTS }, (_, i) => [...streamOf({ days: DAYS, perDay: 40, share: 0.25, size: 20, rises }, 500 + i)]);
  const alarms = (settings: typeof asked) => {
    const at = streams.flatMap((stream) => runAll(settings, stream).records.filter((record) => record.status === 'opened' && record.at > START + WARM_DAYS * DAY_MS).map((record) => (record.at - START) / DAY_MS));
    return { all: at.length, thatDay: at.filter((day) => holidays.some((from) => day >= from && day < from + 1)).length };
  };

  it('are expected when the country\'s calendar is imported for all products: alarms agree with the budget, and surely break it without', () => {
    const budget = (PRODUCTS * 366) / 91;
    const [known, unknown] = [alarms(new Calendar(1, events.map((event, i) => ({ ...event, eventId: String(i) }))).settingsOf(asked, 'p')), alarms(asked)];
    assert.ok(poissonInterval(known.all)[0] <= budget, `${known.all} alarms, ${budget} asked for`);
    assert.ok(poissonInterval(unknown.all)[0] > budget, `${unknown.all} alarms without the calendar, ${budget} asked for`);
    const share = (PRODUCTS * DATES.length) / 91;
    assert.ok(known.thatDay <= 3 * share, `${known.thatDay} alarms on holidays, ${share} of the budget are theirs`);
  });

  it('are no surge by default, known or not: everything rises and the share of negatives does not', () => {
    assert.ok(alarms(surgeSettings({ timeZone: zone })).thatDay <= 0.05 * PRODUCTS * DATES.length);
  });
});
