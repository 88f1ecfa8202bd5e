/**
 * Operators that choose items by their size or place: what hard attention is made of (libs/models/layers/select-tokens.ts).
 * They work on plain arrays: few items are chosen, and which ones must be exact.
 */
import { stridesOf } from '../integer-arrays.js';
import { axisOf, floats, integers, listOf, sizeOf, type Value, wholeNumbers } from '../values.js';
import type { Call, Operator } from './call.js';

const itemsOf = (value: Value): ArrayLike<number> => (value.type === 'float32' ? value.tensor.dataSync() : value.data);

/** A value of the same type. */
function like({ tf }: Call, value: Value, shape: readonly number[], items: readonly number[]): Value {
  return value.type === 'float32' ? floats(tf.tensor(Float32Array.from(items), shape)) : integers(value.type, shape, items);
}

/** The k largest or smallest along an axis, in that order; of equal ones the earlier first. */
const topK: Operator = (call) => {
  const value = call.input(0);
  const { shape } = value;
  const axis = call.axis(-1, shape.length);
  const k = listOf(call.input(1))[0]!;
  const sign = call.number('largest', 1) === 1 ? -1 : 1;
  const [size, stride] = [shape[axis]!, stridesOf(shape)[axis]!];
  if (k > size) throw new RangeError(`${k} of ${size} items were asked for`);
  const items = itemsOf(value);
  const result = shape.with(axis, k);
  const [chosen, places] = [new Array<number>(sizeOf(result)), new Array<number>(sizeOf(result))];
  for (let row = 0; row < items.length / size; row += 1) {
    const [outer, inner] = [Math.floor(row / stride), row % stride];
    const itemAt = (place: number) => items[(outer * size + place) * stride + inner]!;
    const order = Array.from({ length: size }, (_, place) => place).sort((a, b) => sign * (itemAt(a) - itemAt(b)) || a - b);
    for (let rank = 0; rank < k; rank += 1) {
      const to = (outer * k + rank) * stride + inner;
      places[to] = order[rank]!;
      chosen[to] = itemAt(order[rank]!);
    }
  }
  return [like(call, value, result, chosen), integers('int64', result, places)];
};

/** Slices at the places that the last axis of the indices names, behind `batch_dims` axes that both have. */
const gatherNd: Operator = (call) => {
  const value = call.input(0);
  const indices = wholeNumbers(call.input(1));
  const batchDims = call.number('batch_dims', 0);
  const [items, strides] = [itemsOf(value), stridesOf(value.shape)];
  const depth = indices.shape.at(-1)!;
  const width = sizeOf(value.shape.slice(batchDims + depth));
  const places = indices.data.length / depth;
  const perBatch = places / sizeOf(indices.shape.slice(0, batchDims));
  const batchStride = sizeOf(value.shape.slice(batchDims));
  const result = new Array<number>(places * width);
  for (let place = 0; place < places; place += 1) {
    let from = Math.floor(place / perBatch) * batchStride;
    for (let d = 0; d < depth; d += 1) {
      const size = value.shape[batchDims + d]!;
      const index = indices.data[place * depth + d]!;
      if (index < -size || index >= size) throw new RangeError(`index ${index} is outside of ${size} rows`);
      from += axisOf(index, size) * strides[batchDims + d]!;
    }
    for (let i = 0; i < width; i += 1) result[place * width + i] = items[from + i]!;
  }
  return [like(call, value, [...indices.shape.slice(0, -1), ...value.shape.slice(batchDims + depth)], result)];
};

/** The data with updates in their places along an axis. */
const scatterElements: Operator = (call) => {
  const value = call.input(0);
  const indices = wholeNumbers(call.input(1));
  if (call.text('reduction', 'none') !== 'none') call.refuse('reduction', call.text('reduction', 'none'));
  const axis = call.axis(0, value.shape.length);
  const [strides, given] = [stridesOf(value.shape), stridesOf(indices.shape)];
  const result = Array.from(itemsOf(value));
  const updates = itemsOf(call.input(2));
  indices.data.forEach((index, i) => {
    const size = value.shape[axis]!;
    if (index < -size || index >= size) throw new RangeError(`index ${index} is outside of ${size} rows`);
    const to = strides.reduce((sum, stride, a) => sum + stride * (a === axis ? axisOf(index, size) : Math.floor(i / given[a]!) % indices.shape[a]!), 0);
    result[to] = updates[i]!;
  });
  return [like(call, value, value.shape, result)];
};

/** [N, C, L] alone, in steps of one: the most within a window. */
const maxPool: Operator = (call) => {
  const value = call.input(0);
  const [kernel, pads] = [call.list(-1, 'kernel_shape')!, call.list(-1, 'pads') ?? [0, 0]];
  if (kernel.length !== 1) call.refuse('kernel_shape', kernel);
  for (const attribute of ['strides', 'dilations']) if ((call.list(-1, attribute) ?? [1])[0] !== 1) call.refuse(attribute, call.list(-1, attribute));
  if (call.text('auto_pad', 'NOTSET') !== 'NOTSET') call.refuse('auto_pad', call.text('auto_pad', ''));
  const items = itemsOf(value);
  const length = value.shape.at(-1)!;
  const width = length + pads[0]! + pads[1]! - kernel[0]! + 1;
  const result = Array.from({ length: (items.length / length) * width }, (_, i) => {
    const [row, from] = [Math.floor(i / width), (i % width) - pads[0]!];
    let most = -Infinity;
    for (let at = Math.max(0, from); at < Math.min(length, from + kernel[0]!); at += 1) most = Math.max(most, items[row * length + at]!);
    return most;
  });
  return [like(call, value, value.shape.with(-1, width), result)];
};

export const SELECTIONS: Readonly<Record<string, Operator>> = { TopK: topK, GatherND: gatherNd, ScatterElements: scatterElements, MaxPool: maxPool };
