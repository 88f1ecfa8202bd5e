/**
 * Farrington's detector as improved by Noufaily and others (2013): quasi-Poisson regression with trend (and season in ten
 * periods where years of history are given), past outbreaks weighted down by scaled Anscombe residuals above 2.58, the newest units left
 * out of the baseline, and the threshold a quantile of the negative binomial with the fitted mean and dispersion (plug-in).
 * The score is (observed - mean) / (quantile - mean): the paper's exceedance, one at the threshold.
 */
import { negativeBinomialQuantile } from './negative-binomial.js';

export interface FarringtonSettings {
  /** Units of a year; 0 for no season: then the baseline is the `back` units before those left out. */
  readonly year: number;
  /** Years back, or units back without season. */
  readonly back: number;
  readonly leftOut: number;
  readonly periods: number;
  /** One-sided. The paper recommends 0.005 or 0.01. */
  readonly alpha: number;
}

export const defaultFarrington: FarringtonSettings = { year: 52, back: 3, leftOut: 26, periods: 10, alpha: 0.005 };
const HALF_WINDOW = 3;
const RESIDUAL = 2.58;

/** Fewer than this many cases in the newest four units raise nothing (the paper's rule of five in four weeks). */
const LEAST_CASES = 5;

export function farringtonScore(counts: ArrayLike<number>, t: number, settings: FarringtonSettings, leastCases = LEAST_CASES): number {
  const { year, back, leftOut, periods, alpha } = settings;
  const begin = t - (year === 0 ? back + leftOut : year * back + HALF_WINDOW);
  const end = t - leftOut - 1;
  if (end - Math.max(0, begin) < 12) return -Infinity;
  let recent = 0;
  for (let i = Math.max(0, t - 3); i <= t; i += 1) recent += counts[i]!;
  if (recent < leastCases) return -Infinity;
  const rows: { y: number; time: number; period: number }[] = [];
  for (let i = Math.max(0, begin); i <= end; i += 1) rows.push({ y: counts[i]!, time: (i - t) / (t - begin), period: year === 0 ? 0 : periodOf(i, t, year, periods) });
  const fitted = fitTwice(rows, periods);
  if (fitted === null) return -Infinity;
  const mean = fitted.predict;
  const limit = negativeBinomialQuantile(1 - alpha, mean, Math.max(1, fitted.phi));
  return (counts[t]! - mean) / Math.max(limit - mean, 1e-9);
}

/** The seven units around the same time of every year are period 0; the rest of the year is cut evenly. */
function periodOf(i: number, t: number, year: number, periods: number): number {
  const away = (((i - t + HALF_WINDOW) % year) + year) % year;
  if (away <= 2 * HALF_WINDOW) return 0;
  return 1 + Math.min(periods - 2, Math.floor(((away - 2 * HALF_WINDOW - 1) * (periods - 1)) / (year - 2 * HALF_WINDOW - 1)));
}

type Row = { readonly y: number; readonly time: number; readonly period: number };

function fitTwice(rows: readonly Row[], periods: number): { predict: number; phi: number } | null {
  const used = [...new Set(rows.map(({ period }) => period))].sort((a, b) => a - b);
  if (used[0] !== 0 || periods < 1) return null;
  const width = 2 + used.length - 1;
  const design = rows.map(({ time, period }) => {
    const x = new Array<number>(width).fill(0);
    x[0] = 1;
    x[1] = time;
    const place = used.indexOf(period);
    if (place > 0) x[1 + place] = 1;
    return x;
  });
  const y = rows.map((row) => row.y);
  const ones = new Array<number>(rows.length).fill(1);
  const first = poissonRegression(design, y, ones);
  if (first === null) return null;
  const s = anscombe(y, first.means, first.phi, first.leverage);
  const high = s.map((value) => value > RESIDUAL);
  const total = s.reduce((sum, value, i) => sum + (high[i] ? 1 / value ** 2 : 1), 0);
  const weights = s.map((value, i) => (rows.length / total) * (high[i] ? 1 / value ** 2 : 1));
  const second = poissonRegression(design, y, weights) ?? first;
  // The trend only if it does not predict more than was ever seen, as in the paper
  const predict = Math.exp(second.beta[0]!);
  if (predict <= Math.max(1, ...y)) return { predict, phi: second.phi };
  const flat = poissonRegression(design.map((x) => x.filter((_, i) => i !== 1)), y, weights);
  return flat === null ? null : { predict: Math.exp(flat.beta[0]!), phi: flat.phi };
}

