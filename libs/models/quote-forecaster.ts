/**
 * The quote model, one step per bar of a symbol:
 *   h, c      = LSTM step over the bar's features
 *   memory    = the last 16 projected hidden states before this one, each with a flag "taken"
 *   context   = attention over the memory, asked by h
 *   read      = tanh layer over [h, context, features]
 *   shape     = from read: for each horizon a median and, outwards from it, a running sum of positive steps (softplus)
 *   scale     = from [read, features]: for each horizon exp of a bounded log; the features reach it in a straight line,
 *               as the logs of volatilities at several speeds do in HAR models (Corsi 2009)
 *   quantiles = scale * shape, so that they cannot cross, in rounding either
 * Unit of the quantiles: the forecast scale that forecast-prices states (running volatility times sqrt(horizon)).
 * Sources: multi-horizon quantile recurrent forecaster, Wen et al. 2017; monotone increments, Gasthaus et al. 2019.
 */
import { add, concat, multiply, oneMinus, reshape, sigmoid, slice, squeeze, subtract, sum, tanh, tanhSlope, unsqueeze } from './onnx/algebra.js';
import { memoryAttention } from './layers/attention.js';
import { dense, tanhLayer } from './layers/dense.js';
import { pinball } from './layers/losses.js';
import { lstm, lstmOperator } from './layers/lstm.js';
import { slidingMemory } from './layers/sliding-memory.js';
import type { FloatType, Value } from './onnx/graph.js';
import { Graph } from './onnx/graph.js';
import type { Parameters, Shapes } from './reviews/parameters.js';

export interface QuoteSizes {
  readonly featureSize: number;
  readonly hiddenSize: number;
  readonly memoryPlaces: number;
  readonly memorySize: number;
  readonly readSize: number;
  readonly horizons: number;
  /** Ascending; an odd number of them, the median in the middle. */
  readonly levels: readonly number[];
}

export function quoteShapes({ featureSize: F, hiddenSize: H, memorySize: D, readSize: R, horizons, levels }: QuoteSizes): Shapes {
  const out = horizons * levels.length;
  return {
    'lstm.input': [F, 4 * H], 'lstm.recurrent': [H, 4 * H], 'lstm.bias': [4 * H],
    'memory.weight': [H, D], 'query.weight': [H, D],
    'read.weight': [H + D + F, R], 'read.bias': [R],
    'out.weight': [R, out], 'out.bias': [out],
    'scale.weight': [R + F, horizons], 'scale.bias': [horizons],
  };
}

/**
 * ln(1 + e^a), element by element, without the Log operator: the engine computes the last few values of a tensor by another
 * routine than the rest, so that a row's last bit would depend on the batch it is in. Max(a, 0) + ln(1 + u), u = e^-|a| in
 * (0, 1], with ln(1 + u) = 2 artanh(s), s = u / (2 + u) <= 1/3, as its power series to s^13: within 1e-8.
 */
function softplus(g: Graph, a: Value): Value {
  const u = g.op('Exp', [g.op('Neg', [g.op('Abs', [a])])]);
  const s = g.op('Div', [u, add(g, u, g.scalar(2))]);
  const z = multiply(g, s, s);
  let series: Value = g.scalar(2 / 13);
  for (const power of [11, 9, 7, 5, 3, 1]) series = add(g, multiply(g, series, z), g.scalar(2 / power));
  return add(g, g.op('Relu', [a]), multiply(g, series, s));
}

