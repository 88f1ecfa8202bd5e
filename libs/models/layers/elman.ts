/**
 * The simple recurrent network of Elman (1990), time first: h' = tanh(x W + h R + b). A Scan forward and, for its
 * gradients, a Scan in the opposite direction. Here to be compared with: it forgets what a gate would keep.
 */
import { add, matmul, multiply, outer, reshape, sum, tanh, tanhSlope, transpose, zerosLike } from '../onnx/algebra.js';
import type { Graph, Value } from '../onnx/graph.js';

export interface ElmanWeights {
  /** [I, H] */
  readonly input: Value;
  /** [H, H] */
  readonly recurrent: Value;
  /** [H] */
  readonly bias: Value;
}

/** x [T, B, I], h0 [B, H] -> hidden states of all steps [T, B, H]. Steps behind a text's end are run and must be ignored. */
export function elman(g: Graph, x: Value, h0: Value, weights: ElmanWeights, { inputSize, hiddenSize: H }: { inputSize: number; hiddenSize: number }) {
  const fromInput = add(g, matmul(g, x, weights.input), weights.bias); // [T, B, H]
  const [, hidden, hBefore] = g.ops('Scan', [h0, fromInput], { body: stepForward(g, weights.recurrent, H), num_scan_inputs: 1 }, 3) as [Value, Value, Value];
  return {
    output: hidden,
    /** gradient of the output: [T, B, H]. Nothing flows into h0. */
    backward: (gradient: Value) => {
      const [, dBent] = g.ops('Scan', [zerosLike(g, h0), gradient, tanhSlope(g, hidden)], {
        body: stepBackward(g, transpose(g, weights.recurrent, 1, 0), H), num_scan_inputs: 2, scan_input_directions: [1, 1], scan_output_directions: [1],
      }, 2) as [Value, Value]; // [T, B, H]
      const flat = reshape(g, dBent, -1, H);
      return {
        x: matmul(g, dBent, transpose(g, weights.input, 1, 0)), // [T, B, I]
        input: outer(g, reshape(g, x, -1, inputSize), flat),
        recurrent: outer(g, reshape(g, hBefore, -1, H), flat),
        bias: sum(g, flat, [0]),
      };
    },
  };
}

function stepForward(g: Graph, recurrent: Value, H: number): Graph {
  const s = g.subgraph(`${g.name}.forward.${recurrent}`);
  const h = s.input('h', g.floatType, ['B', H]);
  const fromInput = s.input('from_input', g.floatType, ['B', H]);
  const next = tanh(s, add(s, fromInput, matmul(s, h, recurrent)));
  s.output(next, g.floatType, ['B', H], 'h_next');
  s.output(next, g.floatType, ['B', H], 'hidden');
  s.output(h, g.floatType, ['B', H], 'h_before');
  return s;
}

function stepBackward(g: Graph, recurrentTransposed: Value, H: number): Graph {
  const s = g.subgraph(`${g.name}.backward.${recurrentTransposed}`);
  const dhNext = s.input('dh_next', g.floatType, ['B', H]);
  const dHidden = s.input('d_hidden', g.floatType, ['B', H]);
  const slope = s.input('slope', g.floatType, ['B', H]);
  const dBent = multiply(s, add(s, dHidden, dhNext), slope);
  s.output(matmul(s, dBent, recurrentTransposed), g.floatType, ['B', H], 'dh_before');
  s.output(dBent, g.floatType, ['B', H]);
  return s;
}
