/**
 * Adam (Kingma and Ba 2015) with the gradient's norm clipped (Pascanu et al. 2013) and a running mean of the weights
 * (Polyak averaging), which is what is evaluated and shipped. Deterministic: sums run in the order of the names.
 */
import type { Parameters } from '#models';
import { adamUpdate } from '../adam.js';

export interface OptimizerState {
  readonly step: number;
  readonly values: Parameters;
  readonly first: Parameters;
  readonly second: Parameters;
  readonly averaged: Parameters;
}

const LARGEST_NORM = 1;
const AVERAGING = 0.998;

export function startOptimizer(values: Parameters): OptimizerState {
  const zeros = (): Parameters => Object.fromEntries(Object.entries(values).map(([name, a]) => [name, new Float32Array(a.length)]));
  return { step: 0, values, first: zeros(), second: zeros(), averaged: Object.fromEntries(Object.entries(values).map(([name, a]) => [name, a.slice()])) };
}

/** `decay`: weights (not biases) shrink by rate * decay a step, apart from the gradient (Loshchilov and Hutter 2019). Updates the arrays of `state` in place (they are large and owned by the training loop) and returns it one step on. */
export function optimize(state: OptimizerState, gradients: Readonly<Record<string, Float32Array>>, rate: number, decay: number): OptimizerState {
  const step = state.step + 1;
  let squares = 0;
  for (const name of Object.keys(state.values)) for (const g of gradients[name]!) squares += g * g;
  const clip = Math.min(1, LARGEST_NORM / (Math.sqrt(squares) + 1e-12));
  const averaging = Math.min(AVERAGING, step / (step + 10));
  for (const [name, values] of Object.entries(state.values)) {
    const gradient = gradients[name]!.map((g) => g * clip);
    if (!name.endsWith('ias')) for (let i = 0; i < values.length; i += 1) values[i]! *= 1 - rate * decay;
    adamUpdate(values, { first: state.first[name]!, second: state.second[name]! }, gradient, step, rate);
    const averaged = state.averaged[name]!;
    for (let i = 0; i < values.length; i += 1) averaged[i] = averaging * averaged[i]! + (1 - averaging) * values[i]!;
  }
  return { ...state, step };
}

/** Rises over the first steps, then half a cosine down to a fiftieth. */
export function rateAt(peak: number, step: number, steps: number): number {
  const rising = Math.min(100, steps / 10);
  if (step < rising) return (peak * (step + 1)) / rising;
  const share = Math.min(1, (step - rising) / Math.max(1, steps - rising));
  return peak * (0.02 + 0.98 * 0.5 * (1 + Math.cos(Math.PI * share)));
}
