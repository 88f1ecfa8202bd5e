import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lordenDays, measureAlarms, poissonInterval } from './simulation.js';
import { DAY_MS } from './settings.js';
import { simulateStream, SIMULATION_START } from './simulate-stream.js';
import { BUDGET_DAYS, logFactor } from './threshold.js';
import { THRESHOLD_TABLE } from './threshold-table.js';

describe('the simulated streams', () => {
  const dayCounts = (size: number) => {
    const counts = new Array<number>(4000).fill(0);
    for (const { at, pNegative } of simulateStream({ rate: 4, share: 0.4, size }, counts.length, 11)) if (pNegative === 1) counts[Math.floor((at - SIMULATION_START) / DAY_MS)]! += 1;
    const mean = counts.reduce((a, b) => a + b, 0) / counts.length;
    return { mean, dispersion: counts.reduce((sum, c) => sum + (c - mean) ** 2, 0) / counts.length / mean };
  };

  it('have the mean and the over-dispersion 1 + m / k that theory gives', () => {
    for (const [size, truth] of [[Infinity, 1], [5, 1.8], [1, 5]] as const) {
      const { mean, dispersion } = dayCounts(size);
      assert.ok(Math.abs(mean - 4) < 4 * Math.sqrt((4 * truth) / 4000), `mean ${mean}`);
      assert.ok(Math.abs(dispersion / truth - 1) < 0.15, `size ${size}: dispersion ${dispersion}, theory ${truth}`);
    }
  });

  it('come in order of time, rise where they are told to, and are the same for the same seed', () => {
    const stream = { rate: 10, share: 0.5, size: Infinity, rise: { day: 500.4, ratio: 3 } };
    const events = [...simulateStream(stream, 1000, 3)];
    assert.ok(events.every((event, i) => i === 0 || event.at >= events[i - 1]!.at));
    const negatives = (from: number, to: number) => events.filter(({ at, pNegative }) => pNegative === 1 && at >= SIMULATION_START + from * DAY_MS && at < SIMULATION_START + to * DAY_MS).length / (to - from);
    assert.ok(Math.abs(negatives(0, 500.4) - 10) < 0.6 && Math.abs(negatives(500.4, 1000) - 30) < 1);
    assert.deepEqual([...simulateStream(stream, 20, 3)], events.slice(0, [...simulateStream(stream, 20, 3)].length));
  });
});

describe('the threshold table', () => {
  it('is met by a simulation of other seeds in a few of its cells, within the error of both runs', () => {
    // A node was found from about 140 alarms, so its own error is about 10 %; the check below counts about 100
    for (const { rate, size, b } of [{ rate: 10, size: Infinity, b: 0 }, { rate: 10, size: 4, b: 1 }, { rate: 3, size: 1.25, b: 1 }]) {
      const { ratio, opened } = measureAlarms({ stream: { rate, size, share: 0.15 }, budgetDays: BUDGET_DAYS[b]!, seed: 99, reviews: 1e6, alarms: 100 });
      assert.ok(ratio > 0.65 && ratio < 1.45, `${rate} a day, size ${size}, one in ${BUDGET_DAYS[b]} days: ${opened} alarms, realised over asked ${ratio}`);
    }
  });

  it('holds for one channel alone as well, over products of two rates and over-dispersions', () => {
    for (const channels of [['count'], ['share']] as const) {
      const rows = [3, 12].flatMap((rate) => [Infinity, 2].map((size) => measureAlarms({ stream: { rate, size, share: 0.12 }, budgetDays: 30, seed: 31, reviews: 60_000, alarms: 40, settings: { channels } })));
      const ratio = rows.reduce((sum, { opened }) => sum + opened, 0) / rows.reduce((sum, { days }) => sum + days / 30, 0);
      assert.ok(ratio > 0.7 && ratio < 1.4, `${channels[0]} alone: realised over asked ${ratio}`);
    }
  });

  it('is read exactly at its nodes, between its neighbours elsewhere, and level beyond its edges', () => {
    for (const { rate, dispersion, logs } of THRESHOLD_TABLE) logs.forEach((log, b) => assert.ok(Math.abs(logFactor(rate, dispersion, BUDGET_DAYS[b]!) - log) < 1e-9));
    const table = [{ rate: 1, dispersion: 1, logs: [0, 1, 2] }, { rate: 100, dispersion: 2, logs: [2, 3, 4] }];
    assert.ok(Math.abs(logFactor(10, 5, 30, table) - 2) < 1e-9);
    assert.equal(logFactor(1e-9, 1, 1e9, table), 2);
  });
});

describe('the yardsticks', () => {
  it('give an exact count\'s 95 % interval within a percent, and Lorden\'s bound by hand', () => {
    const [low, high] = poissonInterval(10); // exact: 4.795, 18.39
    assert.ok(Math.abs(low / 4.795 - 1) < 0.01 && Math.abs(high / 18.39 - 1) < 0.01, `${low} ${high}`);
    assert.ok(Math.abs(lordenDays(5, 2, 91)! - Math.log(455) / (0.386_294 * 5)) < 1e-4);
    assert.equal(lordenDays(0.05, 2, 7), null);
  });
});
