/** Short names for the tensor operators that layers are written in. Shapes are stated where a layer uses them. */
import type { Graph, Value } from './graph.js';

export const add = (g: Graph, a: Value, b: Value): Value => g.op('Add', [a, b]);
export const subtract = (g: Graph, a: Value, b: Value): Value => g.op('Sub', [a, b]);
export const multiply = (g: Graph, a: Value, b: Value): Value => g.op('Mul', [a, b]);
export const matmul = (g: Graph, a: Value, b: Value): Value => g.op('MatMul', [a, b]);
export const sigmoid = (g: Graph, a: Value): Value => g.op('Sigmoid', [a]);
export const tanh = (g: Graph, a: Value): Value => g.op('Tanh', [a]);
export const oneMinus = (g: Graph, a: Value): Value => subtract(g, g.scalar(1), a);
/** 1 - tanh(x)^2, given tanh(x). */
export const tanhSlope = (g: Graph, y: Value): Value => oneMinus(g, multiply(g, y, y));
/** s (1 - s), given s = sigmoid(x). */
export const sigmoidSlope = (g: Graph, s: Value): Value => multiply(g, s, oneMinus(g, s));
export const transpose = (g: Graph, a: Value, ...order: number[]): Value => g.op('Transpose', [a], { perm: order });
/** One dimension may be -1. */
export const reshape = (g: Graph, a: Value, ...shape: number[]): Value => g.op('Reshape', [a, g.integers(...shape)]);
export const reshapeLike = (g: Graph, a: Value, model: Value): Value => g.op('Reshape', [a, g.op('Shape', [model])]);
export const squeeze = (g: Graph, a: Value, ...axes: number[]): Value => g.op('Squeeze', [a, g.integers(...axes)]);
export const unsqueeze = (g: Graph, a: Value, ...axes: number[]): Value => g.op('Unsqueeze', [a, g.integers(...axes)]);
export const concat = (g: Graph, parts: readonly Value[], axis: number): Value => g.op('Concat', parts, { axis });
export const split = (g: Graph, a: Value, sizes: readonly number[], axis: number): Value[] =>
  g.ops('Split', [a, g.integers(...sizes)], { axis }, sizes.length);
/** Items from..to (exclusive) of one axis; a negative number counts from the end. */
export const slice = (g: Graph, a: Value, from: number, to: number, axis: number): Value =>
  g.op('Slice', [a, g.integers(from), g.integers(to), g.integers(axis)]);
/** Sum over axes; they stay as dimensions of one only with keep. */
export const sum = (g: Graph, a: Value, axes: readonly number[], keep: 'keep' | 'drop' = 'drop'): Value =>
  g.op('ReduceSum', [a, g.integers(...axes)], { keepdims: keep === 'keep' ? 1 : 0 });
/** a^T b for matrices [N, I] and [N, O]: the gradient of a weight [I, O]. */
export const outer = (g: Graph, a: Value, b: Value): Value => g.op('Gemm', [a, b], { transA: 1 });
/** a b^T for matrices [N, O] and [I, O]: the gradient of an input [N, I]. */
export const timesTransposed = (g: Graph, a: Value, b: Value): Value => g.op('Gemm', [a, b], { transB: 1 });
export const zerosLike = (g: Graph, a: Value): Value => multiply(g, a, g.scalar(0));
