/**
 * Small readers of texts that the encoder is measured against: the rows of a token summed -> a cell, or none -> the mean
 * over the text, or soft attention -> log odds. Without a cell and with the mean it is fastText's classifier (Joulin and
 * others 2017). Another cell is one line in CELLS.
 */
import { squeeze, transpose } from '../onnx/algebra.js';
import { Graph } from '../onnx/graph.js';
import type { FloatType, Value } from '../onnx/graph.js';
import { softAttention } from '../layers/attention.js';
import { dense } from '../layers/dense.js';
import { elman } from '../layers/elman.js';
import { embeddingSum } from '../layers/embedding-sum.js';
import { gru } from '../layers/gru.js';
import { binaryCrossEntropy } from '../layers/losses.js';
import { lstm } from '../layers/lstm.js';
import { meanPool } from '../layers/mean-pool.js';
import { lengthMask } from './encoder.js';
import type { EncoderSizes } from './encoder.js';
import type { Shapes } from './parameters.js';
import type { TextNetwork } from './text-network.js';

type CellWeights = { readonly input: Value; readonly recurrent: Value; readonly bias: Value };
type Cell = (g: Graph, x: Value, zero: Value, weights: CellWeights, sizes: { inputSize: number; hiddenSize: number }) => { output: Value; backward: (gradient: Value) => CellWeights & { x: Value } };

/** gates: blocks of weights that a cell has. */
const CELLS = {
  elman: { gates: 1, run: elman },
  gru: { gates: 3, run: gru },
  lstm: { gates: 4, run: (g, x, zero, weights, sizes) => lstm(g, x, zero, zero, weights, sizes) },
} as const satisfies Record<string, { gates: number; run: Cell }>;

export interface ReaderDesign {
  readonly cell: keyof typeof CELLS | null;
  readonly pooling: 'mean' | 'attention';
}
type ReaderSizes = Pick<EncoderSizes, 'tokenSize' | 'hiddenSize' | 'attentionSize' | 'slots'>;

export function readerNetwork(design: ReaderDesign, sizes: ReaderSizes, floatType: FloatType = 'float32'): TextNetwork {
  const itemSize = design.cell === null ? sizes.tokenSize : sizes.hiddenSize;
  const shapes = readerShapes(design, sizes);
  return {
    ...sizes, pooledSize: itemSize, vectorSize: itemSize, shapes, training: trainingGraph(design, sizes, shapes, floatType),
    serving: (parameters, table) => {
      const g = new Graph('reader');
      const ids = g.input('ids', 'int32', ['B', 'T', sizes.slots]);
      const lengths = g.input('lengths', 'int32', ['B']);
      const p = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, g.constant(name, shape, parameters[name]!)]));
      const tokens = transpose(g, embeddingSum(g, 'embedding', table, sizes.tokenSize, sizes.slots, ids), 1, 0, 2); // [T, B, E]
      const zero = g.op('Expand', [g.scalar(0), g.op('Concat', [g.op('Shape', [lengths]), g.integers(sizes.hiddenSize)], { axis: 0 })]); // [B, H]
      const pooled = readAndPool(g, design, sizes, p, { tokens, zero, mask: lengthMask(g, ids, lengths) });
      g.output(pooled.output, 'float32', ['B', itemSize], 'vector');
      g.output(squeeze(g, head(g, pooled.output, p).output, 1), 'float32', ['B'], 'logit');
      return g.toModel();
    },
  };
}

function readerShapes({ cell, pooling }: ReaderDesign, { tokenSize: E, hiddenSize: H, attentionSize: A }: ReaderSizes): Shapes {
  const I = cell === null ? E : H;
  const gates = cell === null ? 0 : CELLS[cell].gates;
  return {
    ...(cell === null ? {} : { [`${cell}.input`]: [E, gates * H], [`${cell}.recurrent`]: [H, gates * H], [`${cell}.bias`]: [gates * H] }),
    ...(pooling === 'mean' ? {} : { 'attention.hidden': [I, A], 'attention.bias': [A], 'attention.score': [A, 1] }),
    'head.weight': [I, 1],
    'head.bias': [1],
  };
}

