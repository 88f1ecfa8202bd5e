/**
 * Review encoder: the rows of a token summed -> LSTM in both directions -> items (both hidden states and the token itself)
 * -> soft attention and max pooling over them -> tanh layer = review vector -> log odds of "negative" from the text alone.
 * The token among the items lets a word's own meaning reach the verdict directly, so attention points at the word that carries it.
 * Served beside it, and trained apart: a linear part over words and pairs of words, whose log odds are added.
 * One set of parameters, two graphs: training (forward, loss and all gradients) and serving.
 */
import { add, concat, reshape, split, squeeze, transpose, unsqueeze } from '../onnx/algebra.js';
import { Graph } from '../onnx/graph.js';
import type { FloatType, Value } from '../onnx/graph.js';
import { MASKED, softAttention } from '../layers/attention.js';
import { dense, tanhLayer } from '../layers/dense.js';
import { embeddingSum } from '../layers/embedding-sum.js';
import { binaryCrossEntropy } from '../layers/losses.js';
import { lstm, lstmOperator } from '../layers/lstm.js';
import { maxPool } from '../layers/max-pool.js';
import { reverseTexts } from '../layers/reverse-texts.js';
import { layBack, selectTokens } from '../layers/select-tokens.js';
import type { TokenSelection } from '../layers/select-tokens.js';
import { wordPairs } from '../layers/word-pairs.js';
import type { WordPairWeights } from '../layers/word-pairs.js';
import type { Parameters, Shapes } from './parameters.js';
import type { TextNetwork } from './text-network.js';

export interface EncoderSizes {
  /** Size of an embedding row. */
  readonly tokenSize: number;
  /** Of the hidden state of each direction. */
  readonly hiddenSize: number;
  readonly attentionSize: number;
  /** Of the review vector. */
  readonly vectorSize: number;
  readonly slots: number;
}
export const ENCODER_SIZES: EncoderSizes = { tokenSize: 64, hiddenSize: 48, attentionSize: 32, vectorSize: 64, slots: 4 };
/** Log odds are kept within this: beyond one in three thousand the texts teach nothing. */
export const LOGIT_LIMIT = 8;

/** Numbers of an item: both hidden states and the token. */
export const itemSizeOf = ({ tokenSize, hiddenSize }: EncoderSizes): number => 2 * hiddenSize + tokenSize;
export const ENCODER_DIRECTIONS = ['lstm', 'lstmBack'] as const;

export function encoderShapes(sizes: EncoderSizes): Shapes {
  const { tokenSize: E, hiddenSize: H, attentionSize: A, vectorSize: D } = sizes;
  const I = itemSizeOf(sizes);
  return {
    ...Object.fromEntries(ENCODER_DIRECTIONS.flatMap((name) => [[`${name}.input`, [E, 4 * H]], [`${name}.recurrent`, [H, 4 * H]], [`${name}.bias`, [4 * H]]])),
    'attention.hidden': [I, A],
    'attention.bias': [A],
    'attention.score': [A, 1],
    'vector.weight': [2 * I, D],
    'vector.bias': [D],
    'head.weight': [D, 1],
    'head.bias': [1],
  };
}

/**
 * Inputs: tokens [T, B, E] (summed rows), mask [B, T] (0 or MASKED), lengths int64 [B], zero [B, H], keep [B, 2 I] (dropout: 0 or
 * 1 / kept share), target and weight [B, 1], and every parameter. Outputs: loss [1], logit [B, 1], d.tokens [T, B, E], d.<parameter>.
 */
