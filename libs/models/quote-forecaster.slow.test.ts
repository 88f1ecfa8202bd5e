import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import ort from 'onnxruntime-node';
import { largestGradientError, type NumberTensor, seededNumbers } from './gradient-check.js';
import { quoteBiasStart, quoteGraph, quoteShapes, type QuoteSizes, quoteTrainingGraph } from './quote-forecaster.js';
import { sizeOf } from './reviews/parameters.js';

const QUIET = { logSeverityLevel: 3, intraOpNumThreads: 1, enableMemPattern: false } as const;
const SIZES: QuoteSizes = { featureSize: 4, hiddenSize: 3, memoryPlaces: 3, memorySize: 2, readSize: 4, horizons: 2, levels: [0.05, 0.25, 0.5, 0.75, 0.95] };
const OUT = SIZES.horizons * SIZES.levels.length;

type Feed = Record<string, NumberTensor>;
const numbers = (seed: number, dimensions: readonly number[], scale = 1): NumberTensor => ({ data: seededNumbers(seed, sizeOf(dimensions), scale), dimensions });
const parameters = (): Feed => Object.fromEntries(Object.entries(quoteShapes(SIZES)).map(([name, shape], i) => [name, numbers(70 + i, shape, 0.8)]));
const single = (t: NumberTensor) => new ort.Tensor('float32', Float32Array.from(t.data), t.dimensions);

function feed(steps: number, lanes: number): Feed {
  const { featureSize: F, hiddenSize: H, memoryPlaces: M, memorySize: D } = SIZES;
  const memory = numbers(5, [M, lanes, D + 1]);
  memory.data.forEach((_, i) => { if (i % (D + 1) === D) memory.data[i] = i % 2; });
  return {
    features: numbers(1, [steps, lanes, F]), h0: numbers(2, [lanes, H]), c0: numbers(3, [lanes, H]), memory0: memory,
    ones: { data: new Float64Array(steps * lanes).fill(1), dimensions: [steps, lanes, 1] }, ...parameters(),
  };
}

