/**
 * Hard attention: of a batch of long texts, only so many tokens of each are read on. A token's score is how much its word
 * weighs in the linear part, up or down, plus half of the most that it or a neighbour weighs, so that "not" stays beside what
 * it negates. A batch is padded to a length that depends on its texts alone, and a text's scores on nothing but the text:
 * its result does not change with the texts beside it. Where two tokens score the same, the earlier one is taken.
 */
import { add, multiply, squeeze, unsqueeze } from '../onnx/algebra.js';
import type { Graph, Value } from '../onnx/graph.js';

export interface TokenSelection {
  /** Batches of at most so many tokens a text are read whole. */
  readonly over: number;
  /** Of longer ones so many tokens are read, in their order. */
  readonly keep: number;
}

export interface SelectedTokens {
  /** [B, S, K]; S is `keep`, or T in a batch that is read whole. */
  readonly ids: Value;
  /** [B] */
  readonly lengths: Value;
  /** int64 [B, S]: where the tokens stood, ascending. */
  readonly places: Value;
}

const INT32 = 6;

/** ids int32 [B, T, K], lengths int32 [B], mask [B, T] (0 or MASKED), weights [B, T]: of each token's word. */
export function selectTokens(g: Graph, ids: Value, lengths: Value, mask: Value, weights: Value, { over, keep }: TokenSelection): SelectedTokens {
  const own = add(g, g.op('Abs', [weights]), mask); // [B, T]
  const near = squeeze(g, g.op('MaxPool', [unsqueeze(g, own, 1)], { kernel_shape: [3], pads: [1, 1], strides: [1] }), 1); // [B, T]
  const scores = add(g, own, multiply(g, near, g.scalar(0.5)));
  const whole = g.op('Slice', [g.op('Shape', [ids]), g.integers(1), g.integers(2)]); // [T]
  const size = g.op('Where', [g.op('Greater', [whole, g.integers(over)]), g.integers(keep), whole]);
  const [, best] = g.ops('TopK', [scores, size], { axis: 1 }, 2) as [Value, Value];
  const [places] = g.ops('TopK', [best, size], { axis: 1, largest: 0 }, 2) as [Value, Value]; // [B, S], ascending
  return {
    ids: g.op('GatherND', [ids, unsqueeze(g, places, 2)], { batch_dims: 1 }),
    lengths: g.op('Min', [lengths, g.op('Cast', [squeeze(g, size, 0)], { to: INT32 })]),
    places,
  };
}

/** What belongs to the selected tokens, [B, S], laid back where they stood among all ids [B, T, K]: [B, T], zero elsewhere. */
export function layBack(g: Graph, values: Value, places: Value, ids: Value): Value {
  const size = g.op('Slice', [g.op('Shape', [ids]), g.integers(0), g.integers(2)]); // [B, T]
  return g.op('ScatterElements', [g.op('Expand', [g.scalar(0), size]), places, values], { axis: 1 });
}