export function encoderTrainingGraph(sizes: EncoderSizes, floatType: FloatType = 'float32'): Uint8Array {
  const { tokenSize: E, hiddenSize: H, attentionSize: A } = sizes;
  const I = itemSizeOf(sizes);
  const g = new Graph('encoder_training', floatType);
  const tokens = g.input('tokens', floatType, ['T', 'B', E]);
  const mask = g.input('mask', floatType, ['B', 'T']);
  const lengths = g.input('lengths', 'int64', ['B']);
  const zero = g.input('zero', floatType, ['B', H]);
  const keep = g.input('keep', floatType, ['B', 2 * I]);
  const target = g.input('target', floatType, ['B', 1]);
  const weight = g.input('weight', floatType, ['B', 1]);
  const shapes = encoderShapes(sizes);
  const p = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, g.input(name, floatType, shape)])) as Record<string, Value>;
  const weightsOf = (name: string) => ({ input: p[`${name}.input`]!, recurrent: p[`${name}.recurrent`]!, bias: p[`${name}.bias`]! });

  const ahead = lstm(g, tokens, zero, zero, weightsOf('lstm'), { inputSize: E, hiddenSize: H });
  const turned = reverseTexts(g, tokens, lengths);
  const back = lstm(g, turned.output, zero, zero, weightsOf('lstmBack'), { inputSize: E, hiddenSize: H });
  const returned = reverseTexts(g, back.output, lengths);
  const items = transpose(g, concat(g, [ahead.output, returned.output, tokens], 2), 1, 0, 2); // [B, T, I]
  const attention = softAttention(g, items, mask, { hidden: p['attention.hidden']!, bias: p['attention.bias']!, score: p['attention.score']! }, { itemSize: I, attentionSize: A });
  const largest = maxPool(g, items, mask);
  const thinned = g.op('Mul', [concat(g, [attention.output, largest.output], 1), keep]); // [B, 2 I]
  const project = dense(g, thinned, { weight: p['vector.weight']!, bias: p['vector.bias']! });
  const vector = tanhLayer(g, project.output); // [B, D]
  const head = dense(g, vector.output, { weight: p['head.weight']!, bias: p['head.bias']! });
  const loss = binaryCrossEntropy(g, head.output, target, weight);
  g.output(loss.output, floatType, [1], 'loss');
  g.output(head.output, floatType, ['B', 1], 'logit');

  const dHead = head.backward(loss.backward());
  const dProject = project.backward(vector.backward(dHead.x));
  const [dContext, dLargest] = split(g, g.op('Mul', [dProject.x, keep]), [I, I], 1) as [Value, Value];
  const dAttention = attention.backward(dContext);
  const dItems = transpose(g, add(g, dAttention.items, largest.backward(dLargest)), 1, 0, 2); // [T, B, I]
  const [dAhead, dBack, dDirect] = split(g, dItems, [H, H, E], 2) as [Value, Value, Value];
  const gradients: Record<string, Value> = { 'attention.hidden': dAttention.hidden, 'attention.bias': dAttention.bias, 'attention.score': dAttention.score, 'vector.weight': dProject.weight, 'vector.bias': dProject.bias, 'head.weight': dHead.weight, 'head.bias': dHead.bias };
  const collect = (name: string, d: { input: Value; recurrent: Value; bias: Value }) => Object.assign(gradients, { [`${name}.input`]: d.input, [`${name}.recurrent`]: d.recurrent, [`${name}.bias`]: d.bias });
  const fromAhead = ahead.backward(dAhead);
  const fromBack = back.backward(returned.backward(dBack));
  collect('lstm', fromAhead);
  collect('lstmBack', fromBack);
  g.output(add(g, add(g, fromAhead.x, turned.backward(fromBack.x)), dDirect), floatType, ['T', 'B', E], 'd.tokens');
  for (const [name, shape] of Object.entries(shapes)) g.output(gradients[name]!, floatType, shape, `d.${name}`);
  return g.toModel();
}

/** The file that is served. ids int32 [B, T, K], lengths int32 [B] -> vector [B, D], logit [B], attention [B, T]. table [R, E] is stored in eight bits.
 * linear: what words and pairs of words add to the log odds; null for nothing. selection: of longer texts the network reads the tokens alone
 * that weigh most in the linear part, which itself reads all; null where it reads all. */
