/** Every operator against ONNX Runtime: one graph, two engines, the same numbers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Attribute, type Dimension, type ElementType, Graph, type Value } from '#models';
import { seededRandom } from '#seeded-random';
import type { GraphTensor } from '#serve-models';
import { createSession as createOnnxSession } from '../run-onnx/session.js';
import { loadTensorFlow } from './load-tensorflow.js';
import { OPERATORS } from './operators/index.js';
import { createSession } from './session.js';

const tf = await loadTensorFlow();
const random = seededRandom(3);
const FLOAT_CODE = 1;

/** A graph as it is written for a case: inputs are filled as they are declared, and everything that is shown comes out as floats. */
class Case {
  readonly graph = new Graph('case');
  readonly feeds: Record<string, GraphTensor> = {};
  readonly shown: string[] = [];

  input(shape: readonly number[], values?: readonly number[]): Value {
    return this.fed('float32', shape, Float32Array.from({ length: sizeOf(shape) }, (_, i) => values?.[i] ?? 2 * random() - 1));
  }

  whole(shape: readonly number[], values: readonly number[]): Value {
    return this.fed('int32', shape, Int32Array.from(values));
  }

  long(shape: readonly number[], values: readonly number[]): Value {
    return this.op('Cast', [this.whole(shape, values)], { to: 7 });
  }

  op(operator: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    return this.graph.op(operator, inputs, attributes);
  }

  show(...values: readonly Value[]): void {
    for (const value of values) {
      const name = `shown${this.shown.length}`;
      this.shown.push(this.graph.op('Reshape', [this.op('Cast', [value], { to: FLOAT_CODE }), this.graph.integers(-1)], {}, name));
      this.graph.output(name, 'float32', [`size_of_${name}`]);
    }
  }

  private fed(type: ElementType, shape: readonly number[], data: GraphTensor['data']): Value {
    const name = `input${Object.keys(this.feeds).length}`;
    this.feeds[name] = { data, shape };
    return this.graph.input(name, type, shape.map((_, axis): Dimension => `${name}_${axis}`));
  }
}

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const numbers = (...values: number[]) => (c: Case) => c.graph.integers(...values);

/** Adds the shape of each result, so that it is compared too. */
const shapeAndAll = (c: Case, ...values: readonly Value[]) => c.show(...values, ...values.map((value) => c.op('Shape', [value])));

const onTwo = (operator: string) => (c: Case) => {
  shapeAndAll(c, c.op(operator, [c.input([2, 1, 3], [0.5, 1, 2, 1, 0.25, 3]), c.input([4, 1], [1, 2, 0.5, 3])]));
  shapeAndAll(c, c.op(operator, [c.long([2, 3], [7, -7, 12, 0, 5, 9]), c.long([3], [2, 3, 4])]));
};
const onFloats = (operator: string, ...values: number[]) => (c: Case) => shapeAndAll(c, c.op(operator, [c.input([2, 3], values.length === 0 ? undefined : values)]));
const compared = (operator: string) => (c: Case) => {
  shapeAndAll(c, c.op(operator, [c.input([2, 3], [1, 2, 3, 3, 2, 1]), c.input([3], [2, 2, 2])]));
  shapeAndAll(c, c.op(operator, [c.long([3, 1], [1, 2, 3]), c.long([3], [3, 2, 1])]));
};
const logical = (operator: string) => (c: Case) => {
  const truth = (...values: number[]) => c.op('Cast', [c.whole([values.length], values)], { to: 9 });
  shapeAndAll(c, c.op(operator, operator === 'Not' ? [truth(1, 0)] : [truth(1, 1, 0, 0), truth(1, 0, 1, 0)]));
};
const moved = (operator: string, attributes: Readonly<Record<string, Attribute>>, ...lists: ((c: Case) => Value)[]) => (c: Case) => {
  for (const value of [c.input([2, 3, 4]), c.long([2, 3, 4], Array.from({ length: 24 }, (_, i) => i * i - 40))]) shapeAndAll(c, c.op(operator, [value, ...lists.map((list) => list(c))], attributes));
};
const reduced = (operator: string, inOpset17: 'axes as input' | 'axes as attribute') => (c: Case) => {
  for (const keepdims of [0, 1]) {
    for (const axes of [[1], [0, -1]]) {
      const [inputs, attributes] = inOpset17 === 'axes as input' ? [[c.graph.integers(...axes)], {}] : [[], { axes }];
      shapeAndAll(c, c.op(operator, [c.input([2, 3, 4]), ...inputs], { ...attributes, keepdims }));
      if (operator !== 'ReduceMean') shapeAndAll(c, c.op(operator, [c.long([2, 3, 2], [1, -2, 3, 4, 5, -6, 7, 8, 9, 1, 0, 2]), ...inputs], { ...attributes, keepdims }));
    }
  }
};
const recurrent = (direction: string, directions: number, lengths: readonly number[] | null) => (c: Case) => {
  const [T, B, I, H] = [5, 3, 2, 4];
  const start = lengths === null ? [c.input([directions, B, H]), c.input([directions, B, H])] : [];
  const inputs = [c.input([T, B, I]), c.input([directions, 4 * H, I]), c.input([directions, 4 * H, H]), c.input([directions, 8 * H]), lengths === null ? '' : c.whole([B], lengths), ...start];
  shapeAndAll(c, ...c.graph.ops('LSTM', inputs, { hidden_size: H, direction }, 3));
};

