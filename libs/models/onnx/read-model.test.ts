import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { projectRoot } from '#load-config';
import { Graph } from './graph.js';
import { readOnnx } from './read-model.js';

function written(): Uint8Array {
  const g = new Graph('affine');
  const x = g.input('x', 'float32', ['B', 2]);
  const sum = g.op('Gemm', [x, g.constant('w', [2, 1], Float32Array.of(3, -1))], { alpha: { float: 0.5 }, transA: 0 }, 'sum');
  g.output(g.op('Reshape', [sum, g.integers(-1)], {}, 'flat'), 'float32', ['B']);
  g.output(g.op('LSTM', [x, '', g.constant('table', [3], Int8Array.of(-128, 0, 127))], { direction: 'bidirectional', hidden_size: 7 }, 'last'), 'int32', [1, 'B']);
  return g.toModel();
}

describe('an ONNX file that is read', () => {
  it('holds what was written', () => {
    const { opset, inputs, outputs, constants, nodes } = readOnnx(written());
    assert.equal(opset, 17);
    assert.deepEqual(inputs, [{ name: 'x', type: 'float32', shape: ['B', 2] }]);
    assert.deepEqual(outputs, [{ name: 'flat', type: 'float32', shape: ['B'] }, { name: 'last', type: 'int32', shape: [1, 'B'] }]);
    assert.deepEqual(constants, [
      { name: 'w', type: 'float32', shape: [2, 1], data: Float32Array.of(3, -1) },
      { name: 'integers_-1', type: 'int64', shape: [1], data: BigInt64Array.of(-1n) },
      { name: 'table', type: 'int8', shape: [3], data: Int8Array.of(-128, 0, 127) },
    ]);
    assert.deepEqual(nodes.map(({ operator, inputs: given, outputs: made, attributes }) => ({ operator, given, made, attributes })), [
      { operator: 'Gemm', given: ['x', 'w'], made: ['sum'], attributes: { alpha: 0.5, transA: 0 } },
      { operator: 'Reshape', given: ['sum', 'integers_-1'], made: ['flat'], attributes: {} },
      { operator: 'LSTM', given: ['x', '', 'table'], made: ['last'], attributes: { direction: 'bidirectional', hidden_size: 7 } },
    ]);
  });

  it('may be of another exporter', () => {
    const { inputs, constants, nodes } = readOnnx(readFileSync(join(projectRoot(), 'libs/run-onnx/fixtures/pytorch/encoder.onnx')));
    assert.deepEqual(inputs.map(({ name, type, shape }) => [name, type, shape.length]), [['ids', 'int32', 3], ['lengths', 'int32', 1]]);
    assert.deepEqual(constants.find(({ name }) => name === 'table.weight')!.shape, [51, 16]);
    assert.ok(nodes.some(({ operator, attributes }) => operator === 'Gather' && attributes['axis'] === 0));
  });

  it('is refused where it was cut short, wherever that was, or is something else', () => {
    const whole = written();
    for (let length = 0; length < whole.length - 8; length += 1) assert.throws(() => readOnnx(whole.subarray(0, length)), RangeError, `${length} bytes`);
    assert.throws(() => readOnnx(Buffer.from('PK\u0003\u0004 a zip file')), RangeError);
  });
});
