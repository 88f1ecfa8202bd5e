/** A linear recurrence as a StateStepper, for the tests of this folder: rows do not touch each other, single-precision arithmetic. */
import type { StateStepper } from '#contracts';

/** h' = 0.75 h + x (each of 2), c' = c + 1, out = h0' - h1' + c'; a feature of 1e38 makes row `h` overflow. */
export function fakeStepper(calls: { batch: number }[] = []): StateStepper {
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
      const h = new Float32Array(2 * batch);
      const c = new Float32Array(batch);
      const out = new Float32Array(batch);
      for (let row = 0; row < batch; row += 1) {
        for (const i of [0, 1]) h[2 * row + i] = Math.fround(Math.fround(0.75 * states.h![2 * row + i]!) + features[2 * row + i]!);
        c[row] = states.c![row]! + 1;
        out[row] = h[2 * row]! - h[2 * row + 1]! + c[row]!;
      }
      return { outputs: { out }, states: { h, c } };
    },
    close: async () => undefined,
  };
}
