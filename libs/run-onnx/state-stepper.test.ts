import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { type StateStepper, TidewatchError } from '#contracts';
import { createStateStepper } from '#serve-models';
import { createSession } from './session.js';
import { tinyModel } from '../testkit/tiny-model.js';

const { manifest, files } = tinyModel();
type Key = { features: Float32Array; states: Record<string, Float32Array> };

describe('the state stepper', () => {
  let stepper: StateStepper;
  before(async () => void (stepper = createStateStepper(await createSession(files['state.onnx']!), 'tiny', manifest.state)));
  after(() => stepper.close());

  /** Deterministic numbers for the seed's key; the last column of memory is a flag. */
  function keyOf(seed: number): Key {
    const wave = (length: number, shift: number) => Float32Array.from({ length }, (_, i) => Math.sin(seed * 12.9898 + (i + shift) * 78.233));
    const memory = wave(8 * 33, 3).map((value, i) => (i % 33 === 32 ? (i / 33 > seed % 8 ? 1 : 0) : value));
    return { features: wave(69, 0), states: { h: wave(64, 1), c: wave(64, 2), memory } };
  }
  async function stepTogether(keys: readonly Key[]): Promise<Record<string, number[]>[]> {
    const join = (parts: readonly Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]));
    const states = Object.fromEntries(['h', 'c', 'memory'].map((name) => [name, join(keys.map((key) => key.states[name]!))]));
    const result = await stepper.step(keys.length, join(keys.map(({ features }) => features)), states);
    const all = { ...result.outputs, ...Object.fromEntries(Object.entries(result.states).map(([name, data]) => [`${name}'`, data])) };
    return keys.map((_, row) => Object.fromEntries(Object.entries(all).map(([name, data]) => {
      const width = data.length / keys.length;
      return [name, [...data.slice(row * width, (row + 1) * width)]];
    })));
  }

  it('gives a key the same bits alone and in any batch, also when calls meet', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9999 }), { minLength: 1, maxLength: 70 }), fc.nat(), async (seeds, cut) => {
      const keys = seeds.map(keyOf);
      const alone: Record<string, number[]>[] = [];
      for (const key of keys) alone.push(...(await stepTogether([key])));
      assert.deepEqual(await stepTogether(keys), alone);
      const at = 1 + (cut % keys.length);
      const parts = [keys.slice(0, at), keys.slice(at)].filter((part) => part.length > 0);
      assert.deepEqual((await Promise.all(parts.map(stepTogether))).flat(), alone);
    }), { numRuns: 20 });
  });

  it('fills batches up to whole blocks unnoticed, where a model needs them', async () => {
    const plain = stepper;
    stepper = createStateStepper(await createSession(files['state.onnx']!), 'tiny', manifest.state, { rowsPerBlock: 16 });
    const keys = Array.from({ length: 21 }, (_, i) => keyOf(i));
    const found = [...(await stepTogether(keys)), ...(await Promise.all([stepTogether(keys.slice(0, 2)), stepTogether(keys.slice(2, 3))])).flat()];
    await stepper.close();
    stepper = plain;
    assert.deepEqual(found, await stepTogether([...keys, ...keys.slice(0, 3)]));
  });

  it('leaves what it was given as it was', async () => {
    const key = keyOf(3);
    const before_ = structuredClone(key);
    await stepTogether([key, keyOf(4)]);
    await stepper.step(1, key.features, key.states);
    assert.deepEqual(key, before_);
  });

  it('gives the logit of the text alone, to the bit, to a key with no history', async () => {
    const { features, states } = keyOf(5);
    const zeros = Object.fromEntries(Object.entries(states).map(([name, data]) => [name, new Float32Array(data.length)]));
    const { outputs } = await stepper.step(1, features, zeros);
    assert.equal(outputs.logit![0], Math.fround(4 * features[64]!));
  });

  it('serves more keys at once than one call takes', async () => {
    const keys = Array.from({ length: 1100 }, (_, i) => keyOf(i % 20));
    const parts = await Promise.all([keys.slice(0, 700), keys.slice(700)].map(stepTogether));
    assert.deepEqual(parts.flat()[1099], (await stepTogether([keys[1099]!]))[0]);
  });

  it('fails every caller of a step that cannot run, and goes on with the next', async () => {
    const wrong = stepper.step(1, new Float32Array(3), keyOf(1).states);
    await assert.rejects(wrong, (error: unknown) => error instanceof TidewatchError && error.code === 'MODEL_OUTPUT_INVALID' && /state step of model tiny failed/.test(error.message));
    assert.equal((await stepTogether([keyOf(1)])).length, 1);
  });
});