function anscombe(y: readonly number[], means: readonly number[], phi: number, leverage: readonly number[]): number[] {
  return y.map((value, i) => (1.5 * (value ** (2 / 3) * means[i]! ** (-1 / 6) - Math.sqrt(means[i]!))) / Math.sqrt(Math.max(1, phi) * Math.max(1e-6, 1 - leverage[i]!)));
}

/** Quasi-Poisson with log link by iteratively reweighted least squares. null when it does not settle. */
export function poissonRegression(design: readonly (readonly number[])[], y: readonly number[], weights: readonly number[]): { beta: number[]; means: number[]; phi: number; leverage: number[] } | null {
  const width = design[0]!.length;
  let eta = y.map((value) => Math.log(value + 0.5));
  let beta = new Array<number>(width).fill(0);
  let inverse: number[][] = [];
  for (let pass = 0; pass < 40; pass += 1) {
    const normal = Array.from({ length: width }, () => new Array<number>(width).fill(0));
    const right = new Array<number>(width).fill(0);
    design.forEach((x, i) => {
      const mean = Math.exp(eta[i]!);
      const w = weights[i]! * mean;
      const z = eta[i]! + (y[i]! - mean) / mean;
      for (let a = 0; a < width; a += 1) {
        if (x[a] === 0) continue;
        right[a]! += w * x[a]! * z;
        for (let b = 0; b < width; b += 1) normal[a]![b]! += w * x[a]! * x[b]!;
      }
    });
    for (let a = 0; a < width; a += 1) normal[a]![a]! += 1e-9;
    inverse = invert(normal);
    const next = inverse.map((row) => row.reduce((sum, value, i) => sum + value * right[i]!, 0));
    const moved = Math.max(...next.map((value, i) => Math.abs(value - beta[i]!)));
    if (!Number.isFinite(moved)) return null;
    beta = next;
    eta = design.map((x) => Math.max(-12, Math.min(12, x.reduce((sum, value, i) => sum + value * beta[i]!, 0))));
    if (moved < 1e-7) break;
  }
  const means = eta.map(Math.exp);
  const freedom = Math.max(1, y.length - width);
  const phi = Math.max(1, y.reduce((sum, value, i) => sum + (weights[i]! * (value - means[i]!) ** 2) / means[i]!, 0) / freedom);
  const leverage = design.map((x, i) => weights[i]! * means[i]! * x.reduce((sum, value, a) => sum + value * inverse[a]!.reduce((s, v, b) => s + v * x[b]!, 0), 0));
  return { beta, means, phi, leverage };
}

function invert(matrix: readonly (readonly number[])[]): number[][] {
  const n = matrix.length;
  const m = matrix.map((row, i) => [...row, ...Array.from({ length: n }, (_, j) => (i === j ? 1 : 0))]);
  for (let column = 0; column < n; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < n; row += 1) if (Math.abs(m[row]![column]!) > Math.abs(m[pivot]![column]!)) pivot = row;
    [m[column], m[pivot]] = [m[pivot]!, m[column]!];
    const lead = m[column]![column]!;
    for (let j = 0; j < 2 * n; j += 1) m[column]![j]! /= lead;
    for (let row = 0; row < n; row += 1) {
      if (row === column) continue;
      const factor = m[row]![column]!;
      if (factor !== 0) for (let j = 0; j < 2 * n; j += 1) m[row]![j]! -= factor * m[column]![j]!;
    }
  }
  return m.map((row) => row.slice(n));
}
