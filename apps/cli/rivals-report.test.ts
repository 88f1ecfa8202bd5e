import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rivalsSummary, rivalsTable } from './rivals-report.js';

describe('the report of evaluate rivals', () => {
  const delay = (low: number, median: number | null, high: number | null, missed = 0) => ({ rise: 2, lowHours: low, medianHours: median, highHours: high, missed, runs: 100 });
  const cell = (ours: ReturnType<typeof delay>[], its: ReturnType<typeof delay>[]) => ({
    rate: 5, size: null, inControlStreams: 1, inControlDays: 460, runs: 100, budgetPerDay: 1 / 30,
    detectors: [{ detector: 'tidewatch', fitted: 0.1, verified: 0.1, delays: ours }, { detector: 'EARS C1', fitted: 0.1, verified: 0.1, delays: its }],
  });

  it('counts a rival as ahead by its median, and as surely ahead where the intervals lie apart', () => {
    const summary = rivalsSummary([cell([delay(8, 10, 12), delay(8, 10, 12), delay(4, 5, 6)], [delay(5, 7, 7.5), delay(6, 7, 9), delay(30, 40, 50)])]);
    assert.match(summary, /\| EARS C1 \| 0\.63 \| 0 % \| 0 % \| 2 \| 1 \| 3 \|/);
  });

  it('takes what is never found as the end of the watch, and leaves out what neither finds', () => {
    const cells = [cell([delay(200, 168, 300, 0.1), delay(300, null, null, 0.6)], [delay(300, null, null, 0.7), delay(300, null, null, 0.8)])];
    assert.match(rivalsSummary(cells), /\| EARS C1 \| 0\.50 \| 10 % \| 70 % \| 0 \| 0 \| 1 \|/);
    assert.match(rivalsTable(cells), /\| EARS C1 \| 9\.13 \| - \(70 %\) \| - \(80 %\) \|/);
  });
});
