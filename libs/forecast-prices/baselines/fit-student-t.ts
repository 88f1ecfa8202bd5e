/**
 * Scale and degrees of freedom of a Student-t with location 0, by maximum likelihood: what a random walk needs so that its
 * bands cover on average. Residuals come divided by the walk's volatility, so the scale is near 1.
 */
import { minimize } from './minimize.js';
import { logDensityT, studentT, type StudentT } from './student-t.js';

export interface ScaledT {
  readonly distribution: StudentT;
  readonly scale: number;
}

/** Fitted degrees of freedom stay in here: below, the CRPS hardly exists; above, it is a Gaussian. */
export const NU_RANGE = [2.05, 200] as const;
/** A sample of fewer is not fitted: t with 5 degrees of freedom and unit deviation stands. */
export const LEAST_RESIDUALS = 30;

export const DEFAULT_T: ScaledT = { distribution: studentT(5), scale: Math.sqrt(3 / 5) };

export function fitStudentT(residuals: ArrayLike<number>, start: ScaledT = DEFAULT_T): ScaledT {
  const n = residuals.length;
  if (n < LEAST_RESIDUALS) return DEFAULT_T;
  const loss = ([logScale, logNu]: readonly number[]): number => {
    const nu = 2 + Math.exp(logNu!);
    if (nu < NU_RANGE[0] || nu > NU_RANGE[1]) return Infinity;
    const scale = Math.exp(logScale!);
    const t = studentT(nu);
    let sum = 0;
    for (let i = 0; i < n; i += 1) sum -= logDensityT(t, residuals[i]! / scale);
    return sum / n + logScale!;
  };
  const { at } = minimize(loss, [Math.log(start.scale), Math.log(start.distribution.nu - 2)], [0.1, 0.3], 1e-7, 200);
  return { distribution: studentT(2 + Math.exp(at[1]!)), scale: Math.exp(at[0]!) };
}
