import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TidewatchError } from '#contracts';
import { Graph } from '#models';
import { tinyModel } from '../testkit/tiny-model.js';
import { loadTensorFlow } from './load-tensorflow.js';
import { createSession } from './session.js';

const tf = await loadTensorFlow();

describe('a session over TensorFlow.js', () => {
  it('frees all tensors after each run, whatever its shape, and the weights with the session', async () => {
    const before = tf.memory().numTensors;
    const session = createSession(tf, tinyModel().files['encoder.onnx']!);
    const held = tf.memory().numTensors;
    assert.ok(held > before);
    for (const [batch, length] of [[1, 8], [3, 16], [2, 8], [5, 24]] as const) {
      await session.run({ ids: { data: new Int32Array(batch * length * 4).fill(3), shape: [batch, length, 4] }, lengths: { data: new Int32Array(batch).fill(5), shape: [batch] } }, ['vector', 'logit']);
      assert.equal(tf.memory().numTensors, held);
    }
    await assert.rejects(session.run({ ids: { data: Int32Array.of(1, 2, 3), shape: [1, 1, 3] }, lengths: { data: Int32Array.of(1), shape: [1] } }, ['no such output']));
    assert.equal(tf.memory().numTensors, held);
    await session.release();
    assert.equal(tf.memory().numTensors, before);
  });

  it('refuses an operator that it does not know, by name, when the graph is loaded', () => {
    const g = new Graph('g');
    g.output(g.op('Hardmax', [g.op('Einsum', [g.input('x', 'float32', ['B', 2])], { equation: 'ij->ij' })]), 'float32', ['B', 2], 'y');
    assert.throws(() => createSession(tf, g.toModel()), /operator Einsum, Hardmax is not known; known are Abs, Add/);
  });

  it('refuses an attribute that its operator is not written for, and says in which node', async () => {
    const g = new Graph('g');
    g.output(g.op('Slice', [g.input('x', 'float32', ['B', 2]), g.integers(1), g.integers(0), g.integers(0), g.integers(-1)]), 'float32', ['B', 2], 'y');
    await assert.rejects(createSession(tf, g.toModel()).run({ x: { data: Float32Array.of(1, 2), shape: [1, 2] } }, ['y']), /Slice 'Slice_0': step -1 is not supported/);
  });

  it('keeps integers exact up to 2^53 and rounds none beyond', async () => {
    const g = new Graph('g');
    const x = g.op('Cast', [g.input('x', 'int32', ['N'])], { to: 7 });
    const prime = g.constant('prime', [], BigInt64Array.of(4_194_301n));
    g.output(g.op('Cast', [g.op('Mod', [g.op('Mul', [x, prime]), g.constant('rows', [], BigInt64Array.of(65_536n))])], { to: 1 }), 'float32', ['N'], 'y');
    const session = createSession(tf, g.toModel());
    const { y } = await session.run({ x: { data: Int32Array.of(2_147_483_647), shape: [1] } }, ['y']);
    assert.equal(y![0], Number((2_147_483_647n * 4_194_301n) % 65_536n));
    const h = new Graph('h');
    const z = h.op('Cast', [h.input('x', 'int32', ['N'])], { to: 7 });
    h.output(h.op('Cast', [h.op('Mul', [h.op('Mul', [z, z]), z])], { to: 1 }), 'float32', ['N'], 'y');
    await assert.rejects(createSession(tf, h.toModel()).run({ x: { data: Int32Array.of(2_147_483_647), shape: [1] } }, ['y']), /beyond 2\^53/);
  });
});

describe('loadTensorFlow', () => {
  it('says what to install where nothing is, and names what is there and cannot be loaded', async () => {
    await assert.rejects(loadTensorFlow(() => false), (error: unknown) => error instanceof TidewatchError && error.code === 'SETTING_INVALID' && /no TensorFlow\.js is installed: expected @tensorflow\/tfjs-node/.test(error.message));
    await assert.rejects(loadTensorFlow((name) => name === '@tensorflow/tfjs'), /@tensorflow\/tfjs is installed but cannot be loaded/);
  });
});
