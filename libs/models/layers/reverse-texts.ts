/** The items of each text in the opposite order, padding left behind the end where it was: what a backward LSTM reads. */
import type { Graph, Value } from '../onnx/graph.js';

/** x [T, B, D], lengths int64 [B] -> [T, B, D]. */
export function reverseTexts(g: Graph, x: Value, lengths: Value) {
  const reversed = (a: Value): Value => g.op('ReverseSequence', [a, lengths], { time_axis: 0, batch_axis: 1 });
  return { output: reversed(x), /** gradient [T, B, D] */ backward: reversed };
}
