/**
 * Adam (Kingma and Ba 2015), outside of the gradient graph, over any stretch of a block of numbers. For an embedding table
 * only the touched rows are updated, moments included ("lazy" Adam).
 */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

export interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** step counts from 1. Updates values[at .. at + count) by gradient[from .. from + count). */
export function adamUpdate(values: Float32Array, { first, second }: Moments, gradient: Float32Array, step: number, rate: number, at = 0, from = 0, count = values.length): void {
  const corrected = (rate * Math.sqrt(1 - BETA2 ** step)) / (1 - BETA1 ** step);
  for (let i = 0; i < count; i++) {
    const g = gradient[from + i]!;
    const j = at + i;
    const m = (first[j] = BETA1 * first[j]! + (1 - BETA1) * g);
    const v = (second[j] = BETA2 * second[j]! + (1 - BETA2) * g * g);
    values[j]! -= (corrected * m) / (Math.sqrt(v) + EPSILON);
  }
}

/** Learning rate: rises over the first steps, then falls along half a cosine to a twentieth. */
export function scheduledRate(peak: number, step: number, steps: number, rising = 100): number {
  if (step < rising) return (peak * (step + 1)) / rising;
  const share = Math.min(1, (step - rising) / Math.max(1, steps - rising));
  return peak * (0.05 + 0.95 * 0.5 * (1 + Math.cos(Math.PI * share)));
}
