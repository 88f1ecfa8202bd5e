/** Operators that move items and change none; and those that compute with shapes. */
import { broadcast, commonShape, gathered, joined, stridesOf, view } from '../integer-arrays.js';
import { axisOf, constantValue, floats, indexTensor, type Integers, integers, sizeOf, tensorOf, type Value, wholeNumbers } from '../values.js';
import type { Call, Operator } from './call.js';

function reshaped({ tf }: Call, value: Value, shape: readonly number[]): Value {
  return value.type === 'float32' ? floats(tf.reshape(value.tensor, [...shape])) : integers(value.type, shape, value.data);
}

const reshape: Operator = (call) => {
  const value = call.input(0);
  const wanted = call.list(1, 'shape')!.map((size, axis) => (size === 0 && call.number('allowzero', 0) === 0 ? value.shape[axis]! : size));
  const known = sizeOf(wanted.filter((size) => size !== -1));
  return [reshaped(call, value, wanted.map((size) => (size === -1 ? sizeOf(value.shape) / known : size)))];
};

const squeeze: Operator = (call) => {
  const value = call.input(0);
  const axes = call.list(1, 'axes')?.map((axis) => axisOf(axis, value.shape.length)) ?? value.shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  return [reshaped(call, value, value.shape.filter((_, axis) => !axes.includes(axis)))];
};

const unsqueeze: Operator = (call) => {
  const value = call.input(0);
  const given = call.list(1, 'axes')!;
  const rank = value.shape.length + given.length;
  const axes = given.map((axis) => axisOf(axis, rank));
  const left = [...value.shape];
  return [reshaped(call, value, Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : left.shift()!)))];
};

const flatten: Operator = (call) => {
  const { shape } = call.input(0);
  const axis = call.axis(1, shape.length);
  return [reshaped(call, call.input(0), [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))])];
};

const transpose: Operator = (call) => {
  const value = call.input(0);
  const order = call.list(-1, 'perm') ?? value.shape.map((_, axis) => value.shape.length - 1 - axis);
  if (value.type === 'float32') return [floats(call.tf.transpose(value.tensor, order))];
  const strides = stridesOf(value.shape);
  return [view(value, order.map((axis) => value.shape[axis]!), order.map((axis) => strides[axis]!))];
};

const concat: Operator = (call) => {
  const values = call.all;
  const axis = call.axis(0, values[0]!.shape.length);
  if (values[0]!.type === 'float32') return [floats(call.tf.concat(values.map(tensorOf), axis))];
  return [joined(values.map(wholeNumbers), axis)];
};

/** The part of a value from `begin` on, as large as `size` says on each axis. */
function part({ tf }: Call, value: Value, begin: readonly number[], size: readonly number[]): Value {
  if (value.type === 'float32') return floats(tf.slice(value.tensor, [...begin], [...size]));
  const strides = stridesOf(value.shape);
  return view(value, size, strides, begin.reduce((sum, from, axis) => sum + from * strides[axis]!, 0));
}

const slice: Operator = (call) => {
  const value = call.input(0);
  const [starts, ends] = [call.list(1, 'starts')!, call.list(2, 'ends')!];
  const axes = call.list(3, 'axes') ?? starts.map((_, i) => i);
  const step = call.list(4, 'steps')?.find((one) => one !== 1);
  if (step !== undefined) call.refuse('step', step);
  const begin = value.shape.map(() => 0);
  const size = [...value.shape];
  axes.forEach((given, i) => {
    const axis = axisOf(given, value.shape.length);
    const length = value.shape[axis]!;
    const within = (at: number) => Math.min(length, Math.max(0, at < 0 ? at + length : at));
    begin[axis] = within(starts[i]!);
    size[axis] = Math.max(0, within(ends[i]!) - begin[axis]);
  });
  return [part(call, value, begin, size)];
};

const split: Operator = (call) => {
  const value = call.input(0);
  const axis = call.axis(0, value.shape.length);
  const even = Math.ceil(value.shape[axis]! / call.results);
  const sizes = call.list(1, 'split') ?? Array.from({ length: call.results }, (_, i) => Math.min(even, value.shape[axis]! - i * even));
  let from = 0;
  return sizes.map((size) => {
    const piece = part(call, value, value.shape.map((_, a) => (a === axis ? from : 0)), value.shape.with(axis, size));
    from += size;
    return piece;
  });
};

const gather: Operator = (call) => {
  const value = call.input(0);
  const axis = call.axis(0, value.shape.length);
  const size = value.shape[axis]!;
  const given = wholeNumbers(call.input(1));
  const outside = given.data.find((index) => index < -size || index >= size);
  if (outside !== undefined) throw new RangeError(`index ${outside} is outside of ${size} rows`);
  const indices: Integers = { ...given, data: given.data.map((index) => axisOf(index, size)) };
  return [value.type === 'float32' ? floats(call.tf.gather(value.tensor, indexTensor(call.tf, indices), axis)) : gathered(value, indices, axis)];
};

const expand: Operator = (call) => {
  const value = call.input(0);
  const shape = commonShape([value.shape, call.list(1, 'shape')!]);
  return [value.type === 'float32' ? floats(call.tf.broadcastTo(value.tensor, shape)) : broadcast(value, shape)];
};

const shapeOf: Operator = (call) => {
  const { shape } = call.input(0);
  const part_ = shape.slice(call.number('start', 0), call.number('end', shape.length));
  return [integers('int64', [part_.length], part_)];
};

const range: Operator = (call) => {
  const [start, limit, step] = call.all.map((value) => (value.type === 'float32' ? value.tensor.dataSync() : value.data)[0]!) as [number, number, number];
  const items = Array.from({ length: Math.max(0, Math.ceil((limit - start) / step)) }, (_, i) => start + i * step);
  const { type } = call.input(0);
  return [type === 'float32' ? floats(call.tf.tensor(items, [items.length])) : integers(type, [items.length], items)];
};

const constantOfShape: Operator = (call) => {
  const shape = call.list(0, 'shape')!;
  const fill = call.constant('value');
  if (fill === null) return [floats(call.tf.zeros(shape))];
  const value = constantValue(call.tf, fill);
  return [value.type === 'float32' ? floats(call.tf.broadcastTo(value.tensor, shape)) : broadcast(value, shape)];
};

export const SHAPES: Readonly<Record<string, Operator>> = {
  Reshape: reshape,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Flatten: flatten,
  Transpose: transpose,
  Concat: concat,
  Slice: slice,
  Split: split,
  Gather: gather,
  Expand: expand,
  Shape: shapeOf,
  Range: range,
  ConstantOfShape: constantOfShape,
};
