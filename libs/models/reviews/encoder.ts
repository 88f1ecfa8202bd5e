/**
 * Review encoder: token rows summed -> LSTM -> soft attention over (hidden state + token vector) -> review vector and the
 * log odds of "negative" from the text alone. The token vector beside the hidden state lets the weight of a word's own
 * meaning reach the verdict directly, so attention points at the word that carries it.
 * One set of parameters, two graphs: training (forward, loss and all gradients) and serving.
 */
import { add, squeeze, transpose, unsqueeze } from '../onnx/algebra.js';
import { toFloat16 } from '../onnx/float16.js';
import { Graph } from '../onnx/graph.js';
import type { FloatType, Value } from '../onnx/graph.js';
import { MASKED, softAttention } from '../layers/attention.js';
import { dense } from '../layers/dense.js';
import { embeddingSum } from '../layers/embedding-sum.js';
import { binaryCrossEntropy } from '../layers/losses.js';
import { lstm, lstmOperator } from '../layers/lstm.js';
import type { Parameters, Shapes } from './parameters.js';

export interface EncoderSizes {
  /** Size of a token vector, of the hidden state and of the review vector. */
  readonly vectorSize: number;
  readonly attentionSize: number;
  readonly slots: number;
}
export const ENCODER_SIZES: EncoderSizes = { vectorSize: 64, attentionSize: 32, slots: 4 };
/** Log odds are kept within this: beyond one in three thousand the texts teach nothing. */
export const LOGIT_LIMIT = 8;

export function encoderShapes({ vectorSize: D, attentionSize: A }: EncoderSizes): Shapes {
  return {
    'lstm.input': [D, 4 * D],
    'lstm.recurrent': [D, 4 * D],
    'lstm.bias': [4 * D],
    'attention.hidden': [D, A],
    'attention.bias': [A],
    'attention.score': [A, 1],
    'head.weight': [D, 1],
    'head.bias': [1],
  };
}

/**
 * Inputs: tokens [T, B, D] (summed rows), mask [B, T] (0 or MASKED), zero [B, D], keep [B, D] (dropout: 0 or 1 / kept share),
 * target and weight [B, 1], and every parameter. Outputs: loss [1], logit [B, 1], d.tokens [T, B, D], d.<parameter>.
 */
export function encoderTrainingGraph(sizes: EncoderSizes, floatType: FloatType = 'float32'): Uint8Array {
  const { vectorSize: D, attentionSize: A } = sizes;
  const g = new Graph('encoder_training', floatType);
  const tokens = g.input('tokens', floatType, ['T', 'B', D]);
  const mask = g.input('mask', floatType, ['B', 'T']);
  const zero = g.input('zero', floatType, ['B', D]);
  const keep = g.input('keep', floatType, ['B', D]);
  const target = g.input('target', floatType, ['B', 1]);
  const weight = g.input('weight', floatType, ['B', 1]);
  const shapes = encoderShapes(sizes);
  const p = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, g.input(name, floatType, shape)])) as Record<string, Value>;

  const recurrent = lstm(g, tokens, zero, zero, { input: p['lstm.input']!, recurrent: p['lstm.recurrent']!, bias: p['lstm.bias']! }, { inputSize: D, hiddenSize: D });
  const items = transpose(g, add(g, recurrent.output, tokens), 1, 0, 2); // [B, T, D]
  const attention = softAttention(g, items, mask, { hidden: p['attention.hidden']!, bias: p['attention.bias']!, score: p['attention.score']! }, { itemSize: D, attentionSize: A });
  const thinned = g.op('Mul', [attention.output, keep]); // [B, D]
  const head = dense(g, thinned, { weight: p['head.weight']!, bias: p['head.bias']! });
  const loss = binaryCrossEntropy(g, head.output, target, weight);
  g.output(loss.output, floatType, [1], 'loss');
  g.output(head.output, floatType, ['B', 1], 'logit');

  const dHead = head.backward(loss.backward());
  const dAttention = attention.backward(g.op('Mul', [dHead.x, keep]));
  const dItems = transpose(g, dAttention.items, 1, 0, 2); // [T, B, D]
  const dRecurrent = recurrent.backward(dItems);
  g.output(add(g, dRecurrent.x, dItems), floatType, ['T', 'B', D], 'd.tokens');
  const gradients: Record<string, Value> = {
    'lstm.input': dRecurrent.input, 'lstm.recurrent': dRecurrent.recurrent, 'lstm.bias': dRecurrent.bias,
    'attention.hidden': dAttention.hidden, 'attention.bias': dAttention.bias, 'attention.score': dAttention.score,
    'head.weight': dHead.weight, 'head.bias': dHead.bias,
  };
  for (const [name, shape] of Object.entries(shapes)) g.output(gradients[name]!, floatType, shape, `d.${name}`);
  return g.toModel();
}

/** The file that is served. ids int32 [B, T, K], lengths int32 [B] -> vector [B, D], logit [B], attention [B, T]. table [R, D], stored in half precision. */
export function encoderGraph(sizes: EncoderSizes, parameters: Parameters, table: Float32Array): Uint8Array {
  const { vectorSize: D, attentionSize: A, slots } = sizes;
  const g = new Graph('encoder');
  const ids = g.input('ids', 'int32', ['B', 'T', slots]);
  const lengths = g.input('lengths', 'int32', ['B']);
  const constant = (name: string, shape: readonly number[]) => g.constant(name, shape, parameters[name]!);

  const rows = g.constant('embedding', [table.length / D, D], toFloat16(table));
  const tokens = embeddingSum(g, rows, transpose(g, ids, 1, 0, 2)); // [T, B, D]
  const arrays = { input: parameters['lstm.input']!, recurrent: parameters['lstm.recurrent']!, bias: parameters['lstm.bias']! };
  const { all } = lstmOperator(g, 'lstm', tokens, arrays, { inputSize: D, hiddenSize: D }, { lengths, h0: '', c0: '' });
  const items = transpose(g, add(g, squeeze(g, all, 1), tokens), 1, 0, 2); // [B, T, D]
  const weights = { hidden: constant('attention.hidden', [D, A]), bias: constant('attention.bias', [A]), score: constant('attention.score', [A, 1]) };
  const attention = softAttention(g, items, lengthMask(g, ids, lengths), weights, { itemSize: D, attentionSize: A });
  const head = dense(g, attention.output, { weight: constant('head.weight', [D, 1]), bias: constant('head.bias', [1]) });
  const logit = g.op('Clip', [squeeze(g, head.output, 1), g.scalar(-LOGIT_LIMIT), g.scalar(LOGIT_LIMIT)]);
  g.output(attention.output, 'float32', ['B', D], 'vector');
  g.output(logit, 'float32', ['B'], 'logit');
  g.output(attention.attention, 'float32', ['B', 'T'], 'attention');
  return g.toModel();
}

/** ids [B, T, K], lengths [B] -> [B, T]: 0 before a text's end, MASKED behind it. */
function lengthMask(g: Graph, ids: Value, lengths: Value): Value {
  const longest = squeeze(g, g.op('Cast', [g.op('Slice', [g.op('Shape', [ids]), g.integers(1), g.integers(2)])], { to: 6 }), 0);
  const zero = g.constant('first_place', [], Int32Array.of(0));
  const one = g.constant('one_place', [], Int32Array.of(1));
  const places = g.op('Range', [zero, longest, one]); // [T]
  return g.op('Where', [g.op('Less', [places, unsqueeze(g, lengths, 1)]), g.scalar(0), g.scalar(MASKED)]);
}
