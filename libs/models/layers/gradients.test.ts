import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import ort from 'onnxruntime-node';
import { largestGradientError, seededNumbers } from '../gradient-check.js';
import type { NumberTensor } from '../gradient-check.js';
import { add, matmul, multiply, reshape, sum, transpose } from '../onnx/algebra.js';
import { Graph } from '../onnx/graph.js';
import type { Value } from '../onnx/graph.js';
import { MASKED, memoryAttention, softAttention } from './attention.js';
import { dense, tanhLayer } from './dense.js';
import { elman } from './elman.js';
import { gatherSums, scatterRows } from './embedding-sum.js';
import { gru } from './gru.js';
import { binaryCrossEntropy, pinball } from './losses.js';
import { lstm } from './lstm.js';
import { maxPool } from './max-pool.js';
import { meanPool } from './mean-pool.js';
import { reverseTexts } from './reverse-texts.js';

const TOLERANCE = 1e-7;

/** A graph in double precision whose inputs are filled as they are declared. */
class Bench {
  readonly graph = new Graph('bench', 'float64');
  readonly inputs: Record<string, NumberTensor> = {};
  private readonly gradients: Record<string, string> = {};

  input(name: string, dimensions: number[], data = seededNumbers(name.length * 7 + dimensions.length, dimensions.reduce((a, b) => a * b, 1))): Value {
    this.inputs[name] = { data, dimensions };
    return this.graph.input(name, 'float64', dimensions);
  }

  gradient(input: string, value: Value): void {
    this.gradients[input] = this.graph.output(value, 'float64', this.inputs[input]!.dimensions, `d_${input}`);
  }

  /** A scalar loss of any output: its product with fixed random numbers, whose gradient is those numbers. */
  probe(output: Value, dimensions: number[]): Value {
    const probe = this.input('probe', dimensions, seededNumbers(99, dimensions.reduce((a, b) => a * b, 1)));
    this.loss(sum(this.graph, reshape(this.graph, multiply(this.graph, output, probe), -1), [0], 'keep'));
    return probe;
  }

  loss(value: Value): void {
    this.graph.output(value, 'float64', [1], 'loss');
  }

  async worst(): Promise<number> {
    const session = await ort.InferenceSession.create(this.graph.toModel(), { logSeverityLevel: 3 });
    const error = await largestGradientError(async (inputs) => {
      const feeds = Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, new ort.Tensor('float64', t.data, t.dimensions)]));
      const results = await session.run(feeds);
      return Object.fromEntries(Object.entries(results).map(([name, t]) => [name, t.data as Float64Array]));
    }, this.inputs, 'loss', this.gradients);
    await session.release();
    return error;
  }
}

/** Additive mask [rows, columns] with the first lengths[r] places open. */
const maskOf = (lengths: number[], columns: number) =>
  Float64Array.from({ length: lengths.length * columns }, (_, i) => (i % columns < lengths[Math.floor(i / columns)]! ? 0 : MASKED));

