import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import ort from 'onnxruntime-node';
import { largestGradientError, seededNumbers } from '../gradient-check.js';
import { seededRandom } from '#seeded-random';
import type { NumberTensor } from '../gradient-check.js';
import { MASKED } from '../layers/attention.js';
import { gatherSums } from '../layers/embedding-sum.js';
import { PAIR_BUCKETS } from '../layers/word-pairs.js';
import { encoderGraph, encoderShapes, encoderTrainingGraph, itemSizeOf } from './encoder.js';
import { historyGraph, historyShapes, historyTrainingGraph } from './history.js';
import { sizeOf, startParameters } from './parameters.js';
import type { Parameters, Shapes } from './parameters.js';

const QUIET = { logSeverityLevel: 3, intraOpNumThreads: 1, enableMemPattern: false } as const;
const encoderSizes = { tokenSize: 4, hiddenSize: 3, attentionSize: 3, vectorSize: 5, slots: 2 };
const pooledSize = 2 * itemSizeOf(encoderSizes);
const eachLength = (...lengths: number[]) => new ort.Tensor('int64', BigInt64Array.from(lengths, BigInt), [lengths.length]);
const historySizes = { vectorSize: 3, featureSize: 8, hiddenSize: 4, memoryPlaces: 3, memorySize: 2, readSize: 3 };

type Feed = Record<string, NumberTensor>;
const numbers = (seed: number, dimensions: number[], scale = 1): NumberTensor => ({ data: seededNumbers(seed, sizeOf(dimensions), scale), dimensions });
const given = (data: number[], dimensions: number[]): NumberTensor => ({ data: Float64Array.from(data), dimensions });
const single = (t: NumberTensor) => new ort.Tensor('float32', Float32Array.from(t.data), t.dimensions);
const randomParameters = (shapes: Shapes): Feed => Object.fromEntries(Object.entries(shapes).map(([name, shape], i) => [name, numbers(50 + i, [...shape], 0.7)]));
const asParameters = (feed: Feed): Parameters => Object.fromEntries(Object.entries(feed).map(([name, t]) => [name, Float32Array.from(t.data)]));
const floats = (t: ort.Tensor | undefined): number[] => [...(t!.data as Float32Array)];

async function worstGradient(model: Uint8Array, inputs: Feed, names: string[], fixed: Record<string, ort.Tensor> = {}): Promise<number> {
  const session = await ort.InferenceSession.create(model, QUIET);
  const worst = await largestGradientError(async (feed) => {
    const results = await session.run({ ...fixed, ...Object.fromEntries(Object.entries(feed).map(([name, t]) => [name, new ort.Tensor('float64', t.data, t.dimensions)])) });
    return Object.fromEntries(Object.entries(results).map(([name, t]) => [name, t.data as Float64Array]));
  }, inputs, 'loss', Object.fromEntries(names.map((name) => [name, `d.${name}`])));
  await session.release();
  return worst;
}

function historyInputs(steps: number, lanes: number): Feed {
  const { featureSize, hiddenSize, memoryPlaces, memorySize } = historySizes;
  const memory = numbers(5, [memoryPlaces, lanes, memorySize + 1]);
  memory.data.forEach((_, i) => { if (i % (memorySize + 1) === memorySize) memory.data[i] = i % 2; });
  const items = steps * lanes;
  return {
    features: numbers(1, [steps, lanes, featureSize]), h0: numbers(2, [lanes, hiddenSize]), c0: numbers(3, [lanes, hiddenSize]), memory0: memory,
    ones: given(Array<number>(items).fill(1), [steps, lanes, 1]),
    target: given(Array.from({ length: items }, (_, i) => i % 2), [items, 1]), weight: given(Array.from({ length: items }, (_, i) => (i % 5 === 0 ? 0 : 0.3)), [items, 1]),
    nextTarget: given(Array.from({ length: items }, (_, i) => (i >> 1) % 2), [items, 1]), nextWeight: given(Array<number>(items).fill(0.2), [items, 1]),
    ...randomParameters(historyShapes(historySizes)),
  };
}

describe('the training graph of the review model', () => {
  it('has the gradients that central differences have, for the encoder with texts of different lengths', async () => {
    const shapes = encoderShapes(encoderSizes);
    const lengths = [5, 2, 1];
    const inputs: Feed = {
      tokens: numbers(1, [5, 3, 4]), zero: given(Array<number>(9).fill(0), [3, 3]), keep: given(Array.from({ length: 3 * pooledSize }, (_, i) => i % 3), [3, pooledSize]),
      mask: given(Array.from({ length: 15 }, (_, i) => (i % 5 < lengths[Math.floor(i / 5)]! ? 0 : MASKED)), [3, 5]),
      target: given([1, 0, 1], [3, 1]), weight: given([0.5, 0.3, 0.2], [3, 1]), ...randomParameters(shapes),
    };
    assert.ok(await worstGradient(encoderTrainingGraph(encoderSizes, 'float64'), inputs, ['tokens', ...Object.keys(shapes)], { lengths: eachLength(...lengths) }) < 1e-7);
  });

  it('has them for the history part, memory shorter and longer than the stretch', async () => {
    const names = Object.keys(historyShapes(historySizes));
    for (const steps of [6, 2]) assert.ok(await worstGradient(historyTrainingGraph(historySizes, 'float64'), historyInputs(steps, 2), names) < 1e-7, `${steps} steps`);
  });
});

