/**
 * Compares the gradients that a graph computes with central differences of its loss, number by number:
 * (loss(w + e) - loss(w - e)) / 2e. Meant for graphs built in 'float64', where agreement to 1e-6 is expected.
 * Running a graph is the caller's business, so that this stays pure.
 */
import { seededRandom } from '#seeded-random';

export interface NumberTensor {
  readonly data: Float64Array;
  readonly dimensions: readonly number[];
}
export type RunGraph = (inputs: Readonly<Record<string, NumberTensor>>) => Promise<Readonly<Record<string, Float64Array>>>;

/** Largest |analytic - numeric| / (1 + |numeric|) over all numbers of the inputs named in `gradients` (input name -> output name). */
export async function largestGradientError(run: RunGraph, inputs: Readonly<Record<string, NumberTensor>>, loss: string, gradients: Readonly<Record<string, string>>, step = 1e-5): Promise<number> {
  const analytic = await run(inputs);
  let worst = 0;
  for (const [input, output] of Object.entries(gradients)) {
    const tensor = inputs[input]!;
    const gradient = analytic[output]!;
    if (gradient.length !== tensor.data.length) throw new RangeError(`${output} has ${gradient.length} values, ${input} has ${tensor.data.length}`);
    for (let i = 0; i < gradient.length; i++) {
      const at = async (delta: number) => {
        const data = Float64Array.from(tensor.data);
        data[i]! += delta;
        return (await run({ ...inputs, [input]: { ...tensor, data } }))[loss]![0]!;
      };
      const numeric = (await at(step) - await at(-step)) / (2 * step);
      worst = Math.max(worst, Math.abs(gradient[i]! - numeric) / (1 + Math.abs(numeric)));
    }
  }
  return worst;
}

/** Numbers in -scale..scale that depend on the seed alone (mulberry32). */
export function seededNumbers(seed: number, count: number, scale = 1): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: count }, () => (2 * random() - 1) * scale);
}
