/**
 * A token's vector is the sum of a few rows of one table: its word's and those of its hashed pieces (as fastText,
 * Bojanowski et al. 2017). Row 0 is empty: it is all zeros and never trained. Serving gathers in the graph; training
 * gathers and scatters outside of it, since a batch touches only a small part of the table.
 */
import { add, multiply, slice, squeeze } from '../onnx/algebra.js';
import type { Graph, Value } from '../onnx/graph.js';

/**
 * table [R, E], stored in eight bits with a scale for each column; ids int32 [B, T, K] -> float32 [B, T, E].
 * The slots are looked up one by one and added, in a third less time than one look-up and a sum over its short axis, to the same
 * bits: whole numbers this small have one sum in any order.
 */
export function embeddingSum(g: Graph, name: string, table: Float32Array, size: number, slots: number, ids: Value): Value {
  const { whole, scales } = toEightBits(table, size);
  const rows = g.constant(name, [table.length / size, size], whole);
  const ofSlot = (k: number) => g.op('Cast', [g.op('Gather', [rows, squeeze(g, slice(g, ids, k, k + 1, 2), 2)], { axis: 0 })], { to: 1 }); // [B, T, E]
  const total = Array.from({ length: slots }, (_, k) => ofSlot(k)).reduce((a, b) => add(g, a, b));
  return multiply(g, total, g.constant(`${name}.scales`, [size], scales));
}

/** Nearest multiples of each column's scale, which is such that its largest number becomes 127. */
export function toEightBits(table: Float32Array, size: number): { whole: Int8Array; scales: Float32Array } {
  const scales = new Float32Array(size);
  table.forEach((value, i) => { scales[i % size] = Math.max(scales[i % size]!, Math.abs(value) / 127); });
  return { whole: Int8Array.from(table, (value, i) => (value === 0 ? 0 : Math.round(value / scales[i % size]!))), scales };
}

/** The same outside the graph: ids [N, K] -> sums [N, E], written into `into`. */
export function gatherSums(table: Float32Array, size: number, ids: Int32Array, slots: number, into: Float32Array): void {
  into.fill(0, 0, (ids.length / slots) * size);
  for (let i = 0; i < ids.length; i++) {
    const row = ids[i]! * size;
    if (row === 0) continue;
    const at = Math.floor(i / slots) * size;
    for (let e = 0; e < size; e++) into[at + e]! += table[row + e]!;
  }
}

/** Gradients of the touched rows, in the order of their first touch: `gradients` holds rows.length * size numbers. */
export interface RowGradients {
  readonly rows: Int32Array;
  readonly gradients: Float32Array;
}

/** Its gradient rule: every row that went into a sum receives that sum's gradient; row 0 none. gradient [N, E], ids [N, K]. */
export function scatterRows(gradient: Float32Array, size: number, ids: Int32Array, slots: number, placeOfRow: Int32Array): RowGradients {
  const rows: number[] = [];
  let gradients = new Float32Array(Math.min(ids.length, placeOfRow.length) * size);
  for (let i = 0; i < ids.length; i++) {
    const row = ids[i]!;
    if (row === 0) continue;
    let place = placeOfRow[row]!;
    if (place < 0) {
      place = rows.length;
      placeOfRow[row] = place;
      rows.push(row);
    }
    const from = Math.floor(i / slots) * size;
    const to = place * size;
    for (let e = 0; e < size; e++) gradients[to + e]! += gradient[from + e]!;
  }
  for (const row of rows) placeOfRow[row] = -1; // left as it was found: all -1
  gradients = gradients.subarray(0, rows.length * size);
  return { rows: Int32Array.from(rows), gradients };
}
