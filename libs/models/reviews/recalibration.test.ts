import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '#seeded-random';
import { type OnlineWeights, recalibrator, WEIGHTS_BESIDE_VECTOR } from './recalibration.js';

const PRIOR = { intercept: 0.2, slope: 0.05, vector: 0.01, drift: 0 };
const fresh = (vectorSize: number): OnlineWeights => ({ weights: new Float32Array(vectorSize + WEIGHTS_BESIDE_VECTOR), shrunk: new Float32Array(vectorSize + WEIGHTS_BESIDE_VECTOR) });
const logistic = (z: number) => 1 / (1 + Math.exp(-z));

interface Review {
  readonly logit: number;
  readonly vector: Float32Array;
  readonly negative: boolean;
}

/** Reviews whose true log odds are `constant + slope * logit + weight * vector[0]`. */
function reviewsOf(count: number, seed: number, truth: { constant: number; slope: number; weight: number }): Review[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const logit = 6 * random() - 3;
    const vector = Float32Array.from({ length: 3 }, () => 2 * random() - 1);
    return { logit, vector, negative: random() < logistic(truth.constant + truth.slope * logit + truth.weight * vector[0]!) };
  });
}

/** The slow oracle: the most probable weights given all reviews at once, by Newton's method on the whole posterior. */
function mostProbable(reviews: readonly Review[], vectorSize: number): number[] {
  const size = vectorSize + WEIGHTS_BESIDE_VECTOR;
  const prior = Array.from({ length: size }, (_, j) => (j === 0 ? PRIOR.intercept : j === 1 ? PRIOR.slope : PRIOR.vector));
  let w = new Array<number>(size).fill(0);
  for (let iteration = 0; iteration < 30; iteration += 1) {
    const gradient = w.map((weight, j) => -weight / prior[j]!);
    const curvature = prior.map((variance, j) => prior.map((_, k) => (j === k ? 1 / variance : 0)));
    for (const { logit, vector, negative } of reviews) {
      const x = [1, logit / 2, ...vector];
      const p = logistic(logit + x.reduce((sum, value, j) => sum + value * w[j]!, 0));
      x.forEach((value, j) => {
        gradient[j] = gradient[j]! + (Number(negative) - p) * value;
        x.forEach((other, k) => { curvature[j]![k] = curvature[j]![k]! + p * (1 - p) * value * other; });
      });
    }
    w = w.map((weight, j) => weight + solved(curvature, gradient)[j]!);
  }
  return w;
}

/** a x = b by Gaussian elimination; a is positive definite. */
function solved(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]!]);
  rows.forEach((pivot, i) => {
    rows.forEach((row, k) => {
      if (k === i) return;
      const factor = row[i]! / pivot[i]!;
      row.forEach((_, j) => { row[j] = row[j]! - factor * pivot[j]!; });
    });
  });
  return rows.map((row, i) => row[b.length]! / row[i]!);
}

