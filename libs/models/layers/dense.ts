/**
 * A layer is a function that adds its forward nodes to the graph and returns their output together with `backward`,
 * which adds the nodes that turn the gradient of the output into the gradients of inputs and weights. A training graph
 * is then the layers called in order and their `backward` called in the opposite order, all in one ONNX file.
 */
import { outer, sum, tanh, tanhSlope, timesTransposed, multiply } from '../onnx/algebra.js';
import type { Graph, Value } from '../onnx/graph.js';

export interface DenseWeights {
  /** [I, O] */
  readonly weight: Value;
  /** [O], or null for none. */
  readonly bias: Value | null;
}

/** x [N, I] -> x W + b [N, O]. */
export function dense(g: Graph, x: Value, weights: DenseWeights) {
  const inputs = weights.bias === null ? [x, weights.weight] : [x, weights.weight, weights.bias];
  return {
    output: g.op('Gemm', inputs), // [N, O]
    /** gradient: [N, O] */
    backward: (gradient: Value) => ({
      x: timesTransposed(g, gradient, weights.weight), // [N, I]
      weight: outer(g, x, gradient), // [I, O]
      bias: sum(g, gradient, [0]), // [O]
    }),
  };
}

/** tanh of any shape. */
export function tanhLayer(g: Graph, x: Value) {
  const output = tanh(g, x);
  return { output, backward: (gradient: Value) => multiply(g, gradient, tanhSlope(g, output)) };
}
