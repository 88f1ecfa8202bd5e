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

/** Scale and offset that minimise the weighted log loss of scale * logit + offset (Platt 1999), by Newton's method with halved steps. */
export function fitCalibration(logits: ArrayLike<number>, labels: ArrayLike<number>, weights: ArrayLike<number> | null = null): { scale: number; offset: number } {
  const weightOf = (i: number) => weights?.[i] ?? 1;
  const lossAt = (scale: number, offset: number) => {
    let loss = 0;
    for (let i = 0; i < logits.length; i++) loss += weightOf(i) * logLossOf(scale * logits[i]! + offset, labels[i]!);
    return loss;
  };
  let [scale, offset] = [1, 0];
  let loss = lossAt(scale, offset);
  for (let round = 0; round < 50; round++) {
    let [ga, gb, haa, hab, hbb] = [0, 0, 1e-9, 0, 1e-9]; // gradient and Hessian
    for (let i = 0; i < logits.length; i++) {
      const p = logistic(scale * logits[i]! + offset);
      const [d, w, x] = [weightOf(i) * (p - labels[i]!), weightOf(i) * p * (1 - p), logits[i]!];
      ga += d * x; gb += d; haa += w * x * x; hab += w * x; hbb += w;
    }
    const determinant = haa * hbb - hab * hab;
    let [da, db] = [(hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant];
    while (lossAt(scale - da, offset - db) > loss && Math.abs(da) + Math.abs(db) > 1e-9) [da, db] = [da / 2, db / 2];
    if (Math.abs(da) + Math.abs(db) <= 1e-9) break;
    [scale, offset] = [scale - da, offset - db];
    loss = lossAt(scale, offset);
  }
  return { scale, offset };
}
