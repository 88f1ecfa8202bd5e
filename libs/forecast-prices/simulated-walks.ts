/**
 * Log returns of random walks that nobody can foretell the direction of: independent Gaussian, independent Student-t with 4
 * degrees of freedom (fat tails), and GARCH(1,1) with Gaussian errors (Bollerslev 1986; calm and wild spells). Each has mean 0
 * and, in the long run, standard deviation `sigma`.
 */
import { randomFrom } from './random.js';

export const WALK_KINDS = ['gaussian', 't4', 'garch'] as const;
export type WalkKind = (typeof WALK_KINDS)[number];

/** Weights of the last square and of the last variance; usual for daily returns. What is left pulls to the long run. */
const ALPHA = 0.08;
const BETA = 0.9;

/** `jump`: from bar `at` on, every return is `factor` times as large. */
export function walkReturns(kind: WalkKind, bars: number, seed: number, { sigma = 0.01, jump = null as { readonly at: number; readonly factor: number } | null } = {}): Float64Array {
  const random = randomFrom(seed);
  const returns = new Float64Array(bars);
  let variance = 1;
  for (let i = 0; i < bars; i += 1) {
    let z = random.normal();
    if (kind === 't4') {
      // normal / sqrt(chi-square_4 / 4), which has variance 2; a chi-square of 4 is -2 ln of two uniforms
      z /= Math.sqrt((-2 * Math.log(random.uniform() * random.uniform())) / 4) * Math.SQRT2;
    } else if (kind === 'garch') {
      z *= Math.sqrt(variance);
      variance = 1 - ALPHA - BETA + ALPHA * z * z + BETA * variance;
    }
    returns[i] = sigma * z * (jump !== null && i >= jump.at ? jump.factor : 1);
  }
  return returns;
}
