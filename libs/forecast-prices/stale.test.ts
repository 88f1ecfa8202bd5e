import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FEWEST_MISSING, judgeSilence, spansBefore } from './stale.js';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
/** A Monday. */
const MONDAY = Date.UTC(2026, 8, 7);

/** Bars every five minutes from 9:00 to 16:00, Monday to Friday, of so many weeks. */
const session = (weeks: number): number[] =>
  Array.from({ length: weeks * 7 }, (_, day) => day).filter((day) => day % 7 < 5)
    .flatMap((day) => Array.from({ length: 85 }, (_, i) => MONDAY + day * DAY + 9 * HOUR + i * 5 * MINUTE));

function judge(bars: readonly number[], reached: number) {
  const last = bars.at(-1)!;
  const spans = spansBefore(last, reached);
  return judgeSilence(spans, spans.map(({ from, to }) => bars.filter((at) => at > from && at <= to).length), bars[0]!);
}

/** Cut off at a moment of the last week, then silent. */
const until = (weeks: number, at: number) => session(weeks).filter((time) => time <= at);

describe('a silent symbol', () => {
  const tuesday = (weeks: number, hours: number) => MONDAY + (weeks - 1) * 7 * DAY + DAY + hours * HOUR;

  it('is stale when five of its bars are missing in session, and not one bar earlier', () => {
    const bars = until(4, tuesday(4, 11));
    assert.equal(judge(bars, tuesday(4, 11) + (FEWEST_MISSING - 1) * 5 * MINUTE), null);
    assert.deepEqual(judge(bars, tuesday(4, 11) + FEWEST_MISSING * 5 * MINUTE), { usualBars: FEWEST_MISSING, weeks: 3, severity: 1 });
  });

  it('is not stale at night and over the weekend, and is soon after the next opening', () => {
    const friday = MONDAY + 3 * 7 * DAY + 4 * DAY;
    const bars = until(4, friday + 16 * HOUR);
    for (const later of [HOUR, 12 * HOUR, DAY, 2 * DAY, 2 * DAY + 16 * HOUR]) assert.equal(judge(bars, friday + 16 * HOUR + later), null, `${later / HOUR} hours later`);
    assert.notEqual(judge(bars, friday + 3 * DAY + 9 * HOUR + 25 * MINUTE), null);
  });

  it('is judged by its own rhythm: an hour of silence says nothing of a symbol that trades every quarter of an hour', () => {
    const thin = until(4, tuesday(4, 11)).filter((at) => at % (15 * MINUTE) === 0);
    assert.equal(judge(thin, tuesday(4, 12)), null);
    assert.notEqual(judge(thin, tuesday(4, 12.25)), null);
  });

  it('is not flagged where one of the weeks before was as silent (a holiday), nor before a week is known', () => {
    const holiday = until(4, tuesday(4, 11)).filter((at) => Math.floor((at - MONDAY) / DAY) !== 8);
    assert.equal(judge(holiday, tuesday(4, 14)), null);
    assert.equal(judge(until(1, tuesday(1, 11)), tuesday(1, 15)), null);
  });

  it('grows more severe, to 10 at most', () => {
    const bars = until(4, tuesday(4, 11));
    const severities = [0.5, 1, 2, 5, 30, 24 * 14].map((hours) => judge(bars, tuesday(4, 11 + hours))!.severity);
    assert.deepEqual(severities, severities.toSorted((a, b) => a - b));
    assert.ok(severities[0] === 1 && severities.at(-1)! > 6 && severities.at(-1)! <= 10, severities.join(' '));
  });
});
