/**
 * The stateful part of the review model, one step per review of a product:
 *   logit       = text logit + what h and the memory, as they were before this review, add to it (gated by its text)
 *   h, c        = LSTM step over the review's features, stars included where given
 *   memory      = the last 8 reviews' projected features, each with a flag "taken"
 *   expectation = log odds that the next review is negative, from the new h and memory
 * What history adds has no bias, so a product without history (all state zero) gets the text's own logit, to the bit.
 * The stars of a review reach only later reviews: its own verdict must not be read off them.
 */
import { add, concat, multiply, reshape, sigmoid, sigmoidSlope, slice, squeeze, tanh, transpose, unsqueeze } from '../onnx/algebra.js';
import { Graph } from '../onnx/graph.js';
import type { FloatType, Value } from '../onnx/graph.js';
import { memoryAttention } from '../layers/attention.js';
import { dense, tanhLayer } from '../layers/dense.js';
import { binaryCrossEntropy } from '../layers/losses.js';
import { lstm, lstmOperator } from '../layers/lstm.js';
import { earlier, slidingMemory } from '../layers/sliding-memory.js';
import type { Parameters, Shapes } from './parameters.js';

export interface HistorySizes {
  readonly vectorSize: number;
  /** vectorSize + 5: the vector, logit / 4, stars given, stars, time gap, not the first. */
  readonly featureSize: number;
  readonly hiddenSize: number;
  readonly memoryPlaces: number;
  readonly memorySize: number;
  /** Units of the two small networks that read h and memory. */
  readonly readSize: number;
}
export const HISTORY_SIZES: HistorySizes = { vectorSize: 64, featureSize: 69, hiddenSize: 64, memoryPlaces: 8, memorySize: 32, readSize: 32 };
/** The logit stands among the features divided by this. */
const LOGIT_SCALE = 4;

export function historyShapes({ vectorSize, featureSize: F, hiddenSize: H, memorySize: D, readSize: R }: HistorySizes): Shapes {
  const text = vectorSize + 1; // the features that come from the text alone: vector and logit
  return {
    'lstm.input': [F, 4 * H], 'lstm.recurrent': [H, 4 * H], 'lstm.bias': [4 * H],
    'memory.weight': [F, D], 'memory.bias': [D],
    'now.query': [text, D], 'now.gate': [text, R], 'now.gateBias': [R], 'now.hidden': [H + D, R], 'now.out': [R, 1],
    'next.query': [H, D], 'next.hidden': [H + D, R], 'next.bias': [R], 'next.out': [R, 1], 'next.outBias': [1],
  };
}

/** query, h [N, ...], memory items [N, M, D], open [N, M] -> contribution [N, 1], exactly zero when h and memory are. */
function readNow(g: Graph, text: Value, h: Value, items: Value, open: Value, p: Record<string, Value>, s: HistorySizes) {
  const query = dense(g, text, { weight: p['now.query']!, bias: null });
  const memory = memoryAttention(g, query.output, items, open, s.memorySize);
  const hidden = dense(g, concat(g, [h, memory.output], 1), { weight: p['now.hidden']!, bias: null });
  const bent = tanhLayer(g, hidden.output); // [N, R]
  const gateIn = dense(g, text, { weight: p['now.gate']!, bias: p['now.gateBias']! });
  const gate = sigmoid(g, gateIn.output); // [N, R]
  const out = dense(g, multiply(g, bent.output, gate), { weight: p['now.out']!, bias: null });
  return {
    output: out.output,
    backward: (gradient: Value) => {
      const dOut = out.backward(gradient);
      const dGate = gateIn.backward(multiply(g, multiply(g, dOut.x, bent.output), sigmoidSlope(g, gate)));
      const dHidden = hidden.backward(bent.backward(multiply(g, dOut.x, gate)));
      const dMemory = memory.backward(slice(g, dHidden.x, s.hiddenSize, s.hiddenSize + s.memorySize, 1));
      const dQuery = query.backward(dMemory.query);
      return {
        h: slice(g, dHidden.x, 0, s.hiddenSize, 1),
        items: dMemory.items,
        parameters: { 'now.query': dQuery.weight, 'now.gate': dGate.weight, 'now.gateBias': dGate.bias, 'now.hidden': dHidden.weight, 'now.out': dOut.weight },
      };
    },
  };
}

