import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { ModelManifest } from '#contracts';
import { openModel } from './index.js';
import { tinyModel, writeModel } from '../testkit/tiny-model.js';

const RECALIBRATION = { intercept: 0.2, slope: 0.02, vector: 0.01, drift: 0.001 };
const STARS_AT = 65;

function withRecalibration(recalibration: ModelManifest['state']['recalibration']): { manifest: ModelManifest; files: Record<string, Uint8Array> } {
  const { manifest, files } = tinyModel();
  return { manifest: { ...manifest, state: { ...manifest.state, ...(recalibration === undefined ? {} : { recalibration }) } }, files };
}

/** Steps one product through five reviews with these stars. @returns log odds of each, and the state after them */
async function scored(recalibration: ModelManifest['state']['recalibration'], stars: readonly (number | null)[]) {
  const folder = writeModel(withRecalibration(recalibration));
  const { stepper, ...model } = await openModel(folder, { encoderThreads: 1 }).finally(() => rmSync(folder, { recursive: true }));
  let states = Object.fromEntries(stepper.tensors.map(({ name, shape }) => [name, new Float32Array(shape.reduce((a, b) => a * b, 1))])) as Readonly<Record<string, Float32Array>>;
  const logits: number[] = [];
  for (const [i, rating] of stars.entries()) {
    const features = Float32Array.from({ length: stepper.featureSize }, (_, j) => (j < STARS_AT ? Math.sin(i + j) : 0));
    if (rating !== null) features.set([1, (rating - 3) / 2], STARS_AT);
    const step = await stepper.step(1, features, states);
    logits.push(step.outputs['logit']![0]!);
    states = step.states;
  }
  await model.close();
  return { logits, states };
}

describe('a model with recalibration', () => {
  it('is opened and probed with two state tensors more, in stretches as step by step', async () => {
    const folder = writeModel(withRecalibration(RECALIBRATION));
    const { stepper, ...model } = await openModel(folder, { encoderThreads: 1 }).finally(() => rmSync(folder, { recursive: true }));
    assert.deepEqual(stepper.tensors.slice(3).map(({ name, shape }) => [name, ...shape]), [['recalibration.weights', 66], ['recalibration.shrunk', 66]]);
    assert.ok(stepper.sequence !== undefined);
    await model.close();
  });

  it('gives a product without stars the log odds of the model alone, to the bit', async () => {
    const none = [null, null, null, null, null];
    assert.deepEqual((await scored(RECALIBRATION, none)).logits, (await scored(undefined, none)).logits);
  });

  it('reads one and two stars as negative and three as not, from the next review on', async () => {
    const after = async (first: number) => (await scored(RECALIBRATION, [first, null])).states['recalibration.weights']![0]!;
    const [one, two, three, five] = await Promise.all([1, 2, 3, 5].map(after));
    assert.equal(one, two);
    assert.equal(three, five);
    assert.ok(one! > 0 && three! < 0, `${one} and ${three}`);
    const [first] = (await scored(RECALIBRATION, [1, 1])).logits;
    assert.equal(first, (await scored(undefined, [1, 1])).logits[0]);
  });

  it('is refused where the prior is none, and for quotes', async () => {
    const folder = writeModel(withRecalibration({ ...RECALIBRATION, slope: -1 }));
    await assert.rejects(openModel(folder, { encoderThreads: 1 }).finally(() => rmSync(folder, { recursive: true })), /model\.json state\.recalibration\.slope: .*>0/);
  });
});
