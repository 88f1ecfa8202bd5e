/** Matrix products. */
import { floats, sizeOf, tensorOf } from '../values.js';
import type { Operator } from './call.js';

const matMul: Operator = (call) => {
  const { tf } = call;
  const [a, b] = [call.tensor(0), call.tensor(1)];
  if (b.rank !== 2) return [floats(tf.matMul(a, b))];
  // one product for all rows: a loop over the batch would make many small ones
  const flat = tf.matMul(tf.reshape(a, [sizeOf(a.shape.slice(0, -1)), a.shape.at(-1)!]), b);
  return [floats(tf.reshape(flat, [...a.shape.slice(0, -1), b.shape[1]!]))];
};

/** alpha a b + beta c */
const gemm: Operator = (call) => {
  const { tf } = call;
  const product = tf.matMul(call.tensor(0), call.tensor(1), call.number('transA', 0) === 1, call.number('transB', 0) === 1);
  const scaled = (x: typeof product, factor: number) => (factor === 1 ? x : tf.mul(x, factor));
  const c = call.optional(2);
  const weighted = scaled(product, call.number('alpha', 1));
  return [floats(c === undefined ? weighted : tf.add(weighted, scaled(tensorOf(c), call.number('beta', 1))))];
};

export const PRODUCTS: Readonly<Record<string, Operator>> = { MatMul: matMul, Gemm: gemm };