/** u [N, H * Q] -> quantiles [N, H * Q], ascending within each horizon. */
function quantileHead(g: Graph, u: Value, horizons: number, levels: number) {
  const half = (levels - 1) / 2;
  const along = g.constant(`${u}.levels_axis`, [], Int32Array.of(2));
  const parts = (a: Value): [Value, Value, Value] => {
    const deep = reshape(g, a, -1, horizons, levels); // [N, H, Q]
    return [slice(g, deep, 0, half, 2), slice(g, deep, half, half + 1, 2), slice(g, deep, half + 1, levels, 2)];
  };
  const [lower, median, upper] = parts(u);
  const below = g.op('CumSum', [softplus(g, lower), along], { reverse: 1 }); // [N, H, half]
  const above = g.op('CumSum', [softplus(g, upper), along]);
  const quantiles = concat(g, [subtract(g, median, below), median, add(g, median, above)], 2); // [N, H, Q]
  return {
    output: reshape(g, quantiles, -1, horizons * levels),
    /** gradient of the quantiles [N, H * Q] -> that of u */
    backward: (gradient: Value): Value => {
      const [dLower, dMiddle, dUpper] = parts(gradient);
      const dMedian = add(g, dMiddle, add(g, sum(g, dLower, [2], 'keep'), sum(g, dUpper, [2], 'keep')));
      const throughBelow = g.op('Neg', [multiply(g, g.op('CumSum', [dLower, along]), sigmoid(g, lower))]);
      const throughAbove = multiply(g, g.op('CumSum', [dUpper, along], { reverse: 1 }), sigmoid(g, upper));
      return reshape(g, concat(g, [throughBelow, dMedian, throughAbove], 2), -1, horizons * levels);
    },
  };
}

/** Quantiles are at most e^3 times wider or narrower than the running volatility. */
const LARGEST_LOG_SCALE = 3;

/** Scale shape: quantiles [N, H * Q] times exp(3 tanh(s / 3)), s [N, H]. */
function scaleLayer(g: Graph, shape: Value, s: Value, horizons: number, levels: number) {
  const bounded = tanh(g, multiply(g, s, g.scalar(1 / LARGEST_LOG_SCALE))); // [N, H]
  const factor = unsqueeze(g, g.op('Exp', [multiply(g, bounded, g.scalar(LARGEST_LOG_SCALE))]), 2); // [N, H, 1]
  const scaled = multiply(g, reshape(g, shape, -1, horizons, levels), factor); // [N, H, Q]
  return {
    output: reshape(g, scaled, -1, horizons * levels),
    /** gradient of the output [N, H * Q] -> those of shape and s */
    backward: (gradient: Value) => {
      const deep = reshape(g, gradient, -1, horizons, levels);
      const dLog = sum(g, multiply(g, deep, scaled), [2]); // [N, H]
      return { shape: reshape(g, multiply(g, deep, factor), -1, horizons * levels), s: multiply(g, dLog, tanhSlope(g, bounded)) };
    },
  };
}

/** h [N, H], features [N, F], memory items [N, M, D], open [N, M] -> quantiles [N, horizons * Q]. */
function read(g: Graph, h: Value, features: Value, items: Value, open: Value, p: Record<string, Value>, s: QuoteSizes) {
  const query = dense(g, h, { weight: p['query.weight']!, bias: null });
  const memory = memoryAttention(g, query.output, items, open, s.memorySize);
  const hidden = dense(g, concat(g, [h, memory.output, features], 1), { weight: p['read.weight']!, bias: p['read.bias']! });
  const bent = tanhLayer(g, hidden.output); // [N, R]
  const out = dense(g, bent.output, { weight: p['out.weight']!, bias: p['out.bias']! });
  const head = quantileHead(g, out.output, s.horizons, s.levels.length);
  const logScale = dense(g, concat(g, [bent.output, features], 1), { weight: p['scale.weight']!, bias: p['scale.bias']! }); // [N, H]
  const scaled = scaleLayer(g, head.output, logScale.output, s.horizons, s.levels.length);
  return {
    output: scaled.output,
    backward: (gradient: Value) => {
      const dScaled = scaled.backward(gradient);
      const dLogScale = logScale.backward(dScaled.s);
      const dOut = out.backward(head.backward(dScaled.shape));
      const dHidden = hidden.backward(bent.backward(add(g, dOut.x, slice(g, dLogScale.x, 0, s.readSize, 1))));
      const dMemory = memory.backward(slice(g, dHidden.x, s.hiddenSize, s.hiddenSize + s.memorySize, 1));
      const dQuery = query.backward(dMemory.query);
      return {
        h: add(g, slice(g, dHidden.x, 0, s.hiddenSize, 1), dQuery.x),
        items: dMemory.items,
        parameters: { 'query.weight': dQuery.weight, 'read.weight': dHidden.weight, 'read.bias': dHidden.bias, 'out.weight': dOut.weight, 'out.bias': dOut.bias, 'scale.weight': dLogScale.weight, 'scale.bias': dLogScale.bias },
      };
    },
  };
}

