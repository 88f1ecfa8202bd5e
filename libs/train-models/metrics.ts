/** How good probabilities are. `logits` are log odds of "negative"; labels are 1 for negative, else 0. */
export interface BinaryFigures {
  readonly texts: number;
  readonly negatives: number;
  /** Share of texts on the right side of one half. */
  readonly accuracy: number;
  /** Area under the ROC curve: chance that a negative text ranks above another one. */
  readonly auc: number;
  /** Area under precision over recall, as the mean precision at each negative text. */
  readonly averagePrecision: number;
  /** Nats per text. */
  readonly logLoss: number;
  /** Mean gap between stated and observed share over 10 groups of equal size, weighted. */
  readonly calibrationError: number;
}

export const logistic = (logit: number): number => 1 / (1 + Math.exp(-logit));

export function logLossOf(logit: number, label: number): number {
  return Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit)));
}

export function binaryFigures(logits: ArrayLike<number>, labels: ArrayLike<number>): BinaryFigures {
  const n = logits.length;
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => logits[b]! - logits[a]! || a - b);
  const negatives = order.reduce((sum, i) => sum + labels[i]!, 0);
  return {
    texts: n,
    negatives,
    accuracy: order.reduce((sum, i) => sum + Number((logits[i]! > 0) === (labels[i] === 1)), 0) / n,
    auc: areaUnderRoc(order, logits, labels, negatives),
    averagePrecision: averagePrecision(order, labels, negatives),
    logLoss: order.reduce((sum, i) => sum + logLossOf(logits[i]!, labels[i]!), 0) / n,
    calibrationError: calibrationError(order, logits, labels),
  };
}

function areaUnderRoc(order: readonly number[], logits: ArrayLike<number>, labels: ArrayLike<number>, negatives: number): number {
  let wins = 0;
  let seen = 0; // labelled texts above the current group of equal logits
  for (let at = 0; at < order.length;) {
    let end = at;
    let here = 0;
    while (end < order.length && logits[order[end]!] === logits[order[at]!]) here += labels[order[end++]!]!;
    const others = end - at - here;
    wins += others * (seen + here / 2);
    seen += here;
    at = end;
  }
  const pairs = negatives * (order.length - negatives);
  return pairs === 0 ? NaN : wins / pairs;
}

function averagePrecision(order: readonly number[], labels: ArrayLike<number>, negatives: number): number {
  let hits = 0;
  let sum = 0;
  order.forEach((i, rank) => {
    if (labels[i] !== 1) return;
    hits += 1;
    sum += hits / (rank + 1);
  });
  return negatives === 0 ? NaN : sum / negatives;
}

function calibrationError(order: readonly number[], logits: ArrayLike<number>, labels: ArrayLike<number>): number {
  const groups = 10;
  let error = 0;
  for (let k = 0; k < groups; k++) {
    const group = order.slice(Math.floor((k * order.length) / groups), Math.floor(((k + 1) * order.length) / groups));
    if (group.length === 0) continue;
    const stated = group.reduce((sum, i) => sum + logistic(logits[i]!), 0);
    const observed = group.reduce((sum, i) => sum + labels[i]!, 0);
    error += Math.abs(stated - observed) / order.length;
  }
  return error;
}

/** Scale and offset that minimise the weighted log loss of scale * logit + offset (Platt 1999). */
export function fitCalibration(logits: ArrayLike<number>, labels: ArrayLike<number>, weights: ArrayLike<number> | null = null): { scale: number; offset: number } {
  const { scales: [scale], offset } = fitBlend([logits], labels, weights);
  return { scale: scale!, offset };
}

/**
 * Scales and offset that minimise the weighted log loss of the sum of scale_k * logits_k, plus offset (stacking, Wolpert
 * 1992; for one column it is Platt's calibration), by Newton's method with halved steps, from the first column alone.
 */
export function fitBlend(columns: readonly ArrayLike<number>[], labels: ArrayLike<number>, weights: ArrayLike<number> | null = null): { scales: number[]; offset: number } {
  const K = columns.length;
  const n = labels.length;
  const weightOf = (i: number) => weights?.[i] ?? 1;
  const input = (k: number, i: number) => (k === K ? 1 : columns[k]![i]!); // the last one carries the offset
  const logitAt = (at: readonly number[], i: number) => at.reduce((sum, scale, k) => sum + scale * input(k, i), 0);
  const lossAt = (at: readonly number[]) => {
    let loss = 0;
    for (let i = 0; i < n; i++) loss += weightOf(i) * logLossOf(logitAt(at, i), labels[i]!);
    return loss;
  };
  let at = Array.from({ length: K + 1 }, (_, k) => Number(k === 0));
  let loss = lossAt(at);
  for (let round = 0; round < 50; round++) {
    const gradient = new Array<number>(K + 1).fill(0);
    const hessian = gradient.map((_, k) => gradient.map((__, j) => (k === j ? 1e-9 : 0)));
    for (let i = 0; i < n; i++) {
      const p = logistic(logitAt(at, i));
      for (let k = 0; k <= K; k++) {
        gradient[k]! += weightOf(i) * (p - labels[i]!) * input(k, i);
        for (let j = 0; j <= K; j++) hessian[k]![j]! += weightOf(i) * p * (1 - p) * input(k, i) * input(j, i);
      }
    }
    let step = solve(hessian, gradient);
    const size = () => step.reduce((sum, x) => sum + Math.abs(x), 0);
    const next = () => at.map((x, k) => x - step[k]!);
    while (size() > 1e-9 && lossAt(next()) > loss) step = step.map((x) => x / 2);
    if (size() <= 1e-9) break;
    at = next();
    loss = lossAt(at);
  }
  return { scales: at.slice(0, K), offset: at[K]! };
}

/** x of A x = b for a positive definite A (Gaussian elimination needs no pivots there). */
function solve(A: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = A.map((row, i) => [...row, b[i]!]);
  rows.forEach((pivot, i) => {
    for (const row of rows.slice(i + 1)) {
      const factor = row[i]! / pivot[i]!;
      for (let j = i; j < row.length; j++) row[j]! -= factor * pivot[j]!;
    }
  });
  const x = new Array<number>(b.length).fill(0);
  for (let i = b.length - 1; i >= 0; i--) {
    const row = rows[i]!;
    x[i] = (row[b.length]! - x.reduce((sum, value, j) => (j > i ? sum + row[j]! * value : sum), 0)) / row[i]!;
  }
  return x;
}