const head = (g: Graph, pooled: Value, p: Readonly<Record<string, Value>>) => dense(g, pooled, { weight: p['head.weight']!, bias: p['head.bias']! });

/** backward: from the gradient of what is pooled [B, P] to those of the tokens and, by name, the parameters. */
function readAndPool(g: Graph, { cell, pooling }: ReaderDesign, { tokenSize, hiddenSize, attentionSize }: ReaderSizes, p: Readonly<Record<string, Value>>, { tokens, zero, mask }: { tokens: Value; zero: Value; mask: Value }) {
  const read = cell === null ? null : CELLS[cell].run(g, tokens, zero, { input: p[`${cell}.input`]!, recurrent: p[`${cell}.recurrent`]!, bias: p[`${cell}.bias`]! }, { inputSize: tokenSize, hiddenSize });
  const items = transpose(g, read?.output ?? tokens, 1, 0, 2); // [B, T, I]
  const pooled = pooling === 'mean' ? meanPool(g, items, mask) : attend(g, items, mask, p, { itemSize: read === null ? tokenSize : hiddenSize, attentionSize });
  return {
    output: pooled.output,
    backward: (gradient: Value): { tokens: Value; parameters: Record<string, Value> } => {
      const found = pooled.backward(gradient);
      const { items: dItems, ...ofPooling } = typeof found === 'string' ? { items: found } : found;
      const flowing = transpose(g, dItems, 1, 0, 2); // [T, B, I]
      const named = (part: string, d: Record<string, Value>) => Object.fromEntries(Object.entries(d).map(([name, value]) => [`${part}.${name}`, value]));
      if (read === null) return { tokens: flowing, parameters: named('attention', ofPooling) };
      const { x, ...ofCell } = read.backward(flowing);
      return { tokens: x, parameters: { ...named('attention', ofPooling), ...named(cell!, ofCell) } };
    },
  };
}

const attend = (g: Graph, items: Value, mask: Value, p: Readonly<Record<string, Value>>, sizes: { itemSize: number; attentionSize: number }) =>
  softAttention(g, items, mask, { hidden: p['attention.hidden']!, bias: p['attention.bias']!, score: p['attention.score']! }, sizes);

function trainingGraph(design: ReaderDesign, sizes: ReaderSizes, shapes: Shapes, floatType: FloatType): Uint8Array {
  const { tokenSize: E, hiddenSize: H } = sizes;
  const P = design.cell === null ? E : H;
  const g = new Graph('reader_training', floatType);
  const input = (name: string, dimensions: readonly (string | number)[]) => g.input(name, floatType, dimensions);
  const given = { tokens: input('tokens', ['T', 'B', E]), mask: input('mask', ['B', 'T']), zero: input('zero', ['B', H]) };
  g.input('lengths', 'int64', ['B']);
  const [keep, target, weight] = [input('keep', ['B', P]), input('target', ['B', 1]), input('weight', ['B', 1])];
  const p = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, input(name, shape)]));
  const pooled = readAndPool(g, design, sizes, p, given);
  const last = head(g, g.op('Mul', [pooled.output, keep]), p);
  const loss = binaryCrossEntropy(g, last.output, target, weight);
  g.output(loss.output, floatType, [1], 'loss');
  g.output(last.output, floatType, ['B', 1], 'logit');

  const dLast = last.backward(loss.backward());
  const d = pooled.backward(g.op('Mul', [dLast.x, keep]));
  const gradients: Record<string, Value> = { ...d.parameters, 'head.weight': dLast.weight, 'head.bias': dLast.bias };
  g.output(d.tokens, floatType, ['T', 'B', E], 'd.tokens');
  for (const [name, shape] of Object.entries(shapes)) g.output(gradients[name]!, floatType, shape, `d.${name}`);
  return g.toModel();
}