/**
 * A stretch of S bars of B symbols. Inputs: features [S, B, F], h0 and c0 [B, H], memory0 [M, B, D + 1], ones [S, B, 1],
 * every parameter, and with gradients actual and weight [S B horizons, 1] (actual in scale units).
 * Outputs: quantiles [S B, horizons * Q], h, c, memory as after the last step; with gradients also loss [1] and d.<parameter>.
 */
export function quoteTrainingGraph(s: QuoteSizes, gradients: 'with gradients' | 'forward only', floatType: FloatType = 'float32'): Uint8Array {
  const { featureSize: F, hiddenSize: H, memorySize: D, memoryPlaces: M } = s;
  const Q = s.levels.length;
  const g = new Graph('quote_training', floatType);
  const features = g.input('features', floatType, ['S', 'B', F]);
  const h0 = g.input('h0', floatType, ['B', H]);
  const c0 = g.input('c0', floatType, ['B', H]);
  const memory0 = g.input('memory0', floatType, [M, 'B', D + 1]);
  const ones = g.input('ones', floatType, ['S', 'B', 1]);
  const shapes = quoteShapes(s);
  const p = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, g.input(name, floatType, shape)])) as Record<string, Value>;

  const flat = reshape(g, features, -1, F); // [N, F]
  const recurrent = lstm(g, features, h0, c0, { input: p['lstm.input']!, recurrent: p['lstm.recurrent']!, bias: p['lstm.bias']! }, { inputSize: F, hiddenSize: H });
  const h = reshape(g, recurrent.output, -1, H); // [N, H]
  const project = dense(g, h, { weight: p['memory.weight']!, bias: null });
  const projected = tanhLayer(g, project.output); // [N, D]
  const taken = concat(g, [g.op('Reshape', [projected.output, shapeLike(g, ones, D)]), ones], 2); // [S, B, D + 1]
  const window = slidingMemory(g, memory0, taken, 0, { places: M, itemSize: D + 1 });
  const items = slice(g, window.output, 0, D, 2); // [N, M, D]
  const open = squeeze(g, slice(g, window.output, D, D + 1, 2), 2); // [N, M]
  const forecast = read(g, h, flat, items, open, p, s);
  g.output(forecast.output, floatType, ['N', s.horizons * Q], 'quantiles');
  g.output(recurrent.last.h, floatType, ['B', H], 'h');
  g.output(recurrent.last.c, floatType, ['B', H], 'c');
  g.output(window.last, floatType, [M, 'B', D + 1], 'memory');
  if (gradients === 'forward only') return g.toModel();

  const actual = g.input('actual', floatType, ['A', 1]);
  const weight = g.input('weight', floatType, ['A', 1]);
  const loss = pinball(g, reshape(g, forecast.output, -1, Q), actual, weight, s.levels);
  g.output(loss.output, floatType, [1], 'loss');
  const dRead = forecast.backward(reshape(g, loss.backward(), -1, s.horizons * Q));
  const wide = (a: Value, ...size: number[]): Value => g.op('Reshape', [a, shapeLike(g, ones, ...size)]); // [N, ...] -> [S, B, ...]
  const dProjected = window.backward(wide(dRead.items, M, D)); // [S, B, D]
  const dProject = project.backward(projected.backward(reshape(g, dProjected, -1, D)));
  const dRecurrent = recurrent.backward(wide(add(g, dRead.h, dProject.x), H));
  const all: Record<string, Value> = {
    'lstm.input': dRecurrent.input, 'lstm.recurrent': dRecurrent.recurrent, 'lstm.bias': dRecurrent.bias,
    'memory.weight': dProject.weight, ...dRead.parameters,
  };
  for (const [name, shape] of Object.entries(shapes)) g.output(all[name]!, floatType, shape, `d.${name}`);
  return g.toModel();
}

