/**
 * Values of a running graph. Floats are tensors of TensorFlow.js. Integers and booleans are plain arrays beside it: it has no
 * int64, and shapes, row numbers and lengths must be exact. An int64 is kept as a double, exact up to 2^53; what goes beyond is
 * refused and never rounded.
 */
import type { OnnxTensor } from '#models';
import type { Tensor, TensorFlow } from './tensorflow.js';

export type IntegerType = 'int8' | 'int32' | 'int64' | 'bool';
export type IntegerData = Int8Array | Uint8Array | Int32Array | Float64Array;
const ARRAYS = { int8: Int8Array, int32: Int32Array, int64: Float64Array, bool: Uint8Array } as const;

export interface Integers {
  readonly type: IntegerType;
  readonly shape: readonly number[];
  readonly data: IntegerData;
}

export interface Floats {
  readonly type: 'float32';
  readonly shape: readonly number[];
  readonly tensor: Tensor;
}

export type Value = Integers | Floats;

export const floats = (tensor: Tensor): Floats => ({ type: 'float32', shape: tensor.shape, tensor });

export const integers = (type: IntegerType, shape: readonly number[], data: ArrayLike<number>): Integers => ({ type, shape, data: arrayOf(type, data) });

function arrayOf(type: IntegerType, data: ArrayLike<number>): IntegerData {
  const array = ARRAYS[type];
  return data instanceof array ? data : array.from(data);
}

export const emptyArray = (type: IntegerType, size: number): IntegerData => new ARRAYS[type](size);

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, dimension) => product * dimension, 1);

/** @throws RangeError for a tensor in double precision, or an int64 beyond 2^53 */
export function constantValue(tf: TensorFlow, { name, type, shape, data }: OnnxTensor): Value {
  if (type === 'float32') return floats(tf.tensor(data as Float32Array, [...shape]));
  if (type === 'float64') throw new RangeError(`the tensor '${name}' is float64, float32 was expected`);
  // the largest and smallest int64 stand for "to the end" in a Slice; as doubles they still do
  return integers(type, shape, type === 'int64' ? Float64Array.from(data as BigInt64Array, Number) : (data as Int8Array | Uint8Array | Int32Array));
}

/** @throws RangeError where an operator does not take floats */
export function wholeNumbers(value: Value): Integers {
  if (value.type === 'float32') throw new RangeError('integers were expected, floats were found');
  return value;
}

/** @throws RangeError where an operator does not take integers */
export function tensorOf(value: Value): Tensor {
  if (value.type !== 'float32') throw new RangeError(`floats were expected, ${value.type} was found`);
  return value.tensor;
}

export const listOf = (value: Value): number[] => Array.from(wholeNumbers(value).data);

/** Integers as a tensor, for operators that index floats with them. */
export const indexTensor = (tf: TensorFlow, { data, shape }: Integers): Tensor => tf.tensor(Int32Array.from(data), [...shape], 'int32');
export const boolTensor = (tf: TensorFlow, { data, shape }: Integers): Tensor => tf.tensor(Uint8Array.from(data), [...shape], 'bool');

/** -1 is the last axis. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
