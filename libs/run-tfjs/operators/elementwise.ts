/** Operators that work item by item. */
import { combined, commonShape } from '../integer-arrays.js';
import type { Tensor, TensorFlow } from '../tensorflow.js';
import { boolTensor, floats, type Integers, integers, type IntegerType, tensorOf, type Value, wholeNumbers } from '../values.js';
import type { Operator } from './call.js';

type OfTwo = (a: number, b: number) => number;

const unary = (of: (tf: TensorFlow) => (x: Tensor) => Tensor): Operator => (call) => [floats(of(call.tf)(call.tensor(0)))];

/** @throws RangeError where a result would be rounded */
const exact = (compute: OfTwo): OfTwo => (a, b) => {
  const result = compute(a, b);
  if (!Number.isSafeInteger(result)) throw new RangeError(`the integers ${a} and ${b} give ${result}, which is beyond 2^53 or no number`);
  return result;
};

/** Of two and more. */
function arithmetic(onFloats: (tf: TensorFlow) => (a: Tensor, b: Tensor) => Tensor, onIntegers: OfTwo): Operator {
  return ({ tf, all }) => [all.reduce((a: Value, b: Value): Value => {
    if (a.type === 'float32') return floats(onFloats(tf)(a.tensor, tensorOf(b)));
    return combined(a.type, [a, wholeNumbers(b)], exact(onIntegers));
  })];
}

function comparison(onFloats: (tf: TensorFlow) => (a: Tensor, b: Tensor) => Tensor, onIntegers: (a: number, b: number) => boolean): Operator {
  return ({ tf, all: [a, b] }) => {
    if (a!.type !== 'float32') return [combined('bool', [a!, wholeNumbers(b!)], (x, y) => Number(onIntegers(x, y)))];
    const result = onFloats(tf)(a!.tensor, tensorOf(b!));
    return [integers('bool', result.shape, result.dataSync())];
  };
}

const logical = (compute: (...items: number[]) => boolean): Operator => ({ all }) => [combined('bool', all.map(wholeNumbers), (...items) => Number(compute(...items)))];

const maximum = arithmetic((tf) => tf.maximum, Math.max);
const minimum = arithmetic((tf) => tf.minimum, Math.min);

/** The sign is the divisor's; with fmod 1 the dividend's. */
const mod: Operator = (call) => {
  const [a, b] = call.all.map(wholeNumbers) as [Integers, Integers];
  const byDivisor = call.number('fmod', 0) === 0;
  return [combined(a.type, [a, b], exact((x, y) => { const rest = x % y; return byDivisor && rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest; }))];
};

const where: Operator = ({ tf, all: [condition, a, b] }) => {
  const choose = wholeNumbers(condition!);
  if (a!.type !== 'float32') return [combined(a!.type, [choose, a!, wholeNumbers(b!)], (yes, x, y) => (yes !== 0 ? x : y))];
  const shape = commonShape([choose.shape, a!.shape, b!.shape]);
  const wide = (tensor: Tensor) => tf.broadcastTo(tensor, shape);
  return [floats(tf.where(wide(boolTensor(tf, choose)), wide(a!.tensor), wide(tensorOf(b!))))];
};

const CAST_TO: Readonly<Record<number, IntegerType | 'float32'>> = { 1: 'float32', 6: 'int32', 7: 'int64', 9: 'bool' };

const cast: Operator = (call) => {
  const value = call.input(0);
  const to = CAST_TO[call.number('to', 0)] ?? call.refuse('to', call.number('to', 0));
  if (to === value.type) return [value];
  if (to === 'float32') return [floats(call.tf.tensor(Float32Array.from(wholeNumbers(value).data), [...value.shape]))];
  const data = value.type === 'float32' ? value.tensor.dataSync() : value.data;
  return [integers(to, value.shape, Array.from(data, (item) => (to === 'bool' ? Number(item !== 0) : Math.trunc(item))))];
};

const clip: Operator = (call) => {
  const [low, high] = [call.optional(1), call.optional(2)];
  const raised = low === undefined ? call.tensor(0) : call.tf.maximum(call.tensor(0), tensorOf(low));
  return [floats(high === undefined ? raised : call.tf.minimum(raised, tensorOf(high)))];
};

export const ELEMENTWISE: Readonly<Record<string, Operator>> = {
  Abs: unary((tf) => tf.abs),
  Neg: unary((tf) => tf.neg),
  Exp: unary((tf) => tf.exp),
  Log: unary((tf) => tf.log),
  Sqrt: unary((tf) => tf.sqrt),
  Erf: unary((tf) => tf.erf),
  Tanh: unary((tf) => tf.tanh),
  Sigmoid: unary((tf) => tf.sigmoid),
  Relu: unary((tf) => tf.relu),
  Softplus: unary((tf) => tf.softplus),
  Add: arithmetic((tf) => tf.add, (a, b) => a + b),
  Sub: arithmetic((tf) => tf.sub, (a, b) => a - b),
  Mul: arithmetic((tf) => tf.mul, (a, b) => a * b),
  Div: arithmetic((tf) => tf.div, (a, b) => Math.trunc(a / b)),
  Pow: arithmetic((tf) => tf.pow, (a, b) => a ** b),
  Mod: mod,
  Max: maximum,
  Min: minimum,
  Less: comparison((tf) => tf.less, (a, b) => a < b),
  LessOrEqual: comparison((tf) => tf.lessEqual, (a, b) => a <= b),
  Greater: comparison((tf) => tf.greater, (a, b) => a > b),
  GreaterOrEqual: comparison((tf) => tf.greaterEqual, (a, b) => a >= b),
  Equal: comparison((tf) => tf.equal, (a, b) => a === b),
  Not: logical((a) => a === 0),
  And: logical((a, b) => a !== 0 && b !== 0),
  Or: logical((a, b) => a !== 0 || b !== 0),
  Where: where,
  Cast: cast,
  Clip: clip,
  Identity: (call) => [call.input(0)],
};