/** The shape [S, B, ...size], S and B taken from `like` [S, B, 1]. */
function shapeLike(g: Graph, like: Value, ...size: number[]): Value {
  return concat(g, [g.op('Slice', [g.op('Shape', [like]), g.integers(0), g.integers(2)]), g.integers(...size)], 0);
}

/** The file that is served: features [B, F], h and c [B, H], memory [B, M, D + 1] -> quantiles [B, horizons * Q], h_next, c_next, memory_next. */
export function quoteGraph(s: QuoteSizes, parameters: Parameters): Uint8Array {
  const { featureSize: F, hiddenSize: H, memorySize: D, memoryPlaces: M } = s;
  const g = new Graph('quotes');
  const features = g.input('features', 'float32', ['B', F]);
  const h = g.input('h', 'float32', ['B', H]);
  const c = g.input('c', 'float32', ['B', H]);
  const memory = g.input('memory', 'float32', ['B', M, D + 1]);
  const p = Object.fromEntries(Object.entries(quoteShapes(s)).filter(([name]) => !name.startsWith('lstm.')).map(([name, shape]) => [name, g.constant(name, shape, parameters[name]!)]));
  const arrays = { input: parameters['lstm.input']!, recurrent: parameters['lstm.recurrent']!, bias: parameters['lstm.bias']! };
  const step = lstmOperator(g, 'lstm', unsqueeze(g, features, 0), [arrays], { inputSize: F, hiddenSize: H }, { lengths: '', h0: unsqueeze(g, h, 0), c0: unsqueeze(g, c, 0) });
  const hNext = g.op('Squeeze', [step.h, g.integers(0)], {}, 'h_next'); // [B, H]
  const items = slice(g, memory, 0, D, 2);
  const open = squeeze(g, slice(g, memory, D, D + 1, 2), 2);
  g.output(read(g, hNext, features, items, open, p, s).output, 'float32', ['B', s.horizons * s.levels.length], 'quantiles');
  g.output(hNext, 'float32', ['B', H]);
  g.output(g.op('Squeeze', [step.c, g.integers(0)], {}, 'c_next'), 'float32', ['B', H]);
  const projected = tanh(g, dense(g, hNext, { weight: p['memory.weight']!, bias: null }).output); // [B, D]
  const one = oneMinus(g, multiply(g, slice(g, projected, 0, 1, 1), g.scalar(0))); // [B, 1]
  g.output(concat(g, [slice(g, memory, 1, M, 1), unsqueeze(g, concat(g, [projected, one], 1), 1)], 1), 'float32', ['B', M, D + 1], 'memory_next');
  return g.toModel();
}

/** Biases of the head such that the untrained network already says `quantiles` (symmetric, [Q]) at each horizon. */
export function quoteBiasStart(horizons: number, quantiles: readonly number[]): Float32Array {
  const half = (quantiles.length - 1) / 2;
  const one = quantiles.map((q, i) => {
    if (i === half) return q;
    const step = i < half ? quantiles[i + 1]! - q : q - quantiles[i - 1]!;
    return Math.log(Math.expm1(step)); // softplus of this is the step
  });
  return Float32Array.from(Array.from({ length: horizons }, () => one).flat());
}
