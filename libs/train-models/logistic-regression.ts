/**
 * Logistic regression over sparse rows: minimises the sum of weighted log losses + |w|^2 / (2 C), the constant term left
 * free, by L-BFGS (Nocedal and Wright 2006, algorithms 7.4 and 7.5) with steps that satisfy Armijo's condition. C is
 * scikit-learn's inverse strength of regularisation.
 */
import { logLossOf, logistic } from './metrics.js';

export interface SparseRow {
  /** Places, each below `size`; one that stands twice counts twice. */
  readonly at: Int32Array;
  readonly values: Float64Array;
}

export interface RegressionData {
  readonly rows: readonly SparseRow[];
  /** 0 to 1 of each row. */
  readonly targets: ArrayLike<number>;
  /** Of each row; null for one each. */
  readonly weights: ArrayLike<number> | null;
  /** Log odds that are given of each row, to which the regression adds what they lack; null for none. */
  readonly offsets: ArrayLike<number> | null;
}

export interface RegressionSettings {
  /** Number of weights. */
  readonly size: number;
  /** C. */
  readonly inverseStrength: number;
}

const MEMORY = 8;
const MOST_STEPS = 150;
/** Ends when the gradient is this share of what it was at the start. */
const SMALL = 1e-3;

export const dot = ({ at, values }: SparseRow, weights: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < at.length; i++) sum += values[i]! * weights[at[i]!]!;
  return sum;
};

export function fitLogisticRegression(data: RegressionData, settings: RegressionSettings): { weights: Float64Array; bias: number } {
  const { size } = settings;
  let x = new Float64Array(size + 1); // the last is the constant term
  let { loss, gradient } = lossAt(data, settings, x);
  const past: { readonly step: Float64Array; readonly change: Float64Array }[] = [];
  const small = SMALL * norm(gradient);
  for (let k = 0; k < MOST_STEPS && norm(gradient) > small; k++) {
    const direction = descent(gradient, past);
    const slope = inner(direction, gradient);
    let rate = past.length === 0 ? 1 / norm(gradient) : 1;
    let next = along(x, direction, rate);
    let found = lossAt(data, settings, next);
    while (found.loss > loss + 1e-4 * rate * slope && rate > 1e-10) {
      rate /= 2;
      next = along(x, direction, rate);
      found = lossAt(data, settings, next);
    }
    if (found.loss >= loss) break; // at the end of what doubles can tell apart
    past.push({ step: along(next, x, -1), change: along(found.gradient, gradient, -1) });
    if (past.length > MEMORY) past.shift();
    [x, loss, gradient] = [next, found.loss, found.gradient];
  }
  return { weights: x.subarray(0, size), bias: x[size]! };
}

function lossAt({ rows, targets, weights, offsets }: RegressionData, { size, inverseStrength }: RegressionSettings, x: Float64Array): { loss: number; gradient: Float64Array } {
  const gradient = x.map((value) => value / inverseStrength);
  gradient[size] = 0;
  let loss = (inner(x, x) - x[size]! ** 2) / (2 * inverseStrength);
  for (let k = 0; k < rows.length; k++) {
    const row = rows[k]!;
    const weight = weights?.[k] ?? 1;
    const logit = dot(row, x) + x[size]! + (offsets?.[k] ?? 0);
    loss += weight * logLossOf(logit, targets[k]!);
    const error = weight * (logistic(logit) - targets[k]!);
    gradient[size] += error;
    for (let i = 0; i < row.at.length; i++) gradient[row.at[i]!]! += error * row.values[i]!;
  }
  return { loss, gradient };
}

/** Minus the inverse Hessian, as the last steps tell it, times the gradient. */
function descent(gradient: Float64Array, past: readonly { readonly step: Float64Array; readonly change: Float64Array }[]): Float64Array {
  let q = gradient.map((g) => -g);
  const shares = past.map(() => 0);
  for (let k = past.length - 1; k >= 0; k--) {
    const { step, change } = past[k]!;
    shares[k] = inner(step, q) / inner(step, change);
    q = along(q, change, -shares[k]!);
  }
  const last = past.at(-1);
  if (last !== undefined) {
    const scale = inner(last.step, last.change) / inner(last.change, last.change);
    q = q.map((value) => value * scale);
  }
  past.forEach(({ step, change }, k) => { q = along(q, step, shares[k]! - inner(change, q) / inner(step, change)); });
  return q;
}

/** a + rate b. */
function along(a: Float64Array, b: Float64Array, rate: number): Float64Array<ArrayBuffer> {
  const sum = new Float64Array(a);
  for (let i = 0; i < sum.length; i++) sum[i]! += rate * b[i]!;
  return sum;
}

const norm = (a: Float64Array): number => Math.sqrt(inner(a, a));

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
