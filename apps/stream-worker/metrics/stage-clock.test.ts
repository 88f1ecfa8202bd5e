import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StateStepper } from '#contracts';
import { stageClock, untimed } from './stage-clock.js';

/** A clock that only moves when it is told to. */
function setUp() {
  let at = 0;
  const told: [string, number][] = [];
  const clock = stageClock((stage, seconds) => told.push([stage, Number(seconds.toFixed(6))]), () => at);
  const spend = (ms: number) => { at += ms; };
  const stepper: StateStepper = {
    modelId: 'm', featureSize: 1, tensors: [], outputs: [],
    step: async () => { spend(30); return { outputs: {}, states: {} }; },
    sequence: async () => { spend(50); return { outputs: {}, states: {} }; },
    close: async () => undefined,
  };
  return { clock, told, spend, stepper };
}

describe('stageClock', () => {
  it('tells how long work took until it was done, and nothing of work that throws', async () => {
    const { clock, told, spend } = setUp();
    assert.equal(await clock.time('decode', () => { spend(5); return 7; }), 7);
    await assert.rejects(clock.time('encode', () => Promise.reject(new Error('no'))));
    assert.deepEqual(told, [['decode', 0.005]]);
  });

  it('tells the time within the steps of a model apart from the rest, once for a whole batch', async () => {
    const { clock, told, spend, stepper } = setUp();
    const none = new Float32Array(0);
    await clock.stepping(stepper, 'detect', async (timed) => {
      spend(2);
      await timed.step(1, none, {});
      spend(3);
      await timed.sequence!(1, new Int32Array(1), none, {});
      await timed.step(1, none, {});
    });
    assert.deepEqual(told, [['state', 0.11], ['detect', 0.005]]);
  });

  it('has a sequence only where the stepper has one', async () => {
    const { clock, stepper: { sequence: _, ...stepper } } = setUp();
    assert.equal(await clock.stepping(stepper, 'detect', async (timed) => timed.sequence), undefined);
    assert.equal(await untimed.stepping(stepper, 'detect', async (same) => same === stepper), true);
  });
});