/** h [N, H], memory -> expectation [N, 1]. */
function readNext(g: Graph, h: Value, items: Value, open: Value, p: Record<string, Value>, s: HistorySizes) {
  const query = dense(g, h, { weight: p['next.query']!, bias: null });
  const memory = memoryAttention(g, query.output, items, open, s.memorySize);
  const hidden = dense(g, concat(g, [h, memory.output], 1), { weight: p['next.hidden']!, bias: p['next.bias']! });
  const bent = tanhLayer(g, hidden.output);
  const out = dense(g, bent.output, { weight: p['next.out']!, bias: p['next.outBias']! });
  return {
    output: out.output,
    backward: (gradient: Value) => {
      const dOut = out.backward(gradient);
      const dHidden = hidden.backward(bent.backward(dOut.x));
      const dMemory = memory.backward(slice(g, dHidden.x, s.hiddenSize, s.hiddenSize + s.memorySize, 1));
      const dQuery = query.backward(dMemory.query);
      return {
        h: add(g, slice(g, dHidden.x, 0, s.hiddenSize, 1), dQuery.x),
        items: dMemory.items,
        parameters: { 'next.query': dQuery.weight, 'next.hidden': dHidden.weight, 'next.bias': dHidden.bias, 'next.out': dOut.weight, 'next.outBias': dOut.bias },
      };
    },
  };
}

/**
 * A stretch of S reviews for each of B products. Inputs: features [S, B, F], h0 and c0 [B, H], memory0 [M, B, D + 1],
 * ones [S, B, 1], target, weight, nextTarget, nextWeight [S B, 1], and every parameter.
 * Outputs: loss [1], logit and expectation [S B, 1], h, c, memory as after the last step, d.<parameter>.
 */
export function historyTrainingGraph(s: HistorySizes, floatType: FloatType = 'float32'): Uint8Array {
  const { featureSize: F, hiddenSize: H, memorySize: D, memoryPlaces: M } = s;
  const g = new Graph('history_training', floatType);
  const features = g.input('features', floatType, ['S', 'B', F]);
  const h0 = g.input('h0', floatType, ['B', H]);
  const c0 = g.input('c0', floatType, ['B', H]);
  const memory0 = g.input('memory0', floatType, [M, 'B', D + 1]);
  const ones = g.input('ones', floatType, ['S', 'B', 1]);
  const [target, weight, nextTarget, nextWeight] = ['target', 'weight', 'nextTarget', 'nextWeight'].map((name) => g.input(name, floatType, ['N', 1])) as [Value, Value, Value, Value];
  const shapes = historyShapes(s);
  const p = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, g.input(name, floatType, shape)])) as Record<string, Value>;

  const flat = reshape(g, features, -1, F); // [N, F]
  const text = slice(g, flat, 0, s.vectorSize + 1, 1);
  const recurrent = lstm(g, features, h0, c0, { input: p['lstm.input']!, recurrent: p['lstm.recurrent']!, bias: p['lstm.bias']! }, { inputSize: F, hiddenSize: H });
  const project = dense(g, flat, { weight: p['memory.weight']!, bias: p['memory.bias']! });
  const projected = tanhLayer(g, project.output); // [N, D]
  const taken = concat(g, [g.op('Reshape', [projected.output, threeDimensions(g, ones, D)]), ones], 2); // [S, B, D + 1]
  const windows = ([0, 1] as const).map((offset) => slidingMemory(g, memory0, taken, offset, { places: M, itemSize: D + 1 }));
  const [before, after] = windows.map((w) => ({ items: slice(g, w.output, 0, D, 2), open: squeeze(g, slice(g, w.output, D, D + 1, 2), 2) })) as [Window, Window];
  const now = readNow(g, text, reshape(g, recurrent.before, -1, H), before.items, before.open, p, s);
  const next = readNext(g, reshape(g, recurrent.output, -1, H), after.items, after.open, p, s);
  const logit = add(g, multiply(g, slice(g, flat, s.vectorSize, s.vectorSize + 1, 1), g.scalar(LOGIT_SCALE)), now.output);
  const lossNow = binaryCrossEntropy(g, logit, target, weight);
  const lossNext = binaryCrossEntropy(g, next.output, nextTarget, nextWeight);
  g.output(add(g, lossNow.output, lossNext.output), floatType, [1], 'loss');
  g.output(logit, floatType, ['N', 1], 'logit');
  g.output(next.output, floatType, ['N', 1], 'expectation');
  g.output(recurrent.last.h, floatType, ['B', H], 'h');
  g.output(recurrent.last.c, floatType, ['B', H], 'c');
  g.output(windows[0]!.last, floatType, [M, 'B', D + 1], 'memory');

  const dNow = now.backward(lossNow.backward());
  const dNext = next.backward(lossNext.backward());
  const wide = (a: Value, ...size: number[]) => g.op('Reshape', [a, threeDimensions(g, ones, ...size)]); // [N, ...] -> [S, B, ...]
  const dProjected = add(g, windows[0]!.backward(wide(dNow.items, M, D)), windows[1]!.backward(wide(dNext.items, M, D))); // [S, B, D]
  const dProject = project.backward(projected.backward(reshape(g, dProjected, -1, D)));
  const dRecurrent = recurrent.backward(add(g, wide(dNext.h, H), earlier(g, wide(dNow.h, H), 1)));
  const gradients: Record<string, Value> = {
    'lstm.input': dRecurrent.input, 'lstm.recurrent': dRecurrent.recurrent, 'lstm.bias': dRecurrent.bias,
    'memory.weight': dProject.weight, 'memory.bias': dProject.bias, ...dNow.parameters, ...dNext.parameters,
  };
  for (const [name, shape] of Object.entries(shapes)) g.output(gradients[name]!, floatType, shape, `d.${name}`);
  return g.toModel();
}

