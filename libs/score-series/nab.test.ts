import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NAB_PROFILES, nabReport, probationOf, scoreSeries } from './index.js';

const alarmsAt = (length: number, ...at: number[]) => Float64Array.from({ length }, (_, t) => (at.includes(t) ? 1 : 0));
const standard = NAB_PROFILES.standard;
const sigmoid = (y: number) => 2 / (1 + Math.exp(5 * y)) - 1;

describe("NAB's score, by hand", () => {
  const one = (scores: Float64Array) => [{ name: 's', scores, windows: [[50, 59]] as const }];
  it('is 0 for silence and 100 for the first point of the window alone', () => {
    assert.equal(nabReport(one(alarmsAt(100)), standard, 0.5).score, 0);
    assert.ok(Math.abs(nabReport(one(alarmsAt(100, 50)), standard, 0.5).score - 100) < 1e-12);
  });
  it('pays a hit in the middle by the sigmoid at its relative place', () => {
    // 56 of 50..59: -(59 - 56 + 1) / 10 = -0.4
    const hit = sigmoid(-0.4) / sigmoid(-1);
    assert.ok(Math.abs(nabReport(one(alarmsAt(100, 56)), standard, 0.5).score - (100 * (hit + 1)) / 2) < 1e-12);
  });
  it('counts the earliest alarm of a window once', () => {
    assert.equal(nabReport(one(alarmsAt(100, 56, 57, 58)), standard, 0.5).score, nabReport(one(alarmsAt(100, 56)), standard, 0.5).score);
  });
  it('charges a false alarm before all windows in full, one shortly behind by its distance, and twice in the strict profile', () => {
    assert.ok(Math.abs(nabReport(one(alarmsAt(100, 30)), standard, 0.5).score - (100 * -0.11) / 2) < 1e-12);
    assert.ok(Math.abs(nabReport(one(alarmsAt(100, 63)), standard, 0.5).score - (100 * 0.11 * sigmoid(4 / 9)) / 2) < 1e-12);
    assert.ok(Math.abs(nabReport(one(alarmsAt(100, 30)), NAB_PROFILES.lowFalsePositives, 0.5).score - (100 * -0.22) / 2) < 1e-12);
  });
  it('judges nothing in the first 15 %, at most 750 points', () => {
    assert.deepEqual([probationOf(100), probationOf(10_000)], [15, 750]);
    assert.equal(nabReport(one(alarmsAt(100, 3, 14)), standard, 0.5).score, 0);
  });
  it('finds the best threshold over all series when none is given', () => {
    const scores = Float64Array.from({ length: 100 }, (_, t) => (t === 50 ? 0.9 : t === 30 ? 0.5 : 0));
    const { score, threshold } = nabReport(one(scores), standard);
    assert.equal(threshold, 0.9);
    assert.ok(Math.abs(score - 100) < 1e-12);
  });
});

describe('scoring a series', () => {
  const wave = (n: number) => Array.from({ length: n }, (_, t) => ({ timestamp: String(t), value: Math.round(20 + 6 * Math.sin(t / 5) + ((t * 7919) % 11)) }));
  it('marks a burst of mentions higher than anything before it, and stays within 0 and 1', () => {
    const points = wave(1000).map((point, t) => (t >= 700 && t < 706 ? { ...point, value: 160 } : point));
    const scores = scoreSeries(points);
    assert.ok(scores.every((score) => score >= 0 && score <= 1));
    assert.ok(scores[700]! > 0.6 && scores[700]! > Math.max(...scores.slice(0, 700)), `${scores[700]}`);
    assert.ok(scores.slice(0, 150).every((score) => score === 0));
  });
  it('stays high while a jump lasts, below its beginning, until it is over or the new normal', () => {
    const jump = (until: number) => scoreSeries(wave(1000).map((point, t) => (t >= 700 && t < until ? { ...point, value: point.value + 140 } : point)));
    const [brief, lasting] = [jump(730), jump(1000)];
    const first = lasting[700]!;
    assert.ok(first > 0.6 && lasting.slice(701, 770).every((score) => score > 0.25 && score < 1 / 3), `${first}: ${[...lasting.slice(700, 770)].join()}`);
    assert.ok(lasting.slice(780).filter((score) => score > 0.25).length < 10, `the new normal: ${Math.max(...lasting.slice(780))}`);
    assert.ok(brief.slice(701, 730).every((score) => score > 0.25) && brief.slice(731, 770).every((score) => score < 0.05), `over: ${[...brief.slice(725, 770)].join()}`);
  });
  it('knows only the past: what comes later changes no score (the probationary length given)', () => {
    const points = wave(1000);
    const changed = points.map((point, t) => (t < 600 ? point : { ...point, value: 3 }));
    assert.deepEqual(scoreSeries(changed).slice(0, 600), scoreSeries(points).slice(0, 600));
  });
  it('takes gauges with fractions, negatives, and a series that never moves', () => {
    for (const value of [(t: number) => Math.sin(t) * 1e-3 - 5, () => 0, () => 7.5]) {
      const scores = scoreSeries(Array.from({ length: 300 }, (_, t) => ({ timestamp: '', value: value(t) })));
      assert.ok(scores.every((score) => Number.isFinite(score) && score < 0.6), String(Math.max(...scores)));
    }
  });
});