describe('the served encoder', () => {
  const shapes = encoderShapes(encoderSizes);
  const parameters = randomParameters(shapes);
  const table = Float32Array.from(seededNumbers(9, 10 * 4), (x) => Math.round(x * 127) / 64); // eight bits, exactly
  table.fill(127 / 64, 4, 8);
  table.fill(0, 0, 4);
  const texts = [[1, 2, 3, 0, 9, 5], [4, 0], [7, 7, 2, 1]]; // two rows a token
  const feedOf = (rows: number[][], bucket: number) => ({
    ids: new ort.Tensor('int32', Int32Array.from(rows.flatMap((r) => [...r, ...Array<number>(bucket * 2 - r.length).fill(0)])), [rows.length, bucket, 2]),
    lengths: new ort.Tensor('int32', Int32Array.from(rows.map((r) => r.length / 2)), [rows.length]),
  });

  it('computes what the training graph computes', async () => {
    const serving = await ort.InferenceSession.create(encoderGraph(encoderSizes, asParameters(parameters), table, null), QUIET);
    const training = await ort.InferenceSession.create(encoderTrainingGraph(encoderSizes), QUIET);
    const feed = feedOf(texts, 4);
    const tokens = new Float32Array(3 * 4 * 4);
    gatherSums(table, 4, feed.ids.data, 2, tokens); // [B, T, D]
    const timeFirst = Float32Array.from(tokens, (_, i) => tokens[((Math.floor(i / 4) % 3) * 4 + Math.floor(i / 12)) * 4 + (i % 4)]!);
    const trained = await training.run({
      tokens: new ort.Tensor('float32', timeFirst, [4, 3, 4]), zero: single(given(Array<number>(9).fill(0), [3, 3])), keep: single(given(Array<number>(3 * pooledSize).fill(1), [3, pooledSize])), lengths: eachLength(3, 1, 2),
      mask: single(given(texts.flatMap((r) => [0, 1, 2, 3].map((t) => (t < r.length / 2 ? 0 : MASKED))), [3, 4])),
      target: single(given([0, 0, 0], [3, 1])), weight: single(given([1, 1, 1], [3, 1])), ...Object.fromEntries(Object.entries(parameters).map(([n, t]) => [n, single(t)])),
    });
    const served = await serving.run(feed);
    floats(served['logit']).forEach((l, i) => assert.ok(Math.abs(l - floats(trained['logit'])[i]!) < 1e-5));
    floats(served['attention']).forEach((a, i) => assert.ok(a >= 0 && (i % 4 < texts[Math.floor(i / 4)]!.length / 2 || a === 0)));
  });

  describe('with hard attention', () => {
    const words = Float32Array.of(0, 9, -2, 5, 1, -127, 3, 8, 4, 2).map((w) => w / 64);
    const linear = { words, pairs: new Float32Array(1 + PAIR_BUCKETS).fill(127 / 64, 1, 2) };
    const run = async (selection: { over: number; keep: number } | null, rows: number[][], bucket: number) => {
      const session = await ort.InferenceSession.create(encoderGraph(encoderSizes, asParameters(parameters), table, linear, selection), QUIET);
      return session.run(feedOf(rows, bucket));
    };
    const long = [1, 0, 9, 0, 2, 0, 6, 0, 4, 0, 9, 0, 5, 0, 4, 0, 9, 0, 2, 0, 3, 0, 1, 0]; // 12 tokens; 5 weighs most, then 1 at both ends, then 3

    it('reads the tokens that weigh most and their neighbours, in their order, and says where it looked', async () => {
      const { attention } = await run({ over: 8, keep: 4 }, [long], 12);
      assert.deepEqual(floats(attention).flatMap((a, i) => (a > 0 ? [i] : [])), [0, 5, 6, 7]);
      assert.ok(Math.abs(floats(attention).reduce((a, b) => a + b, 0) - 1) < 1e-5);
    });

    it('sees of the network what it would see of those tokens alone', async () => {
      const picked = [1, 0, 9, 0, 5, 0, 4, 0];
      const [{ vector }, { vector: alone }] = [await run({ over: 8, keep: 4 }, [long], 12), await run(null, [picked], 4)];
      assert.deepEqual(floats(vector), floats(alone));
    });

    it('gives shorter texts the bits that they have without it, and a text the same bits whatever stands beside it', async () => {
      const [{ logit, vector, attention }, whole] = [await run({ over: 8, keep: 4 }, texts, 8), await run(null, texts, 8)];
      assert.deepEqual([floats(logit), floats(vector), floats(attention)], [floats(whole['logit']), floats(whole['vector']), floats(whole['attention'])]);
      const other = [...long].reverse().map((row, i, all) => (i % 2 === 0 ? all[i + 1]! : 0));
      const together = await run({ over: 8, keep: 4 }, [other, long, other], 12);
      const alone = await run({ over: 8, keep: 4 }, [long], 12);
      assert.deepEqual(floats(together['vector']).slice(5, 10), floats(alone['vector']));
      assert.equal(floats(together['logit'])[1], floats(alone['logit'])[0]);
    });

    it('needs a linear part', () => {
      assert.throws(() => encoderGraph(encoderSizes, asParameters(parameters), table, null, { over: 8, keep: 4 }), /this encoder has none/);
    });
  });

  it('gives a text the same bits whatever stands beside it in the batch', async () => {
    const session = await ort.InferenceSession.create(encoderGraph(encoderSizes, asParameters(parameters), table, null), QUIET);
    const together = await session.run(feedOf(texts, 8));
    for (const [i, text] of texts.entries()) {
      const alone = await session.run(feedOf([text], 8));
      assert.deepEqual(floats(alone['vector']), floats(together['vector']).slice(i * 5, i * 5 + 5));
      assert.equal(floats(alone['logit'])[0], floats(together['logit'])[i]);
    }
  });
});

