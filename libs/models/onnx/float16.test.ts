import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import ort from 'onnxruntime-node';
import { toFloat16 } from './float16.js';
import { Graph } from './graph.js';

const halfToNumber = (half: number): number => {
  const [exponent, fraction] = [(half >> 10) & 31, half & 1023];
  const magnitude = exponent === 0 ? fraction * 2 ** -24 : exponent === 31 ? (fraction === 0 ? Infinity : NaN) : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return half & 0x8000 ? -magnitude : magnitude;
};

describe('half precision', () => {
  it('of every half is that half', () => {
    for (let half = 0; half < 0x10000; half++) {
      const value = halfToNumber(half);
      if (!Number.isNaN(value)) assert.equal(toFloat16(Float32Array.of(value))[0], half);
    }
  });

  it('of any number is its nearest half', () => {
    fc.assert(fc.property(fc.float({ min: -65_000, max: 65_000, noNaN: true }), (x) => {
      const half = toFloat16(Float32Array.of(x))[0]!;
      const error = Math.abs(halfToNumber(half) - x);
      const magnitude = half & 0x7fff;
      for (const other of [magnitude - 1, magnitude + 1]) if (other >= 0 && other < 0x7c00) assert.ok(error <= Math.abs(halfToNumber((half & 0x8000) | other) - x));
    }));
  });

  it('is read back by ONNX Runtime', async () => {
    const graph = new Graph('halves');
    const rows = graph.op('Gather', [graph.constant('table', [3], toFloat16(Float32Array.of(0.5, -1.25, 3))), graph.input('i', 'int32', ['N'])], { axis: 0 });
    graph.output(graph.op('Cast', [rows], { to: 1 }), 'float32', ['N'], 'y');
    const session = await ort.InferenceSession.create(graph.toModel());
    const { y } = await session.run({ i: new ort.Tensor('int32', Int32Array.of(2, 1), [2]) });
    assert.deepEqual(y!.data, Float32Array.of(3, -1.25));
    await session.release();
  });
});
