/** A linear recurrence as a StateStepper, for the tests of this folder: rows do not touch each other, single-precision arithmetic. */
import type { StateStepper, StepResult } from '#contracts';

/**
 * h' = 0.75 h + x (each of 2), c' = c + 1, out = h0' - h1' + c'; a feature of 1e38 makes row `h` overflow.
 * With `sequences` it also takes stretches, and leaves nonsense behind a key's end.
 */
export function fakeStepper(calls: { batch: number; steps?: number }[] = [], { sequences = false }: { sequences?: boolean } = {}): StateStepper {
  const stepAll = (batch: number, features: Float32Array, states: StepResult['states']): StepResult => {
    const h = new Float32Array(2 * batch);
    const c = new Float32Array(batch);
    const out = new Float32Array(batch);
    for (let row = 0; row < batch; row += 1) {
      for (const i of [0, 1]) h[2 * row + i] = Math.fround(Math.fround(0.75 * states['h']![2 * row + i]!) + features[2 * row + i]!);
      c[row] = states['c']![row]! + 1;
      out[row] = h[2 * row]! - h[2 * row + 1]! + c[row]!;
    }
    return { outputs: { out }, states: { h, c } };
  };
  const sequence: StateStepper['sequence'] = async (steps, lengths, features, states) => {
    const batch = lengths.length;
    calls.push({ batch, steps });
    const out = new Float32Array(steps * batch).fill(NaN);
    const h = states['h']!.slice();
    const c = states['c']!.slice();
    for (let row = 0; row < batch; row += 1) {
      for (let s = 0; s < lengths[row]!; s += 1) {
        const at = s * batch + row;
        const stepped = stepAll(1, features.subarray(2 * at, 2 * at + 2), { h: h.slice(2 * row, 2 * row + 2), c: c.slice(row, row + 1) });
        out[at] = stepped.outputs['out']![0]!;
        h.set(stepped.states['h']!, 2 * row);
        c.set(stepped.states['c']!, row);
      }
    }
    return { outputs: { out }, states: { h, c } };
  };
  return {
    modelId: 'fake-1',
    featureSize: 2,
    tensors: [
      { name: 'h', next: 'h_next', type: 'float32', shape: [2] },
      { name: 'c', next: 'c_next', type: 'float32', shape: [] },
    ],
    outputs: [{ name: 'out', type: 'float32', shape: [1] }],
    async step(batch, features, states) {
      calls.push({ batch });
      return stepAll(batch, features, states);
    },
    ...(sequences ? { sequence } : {}),
    close: async () => undefined,
  };
}