const CASES: readonly (readonly [operator: string, build: (c: Case) => void])[] = [
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min'].map((name) => [name, onTwo(name)] as const),
  ...['Abs', 'Neg', 'Exp', 'Erf', 'Tanh', 'Sigmoid', 'Relu', 'Softplus'].map((name) => [name, onFloats(name)] as const),
  ...['Log', 'Sqrt'].map((name) => [name, onFloats(name, 0.1, 1, 2, 3, 40, 500)] as const),
  ...['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'Equal'].map((name) => [name, compared(name)] as const),
  ...['Not', 'And', 'Or'].map((name) => [name, logical(name)] as const),
  ['Pow', (c) => c.show(c.op('Pow', [c.input([3], [0.5, 2, 3]), c.input([3], [2, 0.5, 3])]))],
  ['Mod', (c) => { for (const fmod of [0, 1]) c.show(c.op('Mod', [c.long([6], [7, -7, 7, -7, 6, 1_000_003]), c.long([6], [3, 3, -3, -3, 3, 999])], { fmod })); }],
  ['Where', (c) => {
    const yes = c.op('Less', [c.whole([2, 1], [1, 5]), c.whole([3], [2, 3, 6])]);
    shapeAndAll(c, c.op('Where', [yes, c.input([2, 3]), c.input([1])]), c.op('Where', [yes, c.long([3], [1, 2, 3]), c.long([2, 1], [-1, -2])]), c.op('Where', [yes, c.graph.scalar(0), c.graph.scalar(-1e9)]));
  }],
  ['Cast', (c) => { for (const to of [1, 6, 7, 9]) c.show(c.op('Cast', [c.input([4], [0, -1.7, 1.7, 250.2])], { to }), c.op('Cast', [c.long([3], [0, -3, 70_000])], { to })); }],
  ['Clip', (c) => c.show(c.op('Clip', [c.input([5], [-9, -1, 0, 1, 9]), c.graph.scalar(-8), c.graph.scalar(8)]), c.op('Clip', [c.input([3]), '', c.graph.scalar(0)]))],
  ['Identity', onFloats('Identity')],
  ['Reshape', moved('Reshape', {}, numbers(0, -1, 2))],
  ['Squeeze', (c) => shapeAndAll(c, c.op('Squeeze', [c.input([2, 1, 3, 1]), c.graph.integers(-1)]), c.op('Squeeze', [c.long([1, 2], [1, 2])]))],
  ['Unsqueeze', moved('Unsqueeze', {}, numbers(0, -1))],
  ['Flatten', moved('Flatten', { axis: 2 })],
  ['Transpose', moved('Transpose', { perm: [2, 0, 1] })],
  ['Concat', (c) => shapeAndAll(c, c.op('Concat', [c.input([2, 1, 2]), c.input([2, 3, 2])], { axis: 1 }), c.op('Concat', [c.long([2, 1], [1, 2]), c.long([2, 2], [3, 4, 5, 6])], { axis: -1 }))],
  ['Slice', (c) => { moved('Slice', {}, numbers(1, -2), numbers(Number.MAX_SAFE_INTEGER, -1), numbers(1, 2))(c); moved('Slice', {}, numbers(1), numbers(1), numbers(0))(c); }],
  ['Split', (c) => { for (const value of [c.input([2, 5]), c.long([2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])]) shapeAndAll(c, ...c.graph.ops('Split', [value, c.graph.integers(1, 3, 1)], { axis: 1 }, 3)); shapeAndAll(c, ...c.graph.ops('Split', [c.input([4])], {}, 2)); }],
  ['Gather', (c) => { for (const axis of [0, 1]) for (const table of [c.input([3, 4]), c.long([3, 4], Array.from({ length: 12 }, (_, i) => i))]) shapeAndAll(c, c.op('Gather', [table, c.whole([2, 3], [0, 2, -1, 1, 1, -3])], { axis })); }],
  ['Expand', (c) => shapeAndAll(c, c.op('Expand', [c.input([3, 1]), c.graph.integers(2, 1, 4)]), c.op('Expand', [c.long([1], [7]), c.graph.integers(2, 3)]))],
  ['Shape', (c) => shapeAndAll(c, c.op('Shape', [c.input([2, 3, 4])], { start: 1 }), c.op('Shape', [c.input([2, 3, 4])], { start: -2, end: -1 }))],
  ['Range', (c) => shapeAndAll(c, c.op('Range', [c.long([], [1]), c.long([], [8]), c.long([], [3])]), c.op('Range', [c.input([], [0.5]), c.input([], [2.4]), c.input([], [0.5])]))],
  ['ConstantOfShape', (c) => shapeAndAll(c, c.op('ConstantOfShape', [c.graph.integers(2, 3)]))],
  ['ReduceSum', reduced('ReduceSum', 'axes as input')],
  ['ReduceMax', reduced('ReduceMax', 'axes as attribute')],
  ['ReduceMin', reduced('ReduceMin', 'axes as attribute')],
  ['ReduceMean', reduced('ReduceMean', 'axes as attribute')],
  ['Softmax', (c) => { for (const axis of [0, 1, -1]) shapeAndAll(c, c.op('Softmax', [c.input([2, 3, 4])], { axis })); }],
  ['CumSum', (c) => { for (const reverse of [0, 1]) shapeAndAll(c, c.op('CumSum', [c.input([2, 4]), c.graph.constant(`axis${reverse}`, [], BigInt64Array.of(1n))], { reverse })); }],
  ['MatMul', (c) => shapeAndAll(c, c.op('MatMul', [c.input([2, 3, 4]), c.input([4, 5])]), c.op('MatMul', [c.input([2, 3, 4]), c.input([2, 4, 2])]))],
  ['Gemm', (c) => shapeAndAll(c, c.op('Gemm', [c.input([3, 4]), c.input([4, 2]), c.input([2])]), c.op('Gemm', [c.input([4, 3]), c.input([2, 4]), c.input([3, 1])], { transA: 1, transB: 1, alpha: { float: 0.5 }, beta: { float: -2 } }))],
  ['TopK', (c) => {
    const values = [2, 1, 3, 3, 0, 2, -1, 2, 2, 5, 5, -4];
    for (const largest of [0, 1]) for (const axis of [0, -1]) for (const value of [c.input([3, 4], values), c.long([3, 4], values)]) shapeAndAll(c, ...c.graph.ops('TopK', [value, c.graph.integers(2)], { axis, largest }, 2));
  }],
  ['GatherND', (c) => {
    for (const value of [c.input([2, 3, 4]), c.long([2, 3, 4], Array.from({ length: 24 }, (_, i) => i))]) {
      shapeAndAll(c, c.op('GatherND', [value, c.long([2, 2, 1], [2, 0, -1, 1])], { batch_dims: 1 }), c.op('GatherND', [value, c.long([3, 2], [0, 2, 1, -1, 0, 0])]));
    }
  }],
  ['ScatterElements', (c) => {
    shapeAndAll(c, c.op('ScatterElements', [c.input([2, 4]), c.long([2, 2], [3, 0, -2, 1]), c.input([2, 2])], { axis: 1 }));
    shapeAndAll(c, c.op('ScatterElements', [c.long([3, 2], [1, 2, 3, 4, 5, 6]), c.long([1, 2], [2, 0]), c.long([1, 2], [70, 80])]));
  }],
  ['MaxPool', (c) => shapeAndAll(c, c.op('MaxPool', [c.input([2, 1, 5])], { kernel_shape: [3], pads: [1, 1], strides: [1] }), c.op('MaxPool', [c.input([1, 2, 5])], { kernel_shape: [2] }))],
  ['LSTM', (c) => { recurrent('forward', 1, null)(c); recurrent('reverse', 1, [5, 2, 1])(c); recurrent('bidirectional', 2, [3, 5, 1])(c); }],
];

describe('an operator gives what it gives in ONNX Runtime', () => {
  for (const [operator, build] of CASES) {
    it(operator, async () => {
      const c = new Case();
      build(c);
      const model = c.graph.toModel();
      const onnx = await createOnnxSession(model);
      const [expected, found] = await Promise.all([onnx, createSession(tf, model)].map((session) => session.run(c.feeds, c.shown)));
      await onnx.release();
      for (const name of c.shown) {
        assert.equal(found![name]!.length, expected![name]!.length, name);
        found![name]!.forEach((value, i) => assert.ok(Math.abs(value - expected![name]![i]!) <= 1e-6 * Math.max(1, Math.abs(value)), `${name}[${i}]: ${value}, ONNX Runtime ${expected![name]![i]!}`));
      }
    });
  }

  it('and none is without a case', () => {
    assert.deepEqual(Object.keys(OPERATORS).sort(), CASES.map(([operator]) => operator).sort());
  });
});