interface Window {
  readonly items: Value;
  readonly open: Value;
}

/** The shape [S, B, ...size], S and B taken from `like` [S, B, 1]. */
function threeDimensions(g: Graph, like: Value, ...size: number[]): Value {
  return concat(g, [g.op('Slice', [g.op('Shape', [like]), g.integers(0), g.integers(2)]), g.integers(...size)], 0);
}

/** The file that is served: features [B, F], h and c [B, H], memory [B, M, D + 1] -> logit, expectation [B, 1], h_next, c_next, memory_next. */
export function historyGraph(s: HistorySizes, parameters: Parameters): Uint8Array {
  const { featureSize: F, hiddenSize: H, memorySize: D, memoryPlaces: M } = s;
  const g = new Graph('history');
  const features = g.input('features', 'float32', ['B', F]);
  const h = g.input('h', 'float32', ['B', H]);
  const c = g.input('c', 'float32', ['B', H]);
  const memory = g.input('memory', 'float32', ['B', M, D + 1]);
  const p = Object.fromEntries(Object.entries(historyShapes(s)).filter(([name]) => !name.startsWith('lstm.')).map(([name, shape]) => [name, g.constant(name, shape, parameters[name]!)]));
  const window = (whole: Value): Window => ({ items: slice(g, whole, 0, D, 2), open: squeeze(g, slice(g, whole, D, D + 1, 2), 2) });

  const text = slice(g, features, 0, s.vectorSize + 1, 1);
  const before = window(memory);
  const now = readNow(g, text, h, before.items, before.open, p, s);
  const textLogit = multiply(g, slice(g, features, s.vectorSize, s.vectorSize + 1, 1), g.scalar(LOGIT_SCALE)); // [B, 1]
  g.output(add(g, textLogit, now.output), 'float32', ['B', 1], 'logit');

  const arrays = { input: parameters['lstm.input']!, recurrent: parameters['lstm.recurrent']!, bias: parameters['lstm.bias']! };
  const step = lstmOperator(g, 'lstm', unsqueeze(g, features, 0), [arrays], { inputSize: F, hiddenSize: H }, { lengths: '', h0: unsqueeze(g, h, 0), c0: unsqueeze(g, c, 0) });
  const hNext = g.op('Squeeze', [step.h, g.integers(0)], {}, 'h_next');
  const projected = tanh(g, dense(g, features, { weight: p['memory.weight']!, bias: p['memory.bias']! }).output); // [B, D]
  const batch = g.op('Slice', [g.op('Shape', [features]), g.integers(0), g.integers(1)]);
  const one = g.op('Expand', [g.scalar(1), concat(g, [batch, g.integers(1)], 0)]); // [B, 1]
  const memoryNext = concat(g, [slice(g, memory, 1, M, 1), unsqueeze(g, concat(g, [projected, one], 1), 1)], 1); // [B, M, D + 1]
  const after = window(memoryNext);
  g.output(readNext(g, hNext, after.items, after.open, p, s).output, 'float32', ['B', 1], 'expectation');
  g.output(hNext, 'float32', ['B', H]);
  g.output(g.op('Squeeze', [step.c, g.integers(0)], {}, 'c_next'), 'float32', ['B', H]);
  g.output(memoryNext, 'float32', ['B', M, D + 1], 'memory_next');
  return g.toModel();
}

/**
 * The same steps for whole stretches at once: features [S, B, F], lengths int32 [B] (each 1 to S), h and c [B, H],
 * memory [B, M, D + 1] -> logit, expectation [S, B, 1] (meaningless behind a stretch's end), h_next, c_next, memory_next as
 * after each stretch's last step. The same bits as step by step.
 */
