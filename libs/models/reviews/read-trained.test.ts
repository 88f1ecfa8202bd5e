import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '#seeded-random';
import { PAIR_BUCKETS } from '../layers/word-pairs.js';
import { encoderGraph, encoderShapes } from './encoder.js';
import { historyGraph, historyShapes } from './history.js';
import { startParameters } from './parameters.js';
import { readEncoder, readHistory } from './read-trained.js';

describe('trained numbers read out of the served files', () => {
  const sizes = { tokenSize: 4, hiddenSize: 3, attentionSize: 3, vectorSize: 5, slots: 2 };
  const historySizes = { vectorSize: 3, featureSize: 8, hiddenSize: 4, memoryPlaces: 3, memorySize: 2, readSize: 3 };
  const random = seededRandom(3);
  const numbers = (count: number, empty: number) => Float32Array.from({ length: count }, (_, i) => (i < empty ? 0 : random() - 0.5));
  const parameters = startParameters(encoderShapes(sizes), random);
  for (const [name, p] of Object.entries(parameters)) if (name.endsWith('ias')) p.forEach((_, i) => { p[i] = random() - 0.5; });
  const table = numbers(40, 4);
  const linear = { words: numbers(10, 1), pairs: numbers(1 + PAIR_BUCKETS, 1) };
  const near = (a: Float32Array, b: Float32Array, within: number) => {
    assert.equal(a.length, b.length);
    a.forEach((x, i) => assert.ok(Math.abs(x - b[i]!) <= within, `${x} against ${b[i]} at ${i}`));
  };

  it('are those that went in: weights to the bit, tables to half a step of eight bits', () => {
    const read = readEncoder(encoderGraph(sizes, parameters, table, linear), sizes);
    assert.deepEqual(read.parameters, parameters);
    near(read.table, table, 0.5 / 254 + 1e-6);
    near(read.linear!.words, linear.words, 0.5 / 254 + 1e-6);
    near(read.linear!.pairs, linear.pairs, 0.5 / 254 + 1e-6);
    assert.equal(readEncoder(encoderGraph(sizes, parameters, table, null), sizes).linear, null);
  });

  it('make the same file again', () => {
    const once = encoderGraph(sizes, parameters, table, linear);
    const read = readEncoder(once, sizes);
    const twice = readEncoder(encoderGraph(sizes, read.parameters, read.table, read.linear), sizes);
    near(twice.table, read.table, 1e-7);
    assert.deepEqual(twice.parameters, read.parameters);
  });

  it('of the history part likewise', () => {
    const history = startParameters(historyShapes(historySizes), random);
    assert.deepEqual(readHistory(historyGraph(historySizes, history), historySizes), history);
  });

  it('refuse a model of another shape, and a file that was cut short, with what was found', () => {
    const file = encoderGraph(sizes, parameters, table, null);
    assert.throws(() => readEncoder(file, { ...sizes, hiddenSize: 6 }), /'lstm\.input' has 96 values, 192 float32 were expected/);
    assert.throws(() => readEncoder(file.subarray(0, file.length - 50), sizes), /cut short/);
    assert.throws(() => readHistory(file, historySizes), /were expected/);
    assert.throws(() => readEncoder(Buffer.from('{"no": "model"}'), sizes), RangeError);
  });
});