export function encoderGraph(sizes: EncoderSizes, parameters: Parameters, table: Float32Array, linear: WordPairWeights | null, selection: TokenSelection | null = null): Uint8Array {
  const { tokenSize: E, hiddenSize: H, attentionSize: A, vectorSize: D, slots } = sizes;
  const I = itemSizeOf(sizes);
  const g = new Graph('encoder');
  const ids = g.input('ids', 'int32', ['B', 'T', slots]);
  const lengths = g.input('lengths', 'int32', ['B']);
  const constant = (name: string, shape: readonly number[]) => g.constant(name, shape, parameters[name]!);

  const whole = { ids, lengths, places: null };
  const early = selection === null ? null : wordPairs(g, 'linear', requireLinear(linear), ids);
  const read = early === null ? whole : selectTokens(g, ids, lengths, lengthMask(g, ids, lengths, 'whole.'), early.ofWords, selection!);
  const tokens = embeddingSum(g, 'embedding', table, E, slots, read.ids); // [B, T, E]
  const arraysOf = (name: string) => ({ input: parameters[`${name}.input`]!, recurrent: parameters[`${name}.recurrent`]!, bias: parameters[`${name}.bias`]! });
  const { all } = lstmOperator(g, 'lstm', transpose(g, tokens, 1, 0, 2), ENCODER_DIRECTIONS.map(arraysOf), { inputSize: E, hiddenSize: H }, { lengths: read.lengths, h0: '', c0: '' }); // [T, 2, B, H]
  const bothWays = reshape(g, transpose(g, all, 2, 0, 1, 3), 0, 0, 2 * H); // [B, T, 2 H]
  const items = concat(g, [bothWays, tokens], 2); // [B, T, I]
  const mask = lengthMask(g, read.ids, read.lengths);
  const weights = { hidden: constant('attention.hidden', [I, A]), bias: constant('attention.bias', [A]), score: constant('attention.score', [A, 1]) };
  const attention = softAttention(g, items, mask, weights, { itemSize: I, attentionSize: A });
  const pooled = concat(g, [attention.output, maxPool(g, items, mask).output], 1); // [B, 2 I]
  const vector = tanhLayer(g, dense(g, pooled, { weight: constant('vector.weight', [2 * I, D]), bias: constant('vector.bias', [D]) }).output);
  const head = dense(g, vector.output, { weight: constant('head.weight', [D, 1]), bias: constant('head.bias', [1]) });
  const ofVector = squeeze(g, head.output, 1); // [B]
  const both = linear === null ? ofVector : add(g, ofVector, (early ?? wordPairs(g, 'linear', linear, ids)).output);
  const logit = g.op('Clip', [both, g.scalar(-LOGIT_LIMIT), g.scalar(LOGIT_LIMIT)]);
  g.output(vector.output, 'float32', ['B', D], 'vector');
  g.output(logit, 'float32', ['B'], 'logit');
  g.output(read.places === null ? attention.attention : layBack(g, attention.attention, read.places, ids), 'float32', ['B', 'T'], 'attention');
  return g.toModel();
}

function requireLinear(linear: WordPairWeights | null): WordPairWeights {
  if (linear === null) throw new RangeError('tokens are selected by their weight in the linear part, and this encoder has none');
  return linear;
}

/** The encoder as training takes it; its linear part is trained apart. */
export const encoderNetwork = (sizes: EncoderSizes): TextNetwork => ({
  ...sizes, pooledSize: 2 * itemSizeOf(sizes), shapes: encoderShapes(sizes), training: encoderTrainingGraph(sizes),
  serving: (parameters, table) => encoderGraph(sizes, parameters, table, null),
});

/** ids [B, T, K], lengths [B] -> [B, T]: 0 before a text's end, MASKED behind it. */
export function lengthMask(g: Graph, ids: Value, lengths: Value, name = ''): Value {
  const longest = squeeze(g, g.op('Cast', [g.op('Slice', [g.op('Shape', [ids]), g.integers(1), g.integers(2)])], { to: 6 }), 0);
  const zero = g.constant(`${name}first_place`, [], Int32Array.of(0));
  const one = g.constant(`${name}one_place`, [], Int32Array.of(1));
  const places = g.op('Range', [zero, longest, one]); // [T]
  return g.op('Where', [g.op('Less', [places, unsqueeze(g, lengths, 1)]), g.scalar(0), g.scalar(MASKED)]);
}