describe('recalibration', () => {
  it('leaves the log odds of a product without stars as they are, to the bit', () => {
    const recalibrate = recalibrator(PRIOR, 3);
    const product = fresh(3);
    for (const { logit, vector } of reviewsOf(20, 1, { constant: 1, slope: 1, weight: 0 })) assert.equal(recalibrate(product, null, logit, vector, null), logit);
    assert.deepEqual(product, fresh(3));
  });

  it('does not read a review\'s verdict off its own stars', () => {
    const recalibrate = recalibrator(PRIOR, 3);
    const [before, review] = [reviewsOf(50, 2, { constant: -1, slope: 1, weight: 0 }), reviewsOf(1, 3, { constant: 0, slope: 1, weight: 0 })[0]!];
    const verdicts = [true, false, null].map((negative) => {
      const product = fresh(3);
      for (const { logit, vector, negative: own } of before) recalibrate(product, null, logit, vector, own);
      return recalibrate(product, null, review.logit, review.vector, negative);
    });
    assert.equal(new Set(verdicts).size, 1);
    assert.notEqual(verdicts[0], review.logit);
  });

  it('comes to what all reviews at once make most probable', () => {
    for (const truth of [{ constant: -1.5, slope: 0.6, weight: 0 }, { constant: 0.8, slope: 1.3, weight: 0.3 }, { constant: 0, slope: 1, weight: 0 }]) {
      const reviews = reviewsOf(4000, 4, truth);
      const recalibrate = recalibrator(PRIOR, 3);
      const product = fresh(3);
      for (const { logit, vector, negative } of reviews) recalibrate(product, null, logit, vector, negative);
      mostProbable(reviews, 3).forEach((weight, j) => assert.ok(Math.abs(product.weights[j]! - weight) < 0.08, `weight ${j}: ${product.weights[j]} and ${weight}, truth ${JSON.stringify(truth)}`));
    }
  });

  it('is worth most of what knowing the truth is worth, and costs next to nothing where the model was right', () => {
    const lossOf = (truth: { constant: number; slope: number; weight: number }) => {
      const recalibrate = recalibrator(PRIOR, 3);
      const loss = { model: 0, recalibrated: 0, truth: 0 };
      for (let seed = 0; seed < 20; seed += 1) {
        const product = fresh(3);
        for (const { logit, vector, negative } of reviewsOf(500, 100 + seed, truth)) {
          const nats = (z: number) => Math.log1p(Math.exp(negative ? -z : z));
          loss.model += nats(logit);
          loss.recalibrated += nats(recalibrate(product, null, logit, vector, negative));
          loss.truth += nats(truth.constant + truth.slope * logit + truth.weight * vector[0]!);
        }
      }
      return loss;
    };
    const wrong = lossOf({ constant: -1.5, slope: 0.6, weight: 0 });
    assert.ok(wrong.model - wrong.recalibrated > 0.9 * (wrong.model - wrong.truth), JSON.stringify(wrong));
    const right = lossOf({ constant: 0, slope: 1, weight: 0 });
    assert.ok(right.recalibrated < 1.01 * right.model, JSON.stringify(right));
  });

  it('goes on learning with a drift, and hardly without one', () => {
    const after = (drift: number) => {
      const recalibrate = recalibrator({ ...PRIOR, drift }, 3);
      const product = fresh(3);
      for (const { logit, vector, negative } of reviewsOf(20_000, 5, { constant: 1, slope: 1, weight: 0 })) recalibrate(product, null, logit, vector, negative);
      for (const { logit, vector, negative } of reviewsOf(2_000, 6, { constant: -1, slope: 1, weight: 0 })) recalibrate(product, null, logit, vector, negative);
      return product.weights[0]!;
    };
    assert.ok(after(1e-3) < -0.7, String(after(1e-3)));
    assert.ok(after(0) > 0.5, String(after(0)));
  });

  it('is moved little by a review that was all but certain and came out otherwise', () => {
    const recalibrate = recalibrator(PRIOR, 3);
    const product = fresh(3);
    recalibrate(product, null, 30, Float32Array.of(1, -1, 1), false);
    assert.ok(product.weights.every((weight) => Number.isFinite(weight) && Math.abs(weight) < 1.5), [...product.weights].join(' '));
  });

  it('learns for all products of a source what they have in common, and for each what sets it apart', () => {
    const recalibrate = recalibrator({ ...PRIOR, source: { ...PRIOR, intercept: 1 } }, 3);
    const source = fresh(3);
    const products = [-1, 1].map((apart) => ({ apart, weights: fresh(3) }));
    for (let round = 0; round < 1_000; round += 1) {
      for (const { apart, weights } of products) {
        const [{ logit, vector, negative }] = reviewsOf(1, 10_000 + 2 * round + apart, { constant: -1.5 + apart, slope: 1, weight: 0 }) as [Review];
        recalibrate(weights, source, logit, vector, negative);
      }
    }
    const [below, above] = products.map(({ weights }) => weights.weights[0]! + source.weights[0]!) as [number, number];
    assert.ok(Math.abs(below + 2.5) < 0.4 && Math.abs(above + 0.5) < 0.4, `${below} and ${above}`);
    const stranger = recalibrate(fresh(3), source, 0, new Float32Array(3), null);
    assert.ok(stranger > below + 0.8 && stranger < above - 0.4, `${below}, ${stranger}, ${above}`);
  });

  it('comes, for a source whose products have one review each, to what all reviews at once make most probable', () => {
    const truth = { constant: -1.5, slope: 0.6, weight: 0.3 };
    const reviews = reviewsOf(4_000, 7, truth);
    const recalibrate = recalibrator({ intercept: 1e-9, slope: 1e-9, vector: 1e-9, drift: 0, source: PRIOR }, 3);
    const source = fresh(3);
    for (const { logit, vector, negative } of reviews) recalibrate(fresh(3), source, logit, vector, negative);
    mostProbable(reviews, 3).forEach((weight, j) => assert.ok(Math.abs(source.weights[j]! - weight) < 0.08, `weight ${j}: ${source.weights[j]} and ${weight}`));
  });

  it('lets a product whose stars are the opposite of its texts mislead the others of its source less than if it learnt nothing of its own', () => {
    const misled = (own: typeof PRIOR) => {
      const recalibrate = recalibrator({ ...own, source: PRIOR }, 3);
      const [source, odd] = [fresh(3), fresh(3)];
      for (const { logit, vector, negative } of reviewsOf(500, 8, { constant: 0, slope: 1, weight: 0 })) recalibrate(fresh(3), source, logit, vector, negative);
      const before = recalibrate(fresh(3), source, 3, new Float32Array(3), null);
      for (const { logit, vector, negative } of reviewsOf(500, 9, { constant: 0, slope: 1, weight: 0 })) recalibrate(odd, source, logit, vector, !negative);
      return before - recalibrate(fresh(3), source, 3, new Float32Array(3), null);
    };
    const [little, much] = [misled(PRIOR), misled({ intercept: 1e-9, slope: 1e-9, vector: 1e-9, drift: 0 })];
    assert.ok(little > 0 && little < 0.7 * much, `${little} and ${much}`);
  });

  it('is, where no source is given, what it is without a prior for sources, to the bit', () => {
    const [one, other] = [recalibrator(PRIOR, 3), recalibrator({ ...PRIOR, source: PRIOR }, 3)];
    const [a, b] = [fresh(3), fresh(3)];
    for (const { logit, vector, negative } of reviewsOf(200, 11, { constant: -1, slope: 1, weight: 0 })) assert.equal(one(a, null, logit, vector, negative), other(b, null, logit, vector, negative));
    assert.deepEqual(a, b);
  });

  it('learns nothing from a vector too large to be one, and never gives a number that is not finite', () => {
    const recalibrate = recalibrator({ ...PRIOR, source: PRIOR }, 3);
    const [product, source] = [fresh(3), fresh(3)];
    recalibrate(product, source, 1, Float32Array.of(1, 1, 1), false);
    const before = [product.weights.slice(), source.weights.slice()];
    for (const huge of [1e20, 3e38]) assert.ok(Number.isFinite(recalibrate(product, source, 1, new Float32Array(3).fill(huge), true)));
    assert.deepEqual([product.weights, source.weights], before);
  });
});
