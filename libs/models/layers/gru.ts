/**
 * Gated recurrent unit (Cho and others 2014), time first, gates in the order of ONNX: update z, reset r, candidate n.
 *   z, r = sigmoid(.) of x W + h R + b;   n = tanh(x W + (r h) R + b);   h' = (1 - z) n + z h
 * A Scan forward and, for its gradients, a Scan in the opposite direction.
 */
import { add, concat, matmul, multiply, oneMinus, outer, reshape, sigmoid, sigmoidSlope, slice, split, subtract, sum, tanh, tanhSlope, transpose, zerosLike } from '../onnx/algebra.js';
import type { Graph, Value } from '../onnx/graph.js';

export interface GruWeights {
  /** [I, 3H] */
  readonly input: Value;
  /** [H, 3H] */
  readonly recurrent: Value;
  /** [3H] */
  readonly bias: Value;
}

/** x [T, B, I], h0 [B, H] -> hidden states of all steps [T, B, H]. Steps behind a text's end are run and must be ignored. */
export function gru(g: Graph, x: Value, h0: Value, weights: GruWeights, { inputSize, hiddenSize: H }: { inputSize: number; hiddenSize: number }) {
  const fromInput = add(g, matmul(g, x, weights.input), weights.bias); // [T, B, 3H]
  const ofGates = slice(g, weights.recurrent, 0, 2 * H, 1); // [H, 2H]
  const ofCandidate = slice(g, weights.recurrent, 2 * H, 3 * H, 1); // [H, H]
  const [, hidden, hBefore, gates, candidate] = g.ops('Scan', [h0, fromInput], {
    body: stepForward(g, ofGates, ofCandidate, H), num_scan_inputs: 1,
  }, 5) as [Value, Value, Value, Value, Value];
  return {
    output: hidden,
    /** gradient of the output: [T, B, H]. Nothing flows into h0. */
    backward: (gradient: Value) => {
      const [update, reset] = split(g, gates, [H, H], 2) as [Value, Value]; // [T, B, H] each
      const slopes = concat(g, [ // dh -> z and n before their nonlinearity; d(r h) -> r
        multiply(g, subtract(g, hBefore, candidate), sigmoidSlope(g, update)),
        multiply(g, oneMinus(g, update), tanhSlope(g, candidate)),
        multiply(g, hBefore, sigmoidSlope(g, reset)),
      ], 2);
      const [, dAll] = g.ops('Scan', [zerosLike(g, h0), gradient, slopes, gates], {
        body: stepBackward(g, transpose(g, ofGates, 1, 0), transpose(g, ofCandidate, 1, 0), H), num_scan_inputs: 3, scan_input_directions: [1, 1, 1], scan_output_directions: [1],
      }, 2) as [Value, Value]; // [T, B, 3H]
      const flat = reshape(g, dAll, -1, 3 * H);
      const [dGates, dCandidate] = split(g, flat, [2 * H, H], 1) as [Value, Value];
      return {
        x: matmul(g, dAll, transpose(g, weights.input, 1, 0)), // [T, B, I]
        input: outer(g, reshape(g, x, -1, inputSize), flat),
        recurrent: concat(g, [outer(g, reshape(g, hBefore, -1, H), dGates), outer(g, reshape(g, multiply(g, reset, hBefore), -1, H), dCandidate)], 1),
        bias: sum(g, flat, [0]),
      };
    },
  };
}

function stepForward(g: Graph, ofGates: Value, ofCandidate: Value, H: number): Graph {
  const s = g.subgraph(`${g.name}.forward.${ofGates}`);
  const h = s.input('h', g.floatType, ['B', H]);
  const fromInput = s.input('from_input', g.floatType, ['B', 3 * H]);
  const [gatesIn, candidateIn] = split(s, fromInput, [2 * H, H], 1) as [Value, Value];
  const gates = sigmoid(s, add(s, gatesIn, matmul(s, h, ofGates)));
  const [update, reset] = split(s, gates, [H, H], 1) as [Value, Value];
  const candidate = tanh(s, add(s, candidateIn, matmul(s, multiply(s, reset, h), ofCandidate)));
  const next = add(s, candidate, multiply(s, update, subtract(s, h, candidate)));
  s.output(next, g.floatType, ['B', H], 'h_next');
  s.output(next, g.floatType, ['B', H], 'hidden');
  s.output(h, g.floatType, ['B', H], 'h_before');
  s.output(gates, g.floatType, ['B', 2 * H]);
  s.output(candidate, g.floatType, ['B', H]);
  return s;
}

function stepBackward(g: Graph, gatesTransposed: Value, candidateTransposed: Value, H: number): Graph {
  const s = g.subgraph(`${g.name}.backward.${gatesTransposed}`);
  const dhNext = s.input('dh_next', g.floatType, ['B', H]);
  const dHidden = s.input('d_hidden', g.floatType, ['B', H]);
  const slopes = s.input('slopes', g.floatType, ['B', 3 * H]);
  const gates = s.input('gates', g.floatType, ['B', 2 * H]);
  const [slopeUpdate, slopeCandidate, slopeReset] = split(s, slopes, [H, H, H], 1) as [Value, Value, Value];
  const [update, reset] = split(s, gates, [H, H], 1) as [Value, Value];
  const dh = add(s, dHidden, dhNext);
  const dCandidate = multiply(s, dh, slopeCandidate);
  const dResetH = matmul(s, dCandidate, candidateTransposed); // gradient of r h
  const dGates = concat(s, [multiply(s, dh, slopeUpdate), multiply(s, dResetH, slopeReset)], 1); // [B, 2H]
  const through = add(s, multiply(s, dh, update), multiply(s, dResetH, reset));
  s.output(add(s, through, matmul(s, dGates, gatesTransposed)), g.floatType, ['B', H], 'dh_before');
  s.output(concat(s, [dGates, dCandidate], 1), g.floatType, ['B', 3 * H]);
  return s;
}
