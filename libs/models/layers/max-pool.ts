/**
 * Max pooling over a text (Collobert and others 2011): of each place the largest value that any item has. Beside attention,
 * which averages, it keeps what one strong word says in a long text.
 */
import { add, multiply, unsqueeze } from '../onnx/algebra.js';
import type { Graph, Value } from '../onnx/graph.js';

/** items [B, T, D], mask [B, T] (0 for an item, MASKED for padding; one item at least) -> [B, D]. */
export function maxPool(g: Graph, items: Value, mask: Value) {
  const open = add(g, items, unsqueeze(g, mask, 2)); // [B, T, D]
  const output = g.op('ReduceMax', [open], { axes: [1], keepdims: 0 }); // [B, D]
  return {
    output,
    /** gradient [B, D] -> that of the items [B, T, D]: it goes to the largest, to each of them where several are equal. */
    backward: (gradient: Value): Value => {
      const largest = g.op('Cast', [g.op('Equal', [open, unsqueeze(g, output, 1)])], { to: g.floatType === 'float32' ? 1 : 11 });
      return multiply(g, largest, unsqueeze(g, gradient, 1));
    },
  };
}
