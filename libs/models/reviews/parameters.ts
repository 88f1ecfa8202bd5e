/** Trained numbers by name, their shapes and their start. The order of names is the order in files and in sums. */
import { lstmBiasStart } from '../layers/lstm.js';

export type Shapes = Readonly<Record<string, readonly number[]>>;
export type Parameters = Record<string, Float32Array>;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, d) => product * d, 1);

/** Weights uniform within +-sqrt(6 / (rows + columns)) (Glorot and Bengio 2010), biases zero, forget gates open. */
export function startParameters(shapes: Shapes, random: () => number): Parameters {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => {
    if (shape.length === 1) return [name, /^lstm.*\.bias$/.test(name) ? lstmBiasStart(shape[0]! / 4) : new Float32Array(shape[0]!)];
    const [rows, columns] = shape as [number, number];
    const bound = Math.sqrt(6 / (rows + columns));
    return [name, Float32Array.from({ length: rows * columns }, () => (2 * random() - 1) * bound)];
  }));
}
