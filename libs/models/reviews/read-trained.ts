/** Trained numbers out of the files that are served, so that a training can go on from a model. */
import { lstmArrays } from '../layers/lstm.js';
import type { WordPairWeights } from '../layers/word-pairs.js';
import { readOnnx } from '../onnx/read-model.js';
import type { OnnxTensor } from '../onnx/read-model.js';
import { ENCODER_DIRECTIONS, encoderShapes } from './encoder.js';
import type { EncoderSizes } from './encoder.js';
import { historyShapes } from './history.js';
import type { HistorySizes } from './history.js';
import { sizeOf } from './parameters.js';
import type { Parameters, Shapes } from './parameters.js';

export interface EncoderNumbers {
  readonly parameters: Parameters;
  /** [R, E], as the eight bits give it. */
  readonly table: Float32Array;
  /** null where the model has no linear part. */
  readonly linear: WordPairWeights | null;
}

/** What encoderGraph was given. @throws RangeError naming what is missing or of another size: it is a model of another shape */
export function readEncoder(model: Uint8Array, sizes: EncoderSizes): EncoderNumbers {
  const constants = constantsOf(model);
  const parameters = readParameters(constants, encoderShapes(sizes), 'lstm', ENCODER_DIRECTIONS, { inputSize: sizes.tokenSize, hiddenSize: sizes.hiddenSize });
  const linear = constants.has('linear.words') ? { words: fromEightBits(constants, 'linear.words', 'linear.words.scale'), pairs: fromEightBits(constants, 'linear.pairs', 'linear.pairs.scale') } : null;
  return { parameters, table: fromEightBits(constants, 'embedding', 'embedding.scales'), linear };
}

/** What historyGraph was given. @throws RangeError as readEncoder */
export function readHistory(model: Uint8Array, sizes: HistorySizes): Parameters {
  return readParameters(constantsOf(model), historyShapes(sizes), 'lstm', ['lstm'], { inputSize: sizes.featureSize, hiddenSize: sizes.hiddenSize });
}

const constantsOf = (model: Uint8Array): Map<string, OnnxTensor> => new Map(readOnnx(model).constants.map((constant) => [constant.name, constant]));

function readParameters(constants: ReadonlyMap<string, OnnxTensor>, shapes: Shapes, operator: string, directions: readonly string[], sizes: { inputSize: number; hiddenSize: number }): Parameters {
  for (const key of ['input', 'recurrent', 'bias']) sized(constants, `${operator}.${key}`, directions.length * (key === 'bias' ? 8 * sizes.hiddenSize : 4 * sizes.hiddenSize * (key === 'input' ? sizes.inputSize : sizes.hiddenSize)));
  const recurrent = Object.fromEntries(lstmArrays(constants, operator, sizes).flatMap((arrays, k) => Object.entries(arrays).map(([key, values]) => [`${directions[k]!}.${key}`, values as Float32Array])));
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, recurrent[name] ?? sized(constants, name, sizeOf(shape))]));
}

function sized(constants: ReadonlyMap<string, OnnxTensor>, name: string, size: number): Float32Array {
  const data = constants.get(name)?.data;
  if (!(data instanceof Float32Array) || data.length !== size) throw new RangeError(`'${name}' has ${data === undefined ? 'no values' : `${data.length} values`}, ${size} float32 were expected`);
  return data;
}

function fromEightBits(constants: ReadonlyMap<string, OnnxTensor>, name: string, scales: string): Float32Array {
  const [whole, scale] = [constants.get(name)?.data, constants.get(scales)?.data];
  if (!(whole instanceof Int8Array) || !(scale instanceof Float32Array)) throw new RangeError(`'${name}' and '${scales}' were expected: a table in eight bits with the scale of each column`);
  return Float32Array.from(whole, (value, i) => value * scale[i % scale.length]!);
}
