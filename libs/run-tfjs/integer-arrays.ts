/** Arrays of integers with a shape: broadcasting, views by strides, joining. Row-major, as ONNX's tensors are. */
import { emptyArray, type Integers, integers, type IntegerType, sizeOf } from './values.js';

/** Of each axis, how far apart its items lie. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis -= 1) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** The items that begin at `offset` and lie `strides` apart, as an array of its own. A stride of 0 repeats. */
export function view({ type, data }: Integers, shape: readonly number[], strides: readonly number[], offset = 0): Integers {
  const result = emptyArray(type, sizeOf(shape));
  const place = new Array<number>(shape.length).fill(0);
  let from = offset;
  for (let to = 0; to < result.length; to += 1) {
    result[to] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      place[axis]! += 1;
      from += strides[axis]!;
      if (place[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      place[axis] = 0;
    }
  }
  return integers(type, shape, result);
}

/** @throws RangeError where two shapes do not fit */
export function commonShape(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1).filter((size) => size !== 1);
    if (sizes.some((size) => size !== sizes[0])) throw new RangeError(`shapes ${shapes.map((shape) => `[${shape.join(', ')}]`).join(' and ')} do not fit together`);
    return sizes[0] ?? 1;
  });
}

export function broadcast(value: Integers, shape: readonly number[]): Integers {
  const missing = shape.length - value.shape.length;
  const own = stridesOf(value.shape);
  return view(value, shape, shape.map((_, axis) => (axis < missing || value.shape[axis - missing] === 1 ? 0 : own[axis - missing]!)));
}

/** `combine` of the items that stand at the same place once all have one shape. */
export function combined(type: IntegerType, values: readonly Integers[], combine: (...items: number[]) => number): Integers {
  const shape = commonShape(values.map((value) => value.shape));
  const wide = values.map((value) => broadcast(value, shape).data);
  const result = emptyArray(type, sizeOf(shape));
  for (let i = 0; i < result.length; i += 1) result[i] = combine(...wide.map((data) => data[i]!));
  return integers(type, shape, result);
}

/** One after the other along an axis. */
export function joined(values: readonly Integers[], axis: number): Integers {
  const [{ type, shape }] = values as [Integers];
  const outer = sizeOf(shape.slice(0, axis));
  const widths = values.map((value) => sizeOf(value.shape.slice(axis)));
  const result = emptyArray(type, outer * widths.reduce((a, b) => a + b, 0));
  let at = 0;
  for (let row = 0; row < outer; row += 1) {
    values.forEach(({ data }, i) => {
      result.set(data.subarray(row * widths[i]!, (row + 1) * widths[i]!), at);
      at += widths[i]!;
    });
  }
  return integers(type, shape.with(axis, values.reduce((sum, value) => sum + value.shape[axis]!, 0)), result);
}

/** Of one axis, `fold` over its items from `start`; the axis stays with size 1. */
export function folded(value: Integers, axis: number, start: number, fold: (sum: number, item: number) => number): Integers {
  const size = value.shape[axis]!;
  const inner = sizeOf(value.shape.slice(axis + 1));
  const result = emptyArray(value.type, value.data.length / size);
  for (let i = 0; i < result.length; i += 1) {
    let sum = start;
    for (let item = 0; item < size; item += 1) sum = fold(sum, value.data[Math.floor(i / inner) * size * inner + item * inner + (i % inner)]!);
    result[i] = sum;
  }
  return integers(value.type, value.shape.with(axis, 1), result);
}

/** Items of `data` at the places of `indices` along an axis; [...before, ...indices, ...behind]. */
export function gathered(value: Integers, indices: Integers, axis: number): Integers {
  const size = value.shape[axis]!;
  const inner = sizeOf(value.shape.slice(axis + 1));
  const outer = sizeOf(value.shape.slice(0, axis));
  const result = emptyArray(value.type, outer * indices.data.length * inner);
  let at = 0;
  for (let row = 0; row < outer; row += 1) {
    for (const index of indices.data) {
      const place = (row * size + index) * inner;
      result.set(value.data.subarray(place, place + inner), at);
      at += inner;
    }
  }
  return integers(value.type, [...value.shape.slice(0, axis), ...indices.shape, ...value.shape.slice(axis + 1)], result);
}