describe('the quote forecaster', () => {
  it('has the gradients that central differences have, memory shorter and longer than the stretch', async () => {
    const session = await ort.InferenceSession.create(quoteTrainingGraph(SIZES, 'with gradients', 'float64'), QUIET);
    const names = Object.fromEntries(Object.keys(quoteShapes(SIZES)).map((name) => [name, `d.${name}`]));
    for (const steps of [6, 2]) {
      const items = steps * 2 * SIZES.horizons;
      const weight = Float64Array.from({ length: items }, (_, i) => (i % 5 === 0 ? 0 : 0.3));
      const inputs = { ...feed(steps, 2), actual: numbers(9, [items, 1], 3), weight: { data: weight, dimensions: [items, 1] } };
      const worst = await largestGradientError(async (given) => {
        const results = await session.run(Object.fromEntries(Object.entries(given).map(([name, t]) => [name, new ort.Tensor('float64', t.data, t.dimensions)])));
        return Object.fromEntries(Object.entries(results).map(([name, t]) => [name, t.data as Float64Array]));
      }, inputs, 'loss', names);
      assert.ok(worst < 1e-7, `${steps} steps: ${worst}`);
    }
  });

  const arrays = Object.fromEntries(Object.entries(parameters()).map(([name, t]) => [name, Float32Array.from(t.data)]));

  it('serves what it was trained to compute: single steps equal a stretch, state carried', async () => {
    const steps = 7;
    const lanes = 3;
    const given = feed(steps, lanes);
    const training = await ort.InferenceSession.create(quoteTrainingGraph(SIZES, 'forward only'), QUIET);
    const serving = await ort.InferenceSession.create(quoteGraph(SIZES, arrays), QUIET);
    const whole = await training.run(Object.fromEntries(Object.entries(given).map(([n, t]) => [n, single(t)])));
    const { featureSize: F, memoryPlaces: M, memorySize: D } = SIZES;
    const memory = new Float32Array(lanes * M * (D + 1)); // [B, M, D + 1] from [M, B, D + 1]
    for (let m = 0; m < M; m++) for (let b = 0; b < lanes; b++) for (let d = 0; d <= D; d++) memory[(b * M + m) * (D + 1) + d] = given['memory0']!.data[(m * lanes + b) * (D + 1) + d]!;
    let state: Record<string, ort.Tensor> = { h: single(given['h0']!), c: single(given['c0']!), memory: new ort.Tensor('float32', memory, [lanes, M, D + 1]) };
    for (let t = 0; t < steps; t++) {
      const features = Float32Array.from(given['features']!.data.slice(t * lanes * F, (t + 1) * lanes * F));
      const out = await serving.run({ features: new ort.Tensor('float32', features, [lanes, F]), ...state });
      const expected = (whole['quantiles']!.data as Float32Array).subarray(t * lanes * OUT, (t + 1) * lanes * OUT);
      (out['quantiles']!.data as Float32Array).forEach((q, i) => assert.ok(Math.abs(q - expected[i]!) < 1e-5));
      state = { h: out['h_next']!, c: out['c_next']!, memory: out['memory_next']! };
    }
  });

  it('gives a symbol the same bits alone and beside others', async () => {
    const serving = await ort.InferenceSession.create(quoteGraph(SIZES, arrays), QUIET);
    const { featureSize: F, hiddenSize: H, memoryPlaces: M, memorySize: D } = SIZES;
    const inputs = { features: numbers(1, [9, F]), h: numbers(2, [9, H]), c: numbers(3, [9, H]), memory: numbers(4, [9, M, D + 1]) };
    const run = async (from: number, to: number) => {
      const given = Object.entries(inputs).map(([name, t]) => {
        const size = t.data.length / 9;
        return [name, new ort.Tensor('float32', Float32Array.from(t.data.slice(from * size, to * size)), [to - from, ...t.dimensions.slice(1)])];
      });
      return serving.run(Object.fromEntries(given) as Record<string, ort.Tensor>);
    };
    const together = await run(0, 9);
    for (let b = 0; b < 9; b++) {
      for (const [name, tensor] of Object.entries(await run(b, b + 1))) {
        const size = tensor.size;
        assert.deepEqual(tensor.data, (together[name]!.data as Float32Array).slice(b * size, (b + 1) * size), name);
      }
    }
  });

  it('never lets quantiles cross, on 100,000 random states, large ones included', async () => {
    const serving = await ort.InferenceSession.create(quoteGraph(SIZES, arrays), QUIET);
    const { featureSize: F, hiddenSize: H, memoryPlaces: M, memorySize: D } = SIZES;
    const B = 100_000;
    const wild = (seed: number, ...dimensions: number[]) => single(numbers(seed, dimensions, 20));
    const out = await serving.run({ features: wild(1, B, F), h: wild(2, B, H), c: wild(3, B, H), memory: wild(4, B, M, D + 1) });
    const q = out['quantiles']!.data as Float32Array;
    for (let i = 1; i < q.length; i++) if (i % SIZES.levels.length !== 0 && !(q[i]! >= q[i - 1]!)) assert.fail(`${q[i - 1]} then ${q[i]}`);
  });

  it('starts from the quantiles it is given', async () => {
    const start = [-2, -0.7, 0, 0.7, 2];
    const zero = Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, name.startsWith('scale.') || name === 'out.weight' ? new Float32Array(a.length) : a]));
    const serving = await ort.InferenceSession.create(quoteGraph(SIZES, { ...zero, 'out.bias': quoteBiasStart(2, start) }), QUIET);
    const { featureSize: F, hiddenSize: H, memoryPlaces: M, memorySize: D } = SIZES;
    const out = await serving.run({ features: single(numbers(1, [1, F])), h: single(numbers(2, [1, H])), c: single(numbers(3, [1, H])), memory: single(numbers(4, [1, M, D + 1])) });
    (out['quantiles']!.data as Float32Array).forEach((q, i) => assert.ok(Math.abs(q - start[i % 5]!) < 1e-6));
  });
});
