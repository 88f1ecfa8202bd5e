import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import ort from 'onnxruntime-node';
import { Graph } from './graph.js';

const float32 = (data: readonly number[], dimensions: readonly number[]) => new ort.Tensor('float32', Float32Array.from(data), dimensions);

describe('an ONNX file written by Graph', () => {
  it('is loaded and run by ONNX Runtime', async () => {
    const graph = new Graph('affine');
    const x = graph.input('x', 'float32', ['B', 2]);
    const w = graph.constant('w', [2, 1], Float32Array.of(3, -1));
    graph.output(graph.op('Add', [graph.op('MatMul', [x, w]), graph.scalar(0.5)]), 'float32', ['B', 1], 'y');
    const session = await ort.InferenceSession.create(graph.toModel());
    const { y } = await session.run({ x: float32([1, 2, 4, 0], [2, 2]) });
    assert.deepEqual(y!.data, Float32Array.of(1.5, 12.5));
    assert.deepEqual(session.inputNames, ['x']);
    await session.release();
  });

  it('runs a Scan whose body is a subgraph', async () => {
    const graph = new Graph('sums');
    const start = graph.input('start', 'float32', [1]);
    const x = graph.input('x', 'float32', ['T', 1]);
    const body = graph.subgraph('body');
    const sum = body.op('Add', [body.input('before', 'float32', [1]), body.input('item', 'float32', [1])], {}, 'after');
    body.output(sum, 'float32', [1]);
    body.output(sum, 'float32', [1], 'seen');
    const [last, all] = graph.ops('Scan', [start, x], { body, num_scan_inputs: 1 }, ['last', 'all']);
    graph.output(last!, 'float32', [1]);
    graph.output(all!, 'float32', ['T', 1]);
    const session = await ort.InferenceSession.create(graph.toModel());
    const result = await session.run({ start: float32([10], [1]), x: float32([1, 2, 3], [3, 1]) });
    assert.deepEqual(result['all']!.data, Float32Array.of(11, 13, 16));
    await session.release();
  });

  it('computes in double precision when asked to', async () => {
    const graph = new Graph('double', 'float64');
    const x = graph.input('x', 'float64', [1]);
    graph.output(graph.op('Add', [x, graph.scalar(2 ** -40)]), 'float64', [1], 'y');
    const session = await ort.InferenceSession.create(graph.toModel());
    const { y } = await session.run({ x: new ort.Tensor('float64', Float64Array.of(1), [1]) });
    assert.equal(y!.data[0], 1 + 2 ** -40);
    await session.release();
  });

  it('is the same bytes when built again', () => {
    const build = () => {
      const graph = new Graph('g');
      graph.output(graph.op('Gather', [graph.constant('table', [2], Float32Array.of(1, 2)), graph.input('i', 'int32', ['N'])], { axis: 0 }), 'float32', ['N'], 'y');
      return graph.toModel();
    };
    assert.deepEqual(build(), build());
  });

  it('refuses a name that is taken and weights that do not fill their shape', () => {
    const graph = new Graph('g');
    graph.input('x', 'float32', [1]);
    assert.throws(() => graph.input('x', 'float32', [1]), /already has a value named x/);
    assert.throws(() => graph.constant('w', [2, 2], Float32Array.of(1)), /has 1 values.*needs 4/);
  });
});
