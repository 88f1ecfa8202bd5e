/**
 * Is a feature over-represented among n documents, against m others? Fisher's exact test, one-sided: with the margins fixed, how many
 * of its carriers fall among the n is hypergeometric (Fisher 1935). Many features are tested at once, so the false discovery
 * rate is controlled (Benjamini & Hochberg 1995).
 */
const logs: number[] = [0];

/** ln(n!), by a table that grows. */
function logFactorial(n: number): number {
  for (let k = logs.length; k <= n; k += 1) logs.push(logs[k - 1]! + Math.log(k));
  return logs[n]!;
}

const logChoose = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

/** P(at least a of the a + b carriers fall among the n), out of n + m documents. Whole numbers, a <= n, b <= m. */
export function upperTail(a: number, n: number, b: number, m: number): number {
  const carriers = a + b;
  const most = Math.min(carriers, n);
  const all = logChoose(n + m, carriers);
  let sum = 0;
  for (let k = most; k >= a; k -= 1) sum += Math.exp(logChoose(n, k) + logChoose(m, carriers - k) - all);
  return Math.min(1, sum);
}

/** Carriers among n documents and among m others, of one stratum. */
export interface Counts {
  readonly a: number;
  readonly n: number;
  readonly b: number;
  readonly m: number;
}

/**
 * The same over several strata, each with its own margins fixed: the number of carriers among the n is then a sum of independent hypergeometrics
 * (the exact test of a common odds ratio of one: Gart 1970). A stratum that is large in one of the sets and small in the other makes nothing stand out.
 */
export function stratifiedTail(strata: readonly Counts[]): number {
  // The others have but one outcome
  const open = strata.filter(({ a, n, b, m }) => n > 0 && m > 0 && a + b > 0);
  if (open.length === 0) return 1;
  if (open.length === 1) return upperTail(open[0]!.a, open[0]!.n, open[0]!.b, open[0]!.m);
  let sums = [1];
  for (const counts of open) sums = convolved(sums, hypergeometric(counts));
  const found = open.reduce((sum, { a }) => sum + a, 0);
  let tail = 0;
  for (let k = sums.length - 1; k >= found; k -= 1) tail += sums[k]!;
  return Math.min(1, tail);
}

/** Probabilities of 0, 1, ... carriers among the n. */
function hypergeometric({ a, n, b, m }: Counts): number[] {
  const carriers = a + b;
  const all = logChoose(n + m, carriers);
  return Array.from({ length: Math.min(carriers, n) + 1 }, (_, k) => (carriers - k > m ? 0 : Math.exp(logChoose(n, k) + logChoose(m, carriers - k) - all)));
}

function convolved(left: readonly number[], right: readonly number[]): number[] {
  const out = new Array<number>(left.length + right.length - 1).fill(0);
  left.forEach((p, i) => right.forEach((q, j) => {
    out[i + j]! += p * q;
  }));
  return out;
}

/** Corrected significances (q values) in the order given: the least false discovery rate at which each is a discovery. */
export function benjaminiHochberg(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[j]! - values[i]!);
  const corrected = new Array<number>(values.length);
  let least = 1;
  order.forEach((i, k) => {
    least = Math.min(least, (values[i]! * values.length) / (values.length - k));
    corrected[i] = least;
  });
  return corrected;
}