describe('the served history step', () => {
  const { featureSize: F, hiddenSize: H, memoryPlaces: M, memorySize: D, vectorSize } = historySizes;
  const parameters = randomParameters(historyShapes(historySizes));
  const open = () => ort.InferenceSession.create(historyGraph(historySizes, asParameters(parameters)), QUIET);
  const fresh = (batch: number) => ({ h: single(given(Array<number>(batch * H).fill(0), [batch, H])), c: single(given(Array<number>(batch * H).fill(0), [batch, H])), memory: single(given(Array<number>(batch * M * (D + 1)).fill(0), [batch, M, D + 1])) });

  it('leaves the text alone, to the bit, where there is no history', async () => {
    const session = await open();
    const features = numbers(3, [5, F], 2);
    const { logit } = await session.run({ features: single(features), ...fresh(5) });
    assert.deepEqual(floats(logit), Array.from({ length: 5 }, (_, i) => Math.fround(features.data[i * F + vectorSize]!) * 4));
  });

  it('does not let a review see its own stars', async () => {
    const session = await open();
    const first = await session.run({ features: single(numbers(3, [1, F])), ...fresh(1) });
    const state = { h: first['h_next']!, c: first['c_next']!, memory: first['memory_next']! };
    const withStars = (stars: number) => { const t = numbers(4, [1, F]); t.data[vectorSize + 1] = 1; t.data[vectorSize + 2] = stars; return single(t); };
    const [bad, good] = [await session.run({ features: withStars(-1), ...state }), await session.run({ features: withStars(1), ...state })];
    assert.deepEqual(floats(bad['logit']), floats(good['logit']));
    assert.notDeepEqual(floats(bad['expectation']), floats(good['expectation']));
  });

  it('step by step arrives where the training graph arrives in one stretch', async () => {
    const steps = 5;
    const inputs = historyInputs(steps, 1);
    const training = await ort.InferenceSession.create(historyTrainingGraph(historySizes), QUIET);
    const whole = await training.run(Object.fromEntries(Object.entries(inputs).map(([n, t]) => [n, single(t)])));
    const session = await open();
    let state: Record<string, ort.Tensor> = { h: single(inputs['h0']!), c: single(inputs['c0']!), memory: single({ data: inputs['memory0']!.data, dimensions: [1, M, D + 1] }) };
    const near = (a: number[], b: number[]) => a.forEach((x, i) => assert.ok(Math.abs(x - b[i]!) < 1e-5, `${x} against ${b[i]}`));
    for (let t = 0; t < steps; t++) {
      const out = await session.run({ features: single(given([...inputs['features']!.data.subarray(t * F, t * F + F)], [1, F])), ...state });
      near(floats(out['logit']), [floats(whole['logit'])[t]!]);
      near(floats(out['expectation']), [floats(whole['expectation'])[t]!]);
      state = { h: out['h_next']!, c: out['c_next']!, memory: out['memory_next']! };
    }
    near(floats(state['h']), floats(whole['h']));
    near(floats(state['memory']), floats(whole['memory']));
  });
});

describe('parameters', () => {
  it('start the same for the same seed, biases at zero and forget gates open', () => {
    const shapes = historyShapes(historySizes);
    const start = startParameters(shapes, seededRandom(7));
    assert.deepEqual(start, startParameters(shapes, seededRandom(7)));
    assert.deepEqual([...start['lstm.bias']!], [...Array<number>(8).fill(0), ...Array<number>(4).fill(1), ...Array<number>(4).fill(0)]);
    assert.ok(start['memory.bias']!.every((b) => b === 0));
  });
});
