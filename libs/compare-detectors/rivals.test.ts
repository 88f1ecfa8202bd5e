import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { poissonRegression } from './farrington.js';
import { changePointScores, cusumAlarms, defaultFarrington, earsC1, earsC2, earsC3, farringtonScore, fixedThresholdAlarms, makeStream, mergedOnsets, negativeBinomialQuantile, rollingScores, thresholdFor } from './index.js';
import { seededRandom } from '#seeded-random';
import { massUpTo } from './negative-binomial.js';

const near = (a: number, b: number, within = 1e-9) => assert.ok(Math.abs(a - b) <= within, `${a} is not ${b}`);

describe('the rivals against their papers and against slow versions', () => {
  it('EARS by hand: the seven days before, two left out for C2, three sums for C3', () => {
    const counts = [1, 3, 2, 2, 1, 3, 2, 5, 9, 12];
    near(earsC1(counts, 7), (5 - 2) / Math.sqrt(4 / 6));
    near(earsC2(counts, 9), (12 - 2) / Math.sqrt(4 / 6));
    const longer = [0, ...counts, 1];
    near(earsC3([0, ...longer], 12), [10, 11, 12].reduce((sum, t) => sum + Math.max(0, earsC2([0, ...longer], t) - 1), 0));
    assert.equal(earsC1(counts, 6), -Infinity);
  });
  it('EARS C1 exceeds 3 on normal noise as often as theory says: P(t6 > 3 / sqrt(8/7)) = 0.0155', () => {
    const random = seededRandom(5);
    const noise = Float64Array.from({ length: 60_000 }, () => 100 + 10 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
    let above = 0;
    for (let t = 7; t < noise.length; t += 1) if (earsC1(noise, t) > 3) above += 1;
    near(above / noise.length, 0.0155, 0.002);
  });
  it('the negative-binomial quantiles and tails are those of the R package surveillance (mean 5, phi 1.5 and 1)', () => {
    assert.deepEqual([negativeBinomialQuantile(0.05, 5, 1.5), negativeBinomialQuantile(0.95, 5, 1.5)], [1, 10]);
    assert.deepEqual([negativeBinomialQuantile(0.05, 5, 1), negativeBinomialQuantile(0.95, 5, 1)], [2, 9]);
    near(1 - massUpTo(11, 5, 1.5).below, 0.03763657, 1e-7);
    near(1 - massUpTo(11, 5, 1).below, 0.01369527, 1e-7);
  });
  it('quasi-Poisson regression solves its score equations and gives the mean when there is only one', () => {
    const y = [3, 0, 5, 2, 7, 9, 4, 8];
    const flat = poissonRegression(y.map(() => [1]), y, y.map(() => 1))!;
    near(Math.exp(flat.beta[0]!), 38 / 8, 1e-6);
    const design = y.map((_, i) => [1, i / 8]);
    const fitted = poissonRegression(design, y, y.map(() => 1))!;
    for (const column of [0, 1]) near(y.reduce((sum, value, i) => sum + (value - fitted.means[i]!) * design[i]![column]!, 0), 0, 1e-5);
  });
  it('Farrington raises about its nominal share on Poisson weeks with no outbreak', () => {
    let raised = 0;
    let judged = 0;
    for (let seed = 1; seed <= 6; seed += 1) {
      const counts = new Float64Array(260);
      for (const { at } of makeStream({ days: 260, rate: 10, share: 1, size: Infinity }, seed)) counts[Math.floor(at)]! += 1;
      for (let t = 200; t < 260; t += 1) {
        judged += 1;
        if (farringtonScore(counts, t, { ...defaultFarrington, alpha: 0.05 }) > 1) raised += 1;
      }
    }
    assert.ok(raised / judged > 0.01 && raised / judged < 0.09, `${raised} of ${judged}`);
  });
  it('the change-point posterior is that of the sum over all segmentations', () => {
    const counts = [2, 1, 3, 2, 9, 8];
    const [hazard, shape, rate] = [0.1, 1.5, 0.7];
    const evidence = (xs: readonly number[]) => {
      let [a, b, log] = [shape, rate, 0];
      for (const x of xs) {
        log += a * Math.log(b / (b + 1)) - x * Math.log(b + 1);
        for (let k = 0; k < x; k += 1) log += Math.log((a + k) / (k + 1));
        a += x;
        b += 1;
      }
      return Math.exp(log);
    };
    // Runs of length 1 and 2 at the end, against all that are longer
    const weights = [0, 0];
    for (let cuts = 0; cuts < 2 ** 6; cuts += 1) {
      // a cut after point i; the run length of Adams & MacKay counts the points since the newest cut
      let product = 1;
      let begin = 0;
      for (let i = 0; i < 6; i += 1) {
        const cut = (cuts >> i) & 1;
        product *= cut === 1 ? hazard : 1 - hazard;
        if (cut === 1 || i === 5) {
          product *= evidence(counts.slice(begin, i + 1));
          begin = i + 1;
        }
      }
      const length = 6 - (cuts === 0 ? 0 : 32 - Math.clz32(cuts));
      weights[length >= 1 && length <= 2 ? 0 : 1]! += product;
    }
    const direct = Math.log(weights[0]! / weights[1]!);
    near(changePointScores(counts, { hazard, newest: 2, shape, rate, longest: 100 })[5]!, direct, 1e-6);
  });
  it('CUSUM, rolling sigma and fixed threshold equal their definitions on small cases', () => {
    near(rollingScores([1, 3, 1, 3, 6], 4)[4]!, 4);
    assert.deepEqual(fixedThresholdAlarms([0.01, 0.02, 0.05], () => 0).map(({ score }) => score), [1, 2, 1]);
    const even = Array.from({ length: 60 }, (_, i) => i);
    const last = cusumAlarms(even, 3, 28).at(-1)!;
    assert.ok(last.score <= Math.log(3) + 1e-12, 'one a day is no rise');
  });
});

describe('the comparison', () => {
  it('merges alarms into episodes and finds the threshold that raises as many as wanted', () => {
    const random = seededRandom(3);
    const streams = Array.from({ length: 10 }, () => Array.from({ length: 300 }, (_, at) => ({ at, score: random() })));
    const threshold = thresholdFor(streams, 40, 0, 300);
    const raised = streams.reduce((sum, stream) => sum + mergedOnsets(stream, threshold, 0, 300).length, 0);
    assert.ok(raised <= 40 && raised >= 38, String(raised));
    assert.deepEqual(mergedOnsets([{ at: 1, score: 1 }, { at: 2, score: 1 }, { at: 3.5, score: 1 }, { at: 6, score: 1 }], 1, 0, 10), [1, 6]);
  });
  it('makes streams of the stated rate and dispersion whose past does not depend on the rise', () => {
    const plan = { days: 3000, rate: 5, share: 0.5, size: 1 };
    const counts = new Float64Array(3000);
    for (const { at, negative } of makeStream(plan, 9)) if (negative) counts[Math.floor(at)]! += 1;
    const mean = counts.reduce((a, b) => a + b, 0) / 3000;
    near(mean, 5, 0.4);
    near(counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / 3000 / mean, 6, 0.9);
    const short = { ...plan, days: 20 };
    const before = (events: ReturnType<typeof makeStream>) => events.filter(({ at }) => at < 10.4);
    assert.deepEqual(before(makeStream({ ...short, rise: { from: 10.4, times: 5 } }, 4)), before(makeStream(short, 4)));
  });
});
