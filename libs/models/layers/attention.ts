/**
 * Two kinds of attention.
 * - softAttention pools a sequence: score_t = v . tanh(W x_t + b), weights = softmax(scores), context = sum weights_t x_t
 *   (Bahdanau et al. 2015, with a learnt vector in place of the query, as Yang et al. 2016). The weights are the evidence
 *   for a score: they say how much of the context came from each word.
 * - memoryAttention asks a bounded memory with a query: score_m = q . k_m / sqrt(D) (Vaswani et al. 2017), keys are values.
 */
import { add, matmul, multiply, outer, reshape, squeeze, subtract, sum, tanh, tanhSlope, transpose, unsqueeze } from '../onnx/algebra.js';
import type { Graph, Value } from '../onnx/graph.js';

/** Added to the score of an empty place: its share becomes zero, and it is finite, so a row of empty places gives no NaN. */
export const MASKED = -1e9;

export interface SoftAttentionWeights {
  /** [D, A] */
  readonly hidden: Value;
  /** [A] */
  readonly bias: Value;
  /** [A, 1] */
  readonly score: Value;
}

/** items [B, T, D], mask [B, T] (0 for an item, MASKED for padding; one item at least) -> context [B, D] and weights [B, T]. */
export function softAttention(g: Graph, items: Value, mask: Value, weights: SoftAttentionWeights, sizes: { itemSize: number; attentionSize: number }) {
  const hidden = tanh(g, add(g, matmul(g, items, weights.hidden), weights.bias)); // [B, T, A]
  const scores = add(g, squeeze(g, matmul(g, hidden, weights.score), 2), mask); // [B, T]
  const attention = g.op('Softmax', [scores], { axis: 1 }); // [B, T]
  const context = squeeze(g, matmul(g, unsqueeze(g, attention, 1), items), 1); // [B, D]
  return {
    output: context,
    attention,
    /** gradient of the context: [B, D] */
    backward: (gradient: Value) => {
      const wide = unsqueeze(g, gradient, 1); // [B, 1, D]
      const dAttention = sum(g, multiply(g, items, wide), [2]); // [B, T]
      const dScores = softmaxBackward(g, attention, dAttention); // [B, T]
      const dHidden = multiply(g, matmul(g, unsqueeze(g, dScores, 2), transpose(g, weights.score, 1, 0)), tanhSlope(g, hidden)); // [B, T, A]
      const flatHidden = reshape(g, dHidden, -1, sizes.attentionSize);
      return {
        items: add(g, multiply(g, unsqueeze(g, attention, 2), wide), matmul(g, dHidden, transpose(g, weights.hidden, 1, 0))), // [B, T, D]
        hidden: outer(g, reshape(g, items, -1, sizes.itemSize), flatHidden), // [D, A]
        bias: sum(g, flatHidden, [0]), // [A]
        score: outer(g, reshape(g, hidden, -1, sizes.attentionSize), reshape(g, dScores, -1, 1)), // [A, 1]
      };
    },
  };
}

/** query [N, D], items [N, M, D], open [N, M] (1 for an item, 0 for an empty place) -> context [N, D] and weights [N, M]. An empty memory gives zeros, exactly. */
export function memoryAttention(g: Graph, query: Value, items: Value, open: Value, size: number) {
  const scale = g.scalar(1 / Math.sqrt(size));
  const closed = multiply(g, subtract(g, open, g.scalar(1)), g.scalar(-MASKED)); // [N, M]
  const scores = multiply(g, squeeze(g, matmul(g, items, unsqueeze(g, query, 2)), 2), scale); // [N, M]
  const shares = g.op('Softmax', [add(g, multiply(g, scores, open), closed)], { axis: 1 }); // [N, M]
  const attention = multiply(g, shares, open); // [N, M]
  const context = squeeze(g, matmul(g, unsqueeze(g, attention, 1), items), 1); // [N, D]
  return {
    output: context,
    attention,
    /** gradient of the context: [N, D] */
    backward: (gradient: Value) => {
      const wide = unsqueeze(g, gradient, 1); // [N, 1, D]
      const dShares = multiply(g, sum(g, multiply(g, items, wide), [2]), open); // [N, M]
      const dScores = unsqueeze(g, multiply(g, multiply(g, softmaxBackward(g, shares, dShares), open), scale), 2); // [N, M, 1]
      return {
        query: sum(g, multiply(g, items, dScores), [1]), // [N, D]
        items: add(g, multiply(g, unsqueeze(g, attention, 2), wide), multiply(g, dScores, unsqueeze(g, query, 1))), // [N, M, D]
      };
    },
  };
}

/** p = softmax(s): ds = p (dp - sum p dp), over the last of two axes. */
function softmaxBackward(g: Graph, p: Value, dp: Value): Value {
  return multiply(g, p, subtract(g, dp, sum(g, multiply(g, p, dp), [1], 'keep')));
}