describe('the gradient rule of a layer agrees with central differences in double precision', () => {
  it('dense with tanh', async () => {
    const b = new Bench();
    const layer = dense(b.graph, b.input('x', [4, 3]), { weight: b.input('weight', [3, 2]), bias: b.input('bias', [2]) });
    const bent = tanhLayer(b.graph, layer.output);
    const d = layer.backward(bent.backward(b.probe(bent.output, [4, 2])));
    for (const name of ['x', 'weight', 'bias'] as const) b.gradient(name, d[name]);
    assert.ok(await b.worst() < TOLERANCE);
  });

  it('LSTM over a sequence, from a carried state', async () => {
    const b = new Bench();
    const sizes = { inputSize: 3, hiddenSize: 4 };
    const weights = { input: b.input('input', [3, 16]), recurrent: b.input('recurrent', [4, 16]), bias: b.input('bias', [16]) };
    const layer = lstm(b.graph, b.input('x', [5, 2, 3]), b.input('h0', [2, 4]), b.input('c00', [2, 4]), weights, sizes);
    const d = layer.backward(b.probe(layer.output, [5, 2, 4]));
    for (const name of ['x', 'input', 'recurrent', 'bias'] as const) b.gradient(name, d[name]);
    assert.ok(await b.worst() < TOLERANCE);
  });

  for (const [name, gates, layerOf] of [['Elman', 1, elman], ['GRU', 3, gru]] as const) {
    it(`${name}, several steps, from a state that is not zero`, async () => {
      const b = new Bench();
      const weights = { input: b.input('input', [3, gates * 4]), recurrent: b.input('recurrent', [4, gates * 4]), bias: b.input('bias', [gates * 4]) };
      const layer = layerOf(b.graph, b.input('x', [5, 2, 3]), b.input('h0', [2, 4]), weights, { inputSize: 3, hiddenSize: 4 });
      const d = layer.backward(b.probe(layer.output, [5, 2, 4]));
      for (const input of ['x', 'input', 'recurrent', 'bias'] as const) b.gradient(input, d[input]);
      assert.ok(await b.worst() < TOLERANCE);
    });
  }

  it('mean pooling over texts of different lengths', async () => {
    const b = new Bench();
    const layer = meanPool(b.graph, b.input('items', [3, 5, 4]), b.graph.constant('mask', [3, 5], maskOf([5, 1, 3], 5)));
    b.gradient('items', layer.backward(b.probe(layer.output, [3, 4])));
    assert.ok(await b.worst() < TOLERANCE);
  });

  it('soft attention over texts of different lengths', async () => {
    const b = new Bench();
    const weights = { hidden: b.input('hidden', [3, 4]), bias: b.input('bias', [4]), score: b.input('score', [4, 1]) };
    const mask = b.input('mask', [3, 5], maskOf([5, 1, 3], 5));
    const layer = softAttention(b.graph, b.input('items', [3, 5, 3]), mask, weights, { itemSize: 3, attentionSize: 4 });
    const d = layer.backward(b.probe(layer.output, [3, 3]));
    for (const name of ['items', 'hidden', 'bias', 'score'] as const) b.gradient(name, d[name]);
    assert.ok(await b.worst() < TOLERANCE);
  });

  it('max pooling over texts of different lengths', async () => {
    const b = new Bench();
    const layer = maxPool(b.graph, b.input('items', [3, 5, 4]), b.input('mask', [3, 5], maskOf([5, 1, 3], 5)));
    b.gradient('items', layer.backward(b.probe(layer.output, [3, 4])));
    assert.ok(await b.worst() < TOLERANCE);
  });

  it('texts of different lengths turned round', async () => {
    const b = new Bench();
    const layer = reverseTexts(b.graph, b.input('x', [5, 3, 2]), b.graph.constant('lengths', [3], BigInt64Array.of(5n, 1n, 3n)));
    b.gradient('x', layer.backward(b.probe(layer.output, [5, 3, 2])));
    assert.ok(await b.worst() < TOLERANCE);
  });

  it('attention over a bounded memory, full, partly filled and empty', async () => {
    const b = new Bench();
    const open = b.input('open', [3, 4], maskOf([4, 2, 0], 4).map((m) => (m === 0 ? 1 : 0)));
    const layer = memoryAttention(b.graph, b.input('query', [3, 5]), b.input('items', [3, 4, 5]), open, 5);
    const d = layer.backward(b.probe(layer.output, [3, 5]));
    for (const name of ['query', 'items'] as const) b.gradient(name, d[name]);
    assert.ok(await b.worst() < TOLERANCE);
  });

  it('binary cross-entropy with weights, far from zero too', async () => {
    const b = new Bench();
    const logit = b.input('logit', [5, 1], Float64Array.of(-30, -0.4, 0.3, 2, 25));
    const layer = binaryCrossEntropy(b.graph, logit, b.input('target', [5, 1], Float64Array.of(0, 1, 0, 1, 0)), b.input('weights', [5, 1], Float64Array.of(1, 0.5, 2, 0, 1)));
    b.loss(layer.output);
    b.gradient('logit', layer.backward());
    assert.ok(await b.worst() < TOLERANCE);
  });

  it('pinball loss at several levels', async () => {
    const b = new Bench();
    const layer = pinball(b.graph, b.input('predicted', [4, 3]), b.input('actual', [4, 1]), b.input('weights', [4, 1]), [0.05, 0.5, 0.95]);
    b.loss(layer.output);
    b.gradient('predicted', layer.backward());
    assert.ok(await b.worst() < TOLERANCE);
  });

  it('a wrong rule is noticed', async () => {
    const b = new Bench();
    const layer = dense(b.graph, b.input('x', [2, 2]), { weight: b.input('weight', [2, 2]), bias: null });
    const probe = b.probe(layer.output, [2, 2]);
    b.gradient('weight', matmul(b.graph, transpose(b.graph, layer.output, 1, 0), add(b.graph, probe, probe)));
    assert.ok(await b.worst() > 1e-2);
  });
});

describe('the embedding sum', () => {
  const table = Float32Array.from([0, 0, 1, 2, 10, 20, 100, 200]); // [4, 2]
  it('adds the rows of a token and leaves row 0 out', () => {
    const into = new Float32Array(4);
    gatherSums(table, 2, Int32Array.of(1, 3, 2, 0), 2, into);
    assert.deepEqual(into, Float32Array.of(101, 202, 10, 20));
  });

  it('gives each row the sum of the gradients of the tokens it was in', () => {
    const places = new Int32Array(4).fill(-1);
    const { rows, gradients } = scatterRows(Float32Array.of(1, 2, 5, 7), 2, Int32Array.of(3, 1, 3, 0), 2, places);
    assert.deepEqual([...rows], [3, 1]);
    assert.deepEqual([...gradients], [6, 9, 1, 2]);
    assert.ok(places.every((p) => p === -1));
  });
});
