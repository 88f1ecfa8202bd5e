import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { calibrationKinds, firstTable } from './calibrate.js';
import { refineTable } from './refine-table.js';
import type { AlarmRow } from './simulate-cell.js';
import { BUDGET_DAYS } from './threshold.js';

describe('a round of the calibration', () => {
  const kinds = calibrationKinds();
  const table = firstTable(kinds, kinds.map(({ rate, size }) => Math.log(1 + rate / size)));
  const row = (budget: number, asked: number, ratio: number): AlarmRow => ({ days: asked * BUDGET_DAYS[budget]!, opened: asked * ratio, ratio, low: 0, high: 0 });
  const round = (ratioOf: (kind: number, budget: number) => number, asked = 400) => refineTable(table, kinds, kinds.map((_, i) => BUDGET_DAYS.map((_days, b) => row(b, asked, ratioOf(i, b)))), []).table;

  it('moves every cell by the logarithm of realised over asked where all agree', () => {
    const next = round(() => 2);
    next.forEach(({ logs }, n) => logs.forEach((log, b) => assert.ok(Math.abs(log - table[n]!.logs[b]! - Math.log(2)) < 0.005, `node ${n}: ${log}`)));
  });

  it('keeps a slope along rate and over-dispersion as it is, and draws a single cell towards its neighbours, the more the fewer its alarms', () => {
    const node = (rate: number, place: number) => table.findIndex((each) => each.rate === rate) + place;
    const lone = (asked: number) => {
      const at = kinds.findIndex(({ node: own }) => own === node(7, 1));
      const next = round((kind, b) => (kind === at && b === 1 ? 3 : 1), asked);
      return next[node(7, 1)]!.logs[1]! - table[node(7, 1)]!.logs[1]!;
    };
    assert.ok(lone(20) < lone(2000) && lone(2000) > 0.8 * Math.log(3) && lone(20) < 0.6 * Math.log(3), `${lone(20)}, ${lone(2000)}`);
    const apart = [...new Set(kinds.map(({ rate }) => rate))];
    const sloped = round((kind) => 1.2 ** apart.indexOf(kinds[kind]!.rate));
    apart.forEach((rate, r) => assert.ok(Math.abs(sloped[node(rate, 0)]!.logs[2]! - table[node(rate, 0)]!.logs[2]! - r * Math.log(1.2)) < 0.01));
  });

  it('lets a cell that the volume floor decides go to its bound, and its neighbours stay', () => {
    const slow = (kind: number, b: number) => kinds[kind]!.rate * BUDGET_DAYS[b]! < 12;
    const next = round((kind, b) => (slow(kind, b) ? 0 : 1));
    assert.equal(next[0]!.logs[0], Math.round(Math.log(0.02) * 1000) / 1000);
    next.forEach(({ rate, logs }, n) => logs.forEach((log, b) => assert.ok(rate * BUDGET_DAYS[b]! < 12 || Math.abs(log - table[n]!.logs[b]!) < 0.01)));
  });
});
