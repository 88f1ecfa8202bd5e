/**
 * The LSTM operator: x [T, B, I], weights [N, 4H, I], recurrent [N, 4H, H], bias [N, 8H], lengths [B], h0 and c0 [N, B, H] for N = 1
 * or 2 directions; gates in the order input, output, forget, candidate. A text shorter than T keeps its state behind its end, where
 * the output is zero; so a backward pass, which begins at T, finds a text's last step with the state of the start.
 */
import type { Tensor, TensorFlow } from '../tensorflow.js';
import { floats, type Integers, wholeNumbers } from '../values.js';
import type { Call, Operator } from './call.js';

const DIRECTIONS: Readonly<Record<string, readonly ('ahead' | 'back')[]>> = { forward: ['ahead'], reverse: ['back'], bidirectional: ['ahead', 'back'] };
const UNSUPPORTED = ['activations', 'activation_alpha', 'activation_beta', 'clip'];

interface Weights {
  readonly input: Tensor;
  readonly recurrent: Tensor;
  readonly bias: Tensor | null;
}
interface Pass {
  readonly all: Tensor;
  readonly h: Tensor;
  readonly c: Tensor;
}

const lstm: Operator = (call) => {
  for (const attribute of UNSUPPORTED) if (call.has(attribute)) call.refuse('attribute', attribute);
  for (const attribute of ['layout', 'input_forget']) if (call.number(attribute, 0) !== 0) call.refuse(attribute, call.number(attribute, 0));
  if (call.optional(7) !== undefined) call.refuse('input', 'P (peepholes)');
  const { tf } = call;
  const x = call.tensor(0);
  const [steps, batch] = x.shape as [number, number];
  const given = call.optional(4);
  const inside = given === undefined ? null : insideOf(tf, wholeNumbers(given), steps);
  const directions = DIRECTIONS[call.text('direction', 'forward')]!;
  const passes = directions.map((direction, n): Pass => {
    const weights = { input: slab(call, 1, n), recurrent: slab(call, 2, n), bias: call.optional(3) === undefined ? null : slab(call, 3, n) };
    const start = (i: number) => (call.optional(i) === undefined ? tf.zeros([batch, weights.recurrent.shape[1]!]) : slab(call, i, n));
    const order = Array.from({ length: steps }, (_, t) => (direction === 'ahead' ? t : steps - 1 - t));
    return run(tf, x, inside, weights, { h: start(5), c: start(6) }, order);
  });
  return [tf.stack(passes.map(({ all }) => all), 1), tf.stack(passes.map(({ h }) => h)), tf.stack(passes.map(({ c }) => c))].map(floats);
};

/** One direction's part of input i. */
const slab = (call: Call, i: number, n: number): Tensor => call.tf.squeeze(call.tf.slice(call.tensor(i), n, 1), [0]);

/** Of each step, 1 for a text that reaches it and 0 for one that has ended: [B, 1]. */
function insideOf(tf: TensorFlow, lengths: Integers, steps: number): Tensor[] {
  return Array.from({ length: steps }, (_, t) => tf.tensor(Float32Array.from(lengths.data, (length) => (t < length ? 1 : 0)), [lengths.data.length, 1]));
}

function run(tf: TensorFlow, x: Tensor, inside: readonly Tensor[] | null, weights: Weights, start: { h: Tensor; c: Tensor }, order: readonly number[]): Pass {
  const [steps, batch, size] = x.shape as [number, number, number];
  const hiddenSize = weights.recurrent.shape[1]!;
  const projected = tf.matMul(tf.reshape(x, [steps * batch, size]), weights.input, false, true); // [T B, 4H]
  const withBias = weights.bias === null ? projected : tf.add(projected, tf.add(...halves(tf, weights.bias)));
  const perStep = tf.unstack(tf.reshape(withBias, [steps, batch, 4 * hiddenSize]));
  const outputs = new Array<Tensor>(steps);
  let { h, c } = start;
  for (const t of order) {
    const gates = tf.add(perStep[t]!, tf.matMul(h, weights.recurrent, false, true));
    const [input, output, forget, candidate] = tf.split(gates, 4, 1) as [Tensor, Tensor, Tensor, Tensor];
    const cNext = tf.add(tf.mul(tf.sigmoid(forget), c), tf.mul(tf.sigmoid(input), tf.tanh(candidate)));
    const hNext = tf.mul(tf.sigmoid(output), tf.tanh(cNext));
    const open = inside?.[t];
    outputs[t] = open === undefined ? hNext : tf.mul(hNext, open);
    [h, c] = open === undefined ? [hNext, cNext] : [held(tf, open, hNext, h), held(tf, open, cNext, c)];
  }
  return { all: tf.stack(outputs), h, c };
}

/** The next where a text goes on, what was where it has ended; exact, since one of the two is multiplied by 0. */
const held = (tf: TensorFlow, open: Tensor, next: Tensor, before: Tensor): Tensor => tf.add(tf.mul(next, open), tf.mul(before, tf.sub(1, open)));

const halves = (tf: TensorFlow, bias: Tensor): [Tensor, Tensor] => tf.split(bias, 2) as [Tensor, Tensor];

export const RECURRENT: Readonly<Record<string, Operator>> = { LSTM: lstm };
