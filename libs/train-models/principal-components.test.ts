import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededNumbers } from '#models';
import { principalComponents } from './principal-components.js';

describe('principal components', () => {
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0);
  const size = 7;
  const vectors = Array.from({ length: 200 }, (_, k) => seededNumbers(k + 1, size).map((x, i) => x * (i + 1) + (i === 2 ? 5 : 0)));
  const { mean, directions, variances } = principalComponents(vectors);

  it('are unit vectors at right angles, largest variance first', () => {
    directions.forEach((a, i) => directions.forEach((b, j) => assert.ok(Math.abs(dot(a, b) - Number(i === j)) < 1e-10)));
    assert.ok(variances.every((v, i) => i === 0 || v <= variances[i - 1]!));
  });

  it('have the variance of what is projected on them, and projections that do not go together', () => {
    const projected = vectors.map((v) => directions.map((d) => dot(v.map((x, i) => x - mean[i]!), d)));
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const together = projected.reduce((sum, p) => sum + p[i]! * p[j]!, 0) / vectors.length;
        assert.ok(Math.abs(together - (i === j ? variances[i]! : 0)) < 1e-9);
      }
    }
  });
});
