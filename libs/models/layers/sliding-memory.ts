/**
 * The memory that each step of a sequence finds: the last M items before it (or up to and with it), the first of them
 * carried in from earlier. For training, where all steps are computed at once; a served step just drops its oldest item.
 */
import { add, concat, reshape, slice, unsqueeze } from '../onnx/algebra.js';
import type { Graph, Value } from '../onnx/graph.js';

const TO_THE_END = Number.MAX_SAFE_INTEGER;

/**
 * carried [M, B, D], items [S, B, D] -> windows [S B, M, D], oldest first. With `offset` 0 a step's window ends before its
 * own item, with 1 it ends with it. All is time first.
 */
export function slidingMemory(g: Graph, carried: Value, items: Value, offset: 0 | 1, { places: M, itemSize: D }: { places: number; itemSize: number }) {
  const all = concat(g, [carried, items], 0); // [M + S, B, D]
  const place = (k: number) => slice(g, all, k + offset, k + offset === M ? TO_THE_END : k + offset - M, 0); // [S, B, D]
  const windows = concat(g, Array.from({ length: M }, (_, k) => unsqueeze(g, place(k), 2)), 2); // [S, B, M, D]
  return {
    output: reshape(g, windows, -1, M, D),
    /** What the next chunk carries: [M, B, D]. */
    last: slice(g, all, -M, TO_THE_END, 0),
    /** gradient [S, B, M, D] -> that of the items [S, B, D]; none flows into what was carried. */
    backward: (gradient: Value): Value => {
      // the item of step t stands in place k of the window of step t + M - k - offset
      const parts = Array.from({ length: M }, (_, k) => earlier(g, reshape3(g, slice(g, gradient, k, k + 1, 2)), M - k - offset));
      return parts.reduce((a, b) => add(g, a, b));
    },
  };
}

/** a [S, B, D] moved by n steps towards the start; zeros enter at the end. */
export function earlier(g: Graph, a: Value, steps: number): Value {
  if (steps === 0) return a;
  return slice(g, g.op('Pad', [a, g.integers(0, 0, 0, steps, 0, 0)]), steps, TO_THE_END, 0);
}

/** [S, B, 1, D] -> [S, B, D] */
const reshape3 = (g: Graph, a: Value): Value => g.op('Squeeze', [a, g.integers(2)]);
