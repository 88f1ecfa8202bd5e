/**
 * EARS C1, C2, C3 (Hutwagner, Thompson, Seeman & Treadwell 2003; formulas as in Fricker, Hegler & Dunfee 2008), on daily counts.
 * C1: standard deviations above the mean of the seven days before. C2: the same with two days left out between. C3: what the last
 * three C2 exceed one by, summed. The usual limits are 3, 3 and 2; here the statistic is given. A baseline without spread has
 * a deviation of 0.5 at least (the floor of the R package surveillance's practice), else one case is infinitely many.
 */
const BASELINE = 7;
const LEAST_DEVIATION = 0.5;

function standardized(counts: ArrayLike<number>, t: number, lag: number): number {
  const last = t - 1 - lag;
  if (last - BASELINE + 1 < 0) return -Infinity;
  let sum = 0;
  let squares = 0;
  for (let i = last - BASELINE + 1; i <= last; i += 1) {
    sum += counts[i]!;
    squares += counts[i]! ** 2;
  }
  const mean = sum / BASELINE;
  const deviation = Math.sqrt(Math.max(0, (squares - BASELINE * mean * mean) / (BASELINE - 1)));
  return (counts[t]! - mean) / Math.max(LEAST_DEVIATION, deviation);
}

/** @returns the statistic of day `t`; -Infinity until the baseline is full */
export const earsC1 = (counts: ArrayLike<number>, t: number): number => standardized(counts, t, 0);
export const earsC2 = (counts: ArrayLike<number>, t: number): number => standardized(counts, t, 2);
export function earsC3(counts: ArrayLike<number>, t: number): number {
  if (t < BASELINE + 4) return -Infinity;
  let sum = 0;
  for (let i = t - 2; i <= t; i += 1) sum += Math.max(0, earsC2(counts, i) - 1);
  return sum;
}
