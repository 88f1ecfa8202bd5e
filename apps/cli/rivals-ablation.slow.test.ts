import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ablate, ABLATION_RISES, type AblationFigure } from './rivals-ablation.js';
import { onThreads } from './rivals-threads.js';

describe('evaluate rivals --ablations', () => {
  const plan = { rate: 5, size: null, inControlStreams: 5, inControlDays: 260, runs: 8, budgetPerDay: 1 / 30 };
  const within = (realised: number) => assert.ok(realised > 0.75 && realised < 1.3, `realised over asked ${realised}`);

  it('finds the constant at which a changed detector raises what was asked for', () => {
    const floor = ablate(plan, 'a floor of three negatives');
    within(floor.realised);
    assert.equal(floor.meanHours.length, ABLATION_RISES.length);
    assert.ok(floor.meanHours.every((hours, i) => hours > 0 && (i === 0 || hours < floor.meanHours[i - 1]!)), String(floor.meanHours));
  });

  it('gives one thread a work after the other, and their figures in order', async () => {
    const small = { ...plan, inControlStreams: 1, inControlDays: 90, runs: 1 };
    const works = [5, 2, 3].map((rate) => ({ plan: { ...small, rate }, piece: 'Poisson CUSUM (3x)' }));
    assert.deepEqual(await onThreads<AblationFigure>(works, '1'), works.map((work) => ablate(work.plan, work.piece)));
  });

  it('sets the CUSUM that knows the cell beside it at the same false alarms', () => {
    within(ablate(plan, 'Poisson CUSUM (3x)').realised);
  });
});
