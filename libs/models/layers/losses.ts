/**
 * Losses. Each takes a weight per item, in which the caller puts what it wants: 1 / batch size, a class weight, 0 for padding.
 * - binaryCrossEntropy on log odds, in the form that cannot overflow: max(l, 0) - l y + log(1 + exp(-|l|)).
 * - pinball (quantile loss, Koenker and Bassett 1978): max(tau e, (tau - 1) e) with e = actual - predicted.
 */
import { add, multiply, sigmoid, subtract, sum } from '../onnx/algebra.js';
import type { Graph, Value } from '../onnx/graph.js';

/** logit, target (0..1) and weight [N, 1] -> loss [1]. */
export function binaryCrossEntropy(g: Graph, logit: Value, target: Value, weight: Value) {
  const softplus = add(g, g.op('Relu', [logit]), g.op('Log', [add(g, g.scalar(1), g.op('Exp', [g.op('Neg', [g.op('Abs', [logit])])]))]));
  return {
    output: sum(g, multiply(g, weight, subtract(g, softplus, multiply(g, logit, target))), [0]), // [1]
    /** Gradient of the logit, [N, 1]. */
    backward: () => multiply(g, weight, subtract(g, sigmoid(g, logit), target)),
  };
}

/** predicted [N, Q] for the ascending levels tau [Q], actual and weight [N, 1] -> loss [1]. */
export function pinball(g: Graph, predicted: Value, actual: Value, weight: Value, levels: readonly number[]) {
  const tau = g.constant(`${predicted}.levels`, [levels.length], g.floats(levels));
  const error = subtract(g, actual, predicted); // [N, Q]
  const perLevel = g.op('Max', [multiply(g, tau, error), multiply(g, subtract(g, tau, g.scalar(1)), error)]); // [N, Q]
  return {
    output: sum(g, sum(g, multiply(g, weight, perLevel), [1], 'keep'), [0]), // [1]
    /** Gradient of the prediction, [N, Q]: weight (1[error < 0] - tau). */
    backward: () => {
      const below = g.op('Cast', [g.op('Less', [error, g.scalar(0)])], { to: g.floatType === 'float32' ? 1 : 11 });
      return multiply(g, weight, subtract(g, below, tau));
    },
  };
}
