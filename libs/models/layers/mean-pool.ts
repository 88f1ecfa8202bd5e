/** The mean of a text's items: what pooling is without attention. */
import { matmul, multiply, squeeze, sum, unsqueeze } from '../onnx/algebra.js';
import type { Graph, Value } from '../onnx/graph.js';

/** items [B, T, D], mask [B, T] (0 for an item, MASKED for padding; one item at least) -> [B, D]. */
export function meanPool(g: Graph, items: Value, mask: Value) {
  const open = g.op('Cast', [g.op('Equal', [mask, g.scalar(0)])], { to: g.floatType === 'float32' ? 1 : 11 }); // [B, T]
  const shares = g.op('Div', [open, sum(g, open, [1], 'keep')]); // [B, T]
  return {
    output: squeeze(g, matmul(g, unsqueeze(g, shares, 1), items), 1), // [B, D]
    /** gradient [B, D] -> that of the items [B, T, D] */
    backward: (gradient: Value): Value => multiply(g, unsqueeze(g, shares, 2), unsqueeze(g, gradient, 1)),
  };
}