export function historySequenceGraph(s: HistorySizes, parameters: Parameters): Uint8Array {
  const { featureSize: F, hiddenSize: H, memorySize: D, memoryPlaces: M } = s;
  const g = new Graph('history_sequence');
  const features = g.input('features', 'float32', ['S', 'B', F]);
  const lengths = g.input('lengths', 'int32', ['B']);
  const h = g.input('h', 'float32', ['B', H]);
  const c = g.input('c', 'float32', ['B', H]);
  const memory = g.input('memory', 'float32', ['B', M, D + 1]);
  const p = Object.fromEntries(Object.entries(historyShapes(s)).filter(([name]) => !name.startsWith('lstm.')).map(([name, shape]) => [name, g.constant(name, shape, parameters[name]!)]));
  const oneColumn = g.op('Slice', [features, g.integers(0), g.integers(1), g.integers(2)]); // [S, B, 1]
  const wide = (a: Value, size: number) => g.op('Reshape', [a, threeDimensions(g, oneColumn, size)]); // [N, size] -> [S, B, size]

  const flat = reshape(g, features, -1, F); // [N, F]
  const text = slice(g, flat, 0, s.vectorSize + 1, 1);
  const arrays = { input: parameters['lstm.input']!, recurrent: parameters['lstm.recurrent']!, bias: parameters['lstm.bias']! };
  const h0 = unsqueeze(g, h, 0); // [1, B, H]
  const run = lstmOperator(g, 'lstm', features, [arrays], { inputSize: F, hiddenSize: H }, { lengths, h0, c0: unsqueeze(g, c, 0) });
  const hAfter = squeeze(g, run.all, 1); // [S, B, H]
  const hBefore = slice(g, concat(g, [h0, hAfter], 0), 0, -1, 0);

  const projected = tanh(g, dense(g, flat, { weight: p['memory.weight']!, bias: p['memory.bias']! }).output); // [N, D]
  const one = g.op('Expand', [g.scalar(1), g.op('Shape', [oneColumn])]); // [S, B, 1]
  const taken = concat(g, [wide(projected, D), one], 2); // [S, B, D + 1]
  const all = concat(g, [transpose(g, memory, 1, 0, 2), taken], 0); // [M + S, B, D + 1]
  const window = windowsOf(g, all, features, M);
  const step = g.op('Range', [g.constant('first_step', [], BigInt64Array.of(0n)), sizeAt(g, features, 0), g.constant('next_step', [], BigInt64Array.of(1n))]); // [S]
  const [before, after] = ([0, 1] as const).map((offset) => {
    const found = reshape(g, window(unsqueeze(g, offset === 0 ? step : add(g, step, g.integers(1)), 1, 2)), -1, M, D + 1); // [N, M, D + 1]
    return { items: slice(g, found, 0, D, 2), open: squeeze(g, slice(g, found, D, D + 1, 2), 2) };
  }) as [Window, Window];
  const now = readNow(g, text, reshape(g, hBefore, -1, H), before.items, before.open, p, s);
  const textLogit = multiply(g, slice(g, flat, s.vectorSize, s.vectorSize + 1, 1), g.scalar(LOGIT_SCALE)); // [N, 1]
  g.output(wide(add(g, textLogit, now.output), 1), 'float32', ['S', 'B', 1], 'logit');
  g.output(wide(readNext(g, reshape(g, hAfter, -1, H), after.items, after.open, p, s).output, 1), 'float32', ['S', 'B', 1], 'expectation');
  g.output(g.op('Squeeze', [run.h, g.integers(0)], {}, 'h_next'), 'float32', ['B', H]);
  g.output(g.op('Squeeze', [run.c, g.integers(0)], {}, 'c_next'), 'float32', ['B', H]);
  const last = window(unsqueeze(g, g.op('Cast', [lengths], { to: 7 }), 0, 2)); // [1, B, M, D + 1]
  g.output(g.op('Squeeze', [last, g.integers(0)], {}, 'memory_next'), 'float32', ['B', M, D + 1]);
  return g.toModel();
}

const sizeAt = (g: Graph, a: Value, axis: number): Value => squeeze(g, g.op('Slice', [g.op('Shape', [a]), g.integers(axis), g.integers(axis + 1)]), 0);

/** all [M + S, B, D]; the result takes first rows [X, 1 or B, 1] and gives, of each lane, the M rows from there on: [X, B, M, D]. */
function windowsOf(g: Graph, all: Value, like: Value, M: number): (first: Value) => Value {
  const lanes = sizeAt(g, like, 1);
  const range = g.op('Range', [g.constant('first_lane', [], BigInt64Array.of(0n)), lanes, g.constant('next_lane', [], BigInt64Array.of(1n))]);
  const lane = unsqueeze(g, range, 0, 2); // [1, B, 1]
  const place = g.constant('places', [1, 1, M], BigInt64Array.from({ length: M }, (_, m) => BigInt(m)));
  const flat = g.op('Flatten', [all], { axis: 2 }); // [(M + S) B, D]
  return (first) => g.op('GatherND', [flat, unsqueeze(g, add(g, multiply(g, add(g, first, place), lanes), lane), 3)]);
}
