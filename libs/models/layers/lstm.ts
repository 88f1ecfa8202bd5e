/**
 * Long short-term memory over a sequence, time first. Training runs it as a Scan whose backward rule is a second Scan in
 * the opposite direction; serving runs the fused ONNX LSTM operator on the same weights.
 * Gates stand in the order input, output, forget, candidate (i, o, f, g), as in ONNX:
 *   i, o, f = sigmoid(.), g = tanh(.) of x W + h R + b;   c' = f c + i g;   h' = o tanh(c')
 * Source: Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000; backward derived by hand.
 */
import { add, concat, matmul, multiply, outer, reshape, sigmoidSlope, split, sum, tanhSlope, transpose, zerosLike } from '../onnx/algebra.js';
import type { Graph, Value } from '../onnx/graph.js';
import type { OnnxTensor } from '../onnx/read-model.js';

export interface LstmWeights {
  /** [I, 4H] */
  readonly input: Value;
  /** [H, 4H] */
  readonly recurrent: Value;
  /** [4H] */
  readonly bias: Value;
}
export interface LstmSizes {
  readonly inputSize: number;
  readonly hiddenSize: number;
}

/** x [T, B, I], h0 and c0 [B, H] -> hidden states of all steps [T, B, H]. Steps behind a text's end are run and must be ignored. */
export function lstm(g: Graph, x: Value, h0: Value, c0: Value, weights: LstmWeights, { inputSize, hiddenSize: H }: LstmSizes) {
  const fromInput = add(g, matmul(g, x, weights.input), weights.bias); // [T, B, 4H]
  const [hLast, cLast, hidden, hBefore, cBefore, sigmoids, candidate, tanhCell] = g.ops(
    'Scan', [h0, c0, fromInput], { body: stepForward(g, weights.recurrent, H), num_scan_inputs: 1 }, 8,
  ) as [Value, Value, Value, Value, Value, Value, Value, Value];
  return {
    output: hidden, // [T, B, H]
    /** h before each step: [T, B, H] */
    before: hBefore,
    last: { h: hLast, c: cLast }, // [B, H] each
    /** gradient of the output: [T, B, H]. Nothing flows into h0 and c0: a carried state is where the gradient is cut. */
    backward: (gradient: Value) => {
      const [input, output, forget] = split(g, sigmoids, [H, H, H], 2) as [Value, Value, Value]; // [T, B, H] each
      const throughCell = multiply(g, output, tanhSlope(g, tanhCell)); // dh -> dc
      const slopes = concat(g, [ // dc or dh -> gates before their nonlinearity, [T, B, 4H]
        multiply(g, candidate, sigmoidSlope(g, input)),
        multiply(g, tanhCell, sigmoidSlope(g, output)),
        multiply(g, cBefore, sigmoidSlope(g, forget)),
        multiply(g, input, tanhSlope(g, candidate)),
      ], 2);
      const [, , dGates] = g.ops('Scan', [zerosLike(g, h0), zerosLike(g, h0), gradient, throughCell, slopes, forget], {
        body: stepBackward(g, transpose(g, weights.recurrent, 1, 0), H),
        num_scan_inputs: 4, scan_input_directions: [1, 1, 1, 1], scan_output_directions: [1],
      }, 3) as [Value, Value, Value]; // [T, B, 4H]
      const flat = reshape(g, dGates, -1, 4 * H);
      return {
        x: matmul(g, dGates, transpose(g, weights.input, 1, 0)), // [T, B, I]
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
  const c = s.input('c', g.floatType, ['B', H]);
  const fromInput = s.input('from_input', g.floatType, ['B', 4 * H]);
  const [preSigmoid, preTanh] = split(s, add(s, fromInput, matmul(s, h, recurrent)), [3 * H, H], 1) as [Value, Value];
  const sigmoids = s.op('Sigmoid', [preSigmoid]);
  const [i, o, f] = split(s, sigmoids, [H, H, H], 1) as [Value, Value, Value];
  const candidate = s.op('Tanh', [preTanh]);
  const cNext = add(s, multiply(s, f, c), multiply(s, i, candidate));
  const tanhCell = s.op('Tanh', [cNext]);
  const hNext = multiply(s, o, tanhCell);
  s.output(hNext, g.floatType, ['B', H], 'h_next');
  s.output(cNext, g.floatType, ['B', H], 'c_next');
  s.output(hNext, g.floatType, ['B', H], 'hidden');
  s.output(h, g.floatType, ['B', H], 'h_before');
  s.output(c, g.floatType, ['B', H], 'c_before');
  s.output(sigmoids, g.floatType, ['B', 3 * H]);
  s.output(candidate, g.floatType, ['B', H]);
  s.output(tanhCell, g.floatType, ['B', H]);
  return s;
}

function stepBackward(g: Graph, recurrentTransposed: Value, H: number): Graph {
  const s = g.subgraph(`${g.name}.backward.${recurrentTransposed}`);
  const dhNext = s.input('dh_next', g.floatType, ['B', H]);
  const dcNext = s.input('dc_next', g.floatType, ['B', H]);
  const dHidden = s.input('d_hidden', g.floatType, ['B', H]);
  const throughCell = s.input('through_cell', g.floatType, ['B', H]);
  const slopes = s.input('slopes', g.floatType, ['B', 4 * H]);
  const forget = s.input('forget', g.floatType, ['B', H]);
  const dh = add(s, dHidden, dhNext);
  const dc = add(s, dcNext, multiply(s, dh, throughCell));
  const dGates = multiply(s, concat(s, [dc, dh, dc, dc], 1), slopes); // [B, 4H]
  s.output(matmul(s, dGates, recurrentTransposed), g.floatType, ['B', H], 'dh_before');
  s.output(multiply(s, dc, forget), g.floatType, ['B', H], 'dc_before');
  s.output(dGates, g.floatType, ['B', 4 * H]);
  return s;
}

export interface LstmArrays {
  readonly input: Float32Array;
  readonly recurrent: Float32Array;
  readonly bias: Float32Array;
}

/**
 * The serving form: the fused operator, with constants made from the trained arrays of N = 1 (forward) or 2 (both) directions.
 * x [T, B, I]; lengths int32 [B], h0 and c0 [N, B, H], each '' where left out. A text's result does not change with the texts
 * beside it. Returns all [T, N, B, H] (zero behind a text's end), h and c [N, B, H] of each text's last step.
 */
export function lstmOperator(g: Graph, name: string, x: Value, arrays: readonly LstmArrays[], { inputSize, hiddenSize: H }: LstmSizes, given: { lengths: Value; h0: Value; c0: Value }) {
  const n = arrays.length;
  const bias = new Float32Array(n * 8 * H); // of each direction: input bias, then recurrent bias (zero: one is enough)
  arrays.forEach((one, k) => bias.set(one.bias, k * 8 * H));
  const [all, h, c] = g.ops('LSTM', [
    x,
    g.constant(`${name}.input`, [n, 4 * H, inputSize], joined(arrays.map((one) => transposed(one.input, inputSize, 4 * H)))),
    g.constant(`${name}.recurrent`, [n, 4 * H, H], joined(arrays.map((one) => transposed(one.recurrent, H, 4 * H)))),
    g.constant(`${name}.bias`, [n, 8 * H], bias),
    given.lengths, given.h0, given.c0,
  ], { hidden_size: H, ...(n === 2 ? { direction: 'bidirectional' } : {}) }, 3) as [Value, Value, Value];
  return { all, h, c };
}

/** The trained arrays of each direction, from the constants of the serving form. */
export function lstmArrays(constants: ReadonlyMap<string, OnnxTensor>, name: string, { inputSize, hiddenSize: H }: LstmSizes): LstmArrays[] {
  const of = (key: string) => constants.get(`${name}.${key}`)!.data as Float32Array;
  const part = (all: Float32Array, k: number, size: number) => all.slice(k * size, (k + 1) * size);
  return Array.from({ length: of('bias').length / (8 * H) }, (_, k) => ({
    input: transposed(part(of('input'), k, 4 * H * inputSize), 4 * H, inputSize),
    recurrent: transposed(part(of('recurrent'), k, 4 * H * H), 4 * H, H),
    bias: part(of('bias'), k, 8 * H).slice(0, 4 * H),
  }));
}

const joined = (parts: readonly Float32Array[]): Float32Array => Float32Array.from(parts.flatMap((part) => [...part]));

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) result[c * rows + r] = matrix[r * columns + c]!;
  return result;
}

/** The forget gate's share of a bias starts at one, so that a young network remembers (Jozefowicz et al. 2015). */
export function lstmBiasStart(hiddenSize: number): Float32Array {
  return new Float32Array(4 * hiddenSize).fill(1, 2 * hiddenSize, 3 * hiddenSize);
}

