/** Operators that fold an axis. */
import { folded } from '../integer-arrays.js';
import type { Tensor, TensorFlow } from '../tensorflow.js';
import { axisOf, floats, type Integers, integers, listOf } from '../values.js';
import type { Operator } from './call.js';

type OnFloats = (tf: TensorFlow) => (x: Tensor, axes: number[], keep: boolean) => Tensor;
interface OnIntegers { readonly start: number; readonly fold: (sum: number, item: number) => number }

function reduction(onFloats: OnFloats, onIntegers: OnIntegers | null): Operator {
  return (call) => {
    const value = call.input(0);
    const rank = value.shape.length;
    const given = call.list(1, 'axes') ?? [];
    if (given.length === 0 && call.number('noop_with_empty_axes', 0) === 1) return [value];
    const axes = given.length === 0 ? value.shape.map((_, axis) => axis) : given.map((axis) => axisOf(axis, rank));
    const keep = call.number('keepdims', 1) === 1;
    if (value.type === 'float32') return [floats(onFloats(call.tf)(value.tensor, axes, keep))];
    if (onIntegers === null) throw new RangeError('a mean of integers is not supported');
    const result = axes.reduce((sum: Integers, axis) => folded(sum, axis, onIntegers.start, onIntegers.fold), value);
    return [keep ? result : integers(result.type, result.shape.filter((_, axis) => !axes.includes(axis)), result.data)];
  };
}

const softmax: Operator = (call) => {
  const { tf } = call;
  const x = call.tensor(0);
  const axis = call.axis(-1, x.rank);
  const powers = tf.exp(tf.sub(x, tf.max(x, axis, true)));
  return [floats(tf.div(powers, tf.sum(powers, axis, true)))];
};

const cumSum: Operator = (call) => [floats(call.tf.cumsum(call.tensor(0), axisOf(listOf(call.input(1))[0]!, call.tensor(0).rank), call.number('exclusive', 0) === 1, call.number('reverse', 0) === 1))];

export const REDUCTIONS: Readonly<Record<string, Operator>> = {
  ReduceSum: reduction((tf) => tf.sum, { start: 0, fold: (sum, item) => sum + item }),
  ReduceMax: reduction((tf) => tf.max, { start: -Infinity, fold: Math.max }),
  ReduceMin: reduction((tf) => tf.min, { start: Infinity, fold: Math.min }),
  ReduceMean: reduction((tf) => tf.mean, null),
  Softmax: softmax,
  CumSum: cumSum,
};
