/**
 * GARCH(1,1) with Student-t errors (Bollerslev 1987), location 0:
 *   r_t = s_t e_t,  e_t ~ t_nu scaled to variance 1,  s2_{t+1} = omega + alpha r_t^2 + beta s2_t
 * by maximum likelihood with variance targeting (omega = v (1 - alpha - beta), v the sample's mean square; Engle and
 * Mezrich 1996), so that the search has three variables and cannot run away. h bars ahead the variance is the sum of the
 * expected ones, v h + (s2_{t+1} - v)(1 - p^h)/(1 - p) with p = alpha + beta, and the shape is taken as t_nu again.
 */
import { minimize } from './minimize.js';
import { logDensityT, studentT, type StudentT } from './student-t.js';

export interface Garch {
  readonly alpha: number;
  readonly beta: number;
  /** Long-run variance. */
  readonly variance: number;
  readonly distribution: StudentT;
}

/** Returns of fewer bars are not fitted. */
export const LEAST_RETURNS = 100;
const FLOOR = 1e-14;
const START = { alpha: 0.07, beta: 0.9, nu: 6 } as const;

/** Mean negative log-likelihood; returns in one unit, oldest first. Infinity outside the domain. */
function lossOf(returns: ArrayLike<number>, variance: number, alpha: number, beta: number, nu: number): number {
  if (!(alpha >= 0 && beta >= 0 && alpha + beta < 0.9999 && nu > 2.05 && nu < 200)) return Infinity;
  const t = studentT(nu);
  const omega = variance * (1 - alpha - beta);
  const unit = 1 / t.deviation; // scale of the t that has variance 1
  let s2 = variance;
  let sum = 0;
  const n = returns.length;
  for (let i = 0; i < n; i += 1) {
    const r = returns[i]!;
    const scale = Math.sqrt(Math.max(s2, FLOOR)) * unit;
    sum += Math.log(scale) - logDensityT(t, r / scale);
    s2 = omega + alpha * r * r + beta * s2;
  }
  return sum / n;
}

/** null when there are too few returns, or they do not move. `start`: the last fit, for a refit. */
export function fitGarch(returns: ArrayLike<number>, start: Garch | null = null): Garch | null {
  const n = returns.length;
  let variance = 0;
  for (let i = 0; i < n; i += 1) variance += (returns[i]! * returns[i]!) / n;
  if (n < LEAST_RETURNS || variance < FLOOR) return null;
  // alpha + beta and alpha's share of it by their log odds, nu - 2 by its log: no bounds inside the search
  const parts = ([a, b, c]: readonly number[]) => {
    const persistence = 0.9999 / (1 + Math.exp(-a!));
    const alpha = persistence / (1 + Math.exp(-b!));
    return { alpha, beta: persistence - alpha, nu: 2 + Math.exp(c!) };
  };
  const logit = (p: number) => Math.log(p / (1 - p));
  const from = start === null ? START : { alpha: start.alpha, beta: start.beta, nu: start.distribution.nu };
  const clip = (p: number) => Math.min(Math.max(p, 1e-4), 1 - 1e-4);
  const { at } = minimize((x) => {
    const { alpha, beta, nu } = parts(x);
    return lossOf(returns, variance, alpha, beta, nu);
  }, [logit(clip((from.alpha + from.beta) / 0.9999)), logit(clip(from.alpha / (from.alpha + from.beta))), Math.log(from.nu - 2)], [0.5, 0.5, 0.4], 1e-7, start === null ? 400 : 150);
  const { alpha, beta, nu } = parts(at);
  return { alpha, beta, variance, distribution: studentT(nu) };
}

/** Variance of the next bar's return, after `r` was seen; `s2` was the variance of r's bar. */
export const nextVariance = ({ alpha, beta, variance }: Garch, s2: number, r: number): number =>
  Math.max(variance * (1 - alpha - beta) + alpha * r * r + beta * s2, FLOOR);

/** Variance of the next bar after all these returns. */
export function filterVariance(garch: Garch, returns: ArrayLike<number>): number {
  let s2 = garch.variance;
  for (let i = 0; i < returns.length; i += 1) s2 = nextVariance(garch, s2, returns[i]!);
  return s2;
}

/** Scale of the t_nu for the return over `horizon` bars, `s2` the variance of the next bar. */
export function garchScale({ alpha, beta, variance, distribution }: Garch, s2: number, horizon: number): number {
  const p = alpha + beta;
  const total = variance * horizon + ((s2 - variance) * (1 - p ** horizon)) / (1 - p);
  return Math.sqrt(Math.max(total, FLOOR)) / distribution.deviation;
}
