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
