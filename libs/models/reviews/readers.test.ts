import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import ort from 'onnxruntime-node';
import { largestGradientError, seededNumbers } from '../gradient-check.js';
import type { NumberTensor } from '../gradient-check.js';
import { MASKED } from '../layers/attention.js';
import { gatherSums } from '../layers/embedding-sum.js';
import { sizeOf } from './parameters.js';
import { readerNetwork } from './readers.js';

const sizes = { tokenSize: 4, hiddenSize: 3, attentionSize: 3, slots: 2 };
const LENGTHS = [4, 1, 2];
const TEXTS = [[1, 2, 3, 0, 9, 5, 4, 4], [4, 0], [7, 7, 2, 1]]; // two rows a token
const T = 4;
const B = TEXTS.length;
const numbers = (seed: number, dimensions: number[]): NumberTensor => ({ data: seededNumbers(seed, sizeOf(dimensions), 0.7), dimensions });
const given = (data: number[], dimensions: number[]): NumberTensor => ({ data: Float64Array.from(data), dimensions });
const lengths = new ort.Tensor('int64', BigInt64Array.from(LENGTHS, BigInt), [B]);
const open = (model: Uint8Array) => ort.InferenceSession.create(model, { logSeverityLevel: 3, intraOpNumThreads: 1 });

describe('a reader that the encoder is compared with', () => {
  for (const cell of [null, 'elman', 'gru', 'lstm'] as const) {
    for (const pooling of ['mean', 'attention'] as const) {
      const name = `${cell ?? 'no cell'}, ${pooling}`;
      const inputsOf = (shapes: Readonly<Record<string, readonly number[]>>, pooled: number): Record<string, NumberTensor> => ({
        tokens: numbers(1, [T, B, 4]), zero: given(Array<number>(B * 3).fill(0), [B, 3]), keep: given(Array<number>(B * pooled).fill(1), [B, pooled]),
        mask: given(LENGTHS.flatMap((length) => Array.from({ length: T }, (_, t) => (t < length ? 0 : MASKED))), [B, T]),
        target: given([1, 0, 0.35], [B, 1]), weight: given([0.5, 0.3, 0.2], [B, 1]),
        ...Object.fromEntries(Object.entries(shapes).map(([parameter, shape], i) => [parameter, numbers(50 + i, [...shape])])),
      });

      it(`has the gradients that central differences have: ${name}`, async () => {
        const network = readerNetwork({ cell, pooling }, sizes, 'float64');
        const session = await open(network.training);
        const worst = await largestGradientError(async (feed) => {
          const results = await session.run({ lengths, ...Object.fromEntries(Object.entries(feed).map(([input, t]) => [input, new ort.Tensor('float64', t.data, t.dimensions)])) });
          return Object.fromEntries(Object.entries(results).map(([output, t]) => [output, t.data as Float64Array]));
        }, inputsOf(network.shapes, network.pooledSize), 'loss', Object.fromEntries(['tokens', ...Object.keys(network.shapes)].map((input) => [input, `d.${input}`])));
        assert.ok(worst < 1e-7, String(worst));
        await session.release();
      });

      it(`is served as it was trained: ${name}`, async () => {
        const network = readerNetwork({ cell, pooling }, sizes);
        const table = Float32Array.from(seededNumbers(9, 10 * 4), (x) => Math.round(x * 127) / 64); // eight bits, exactly
        table.fill(127 / 64, 4, 8);
        table.fill(0, 0, 4);
        const ids = Int32Array.from(TEXTS.flatMap((rows) => [...rows, ...Array<number>(T * 2 - rows.length).fill(0)]));
        const tokens = new Float32Array(B * T * 4);
        gatherSums(table, 4, ids, 2, tokens); // [B, T, E]
        const inputs = inputsOf(network.shapes, network.pooledSize);
        const parameters = Object.fromEntries(Object.keys(network.shapes).map((parameter) => [parameter, Float32Array.from(inputs[parameter]!.data)]));
        const timeFirst = Float64Array.from(tokens, (_, i) => tokens[((Math.floor(i / 4) % B) * T + Math.floor(i / (4 * B))) * 4 + (i % 4)]!);
        const feed = { ...inputs, tokens: { data: timeFirst, dimensions: [T, B, 4] } };
        const training = await open(network.training);
        const serving = await open(network.serving(parameters, table));
        const trained = await training.run({ lengths, ...Object.fromEntries(Object.entries(feed).map(([input, t]) => [input, new ort.Tensor('float32', Float32Array.from(t.data), t.dimensions)])) });
        const served = await serving.run({ ids: new ort.Tensor('int32', ids, [B, T, 2]), lengths: new ort.Tensor('int32', Int32Array.from(LENGTHS), [B]) });
        const [was, is] = [trained['logit']!.data as Float32Array, served['logit']!.data as Float32Array];
        assert.equal(is.length, B);
        is.forEach((logit, i) => assert.ok(Math.abs(logit - was[i]!) < 1e-5, `${logit} for ${was[i]!}`));
        await training.release();
        await serving.release();
      });
    }
  }
});
