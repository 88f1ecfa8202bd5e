/**
 * How long a silence is ordinary for who has these gaps: "no reviews" of a product that brings one a month is no news, of one that
 * brings one an hour it is. The largest gaps are taken as exceedances over the least of them, with a generalised Pareto tail (Pickands 1975) by
 * probability-weighted moments (Hosking & Wallis 1987), so nights, weekends and swinging days count as they came; the limit is the gap that comes
 * once in 1 / budget days, and never less than the longest seen.
 */
export interface Gaps {
  /** The largest, ms, in any order: a quarter of all, or as many as are at hand. */
  readonly largest: readonly number[];
  /** All of them, and the days in which they came. */
  readonly count: number;
  readonly days: number;
}

/** With fewer gaps, or over fewer days, nothing is known of what is ordinary. */
const ENOUGH = 20;
const ENOUGH_DAYS = 14;
/** Shape of the tail: from bounded to very heavy. */
const [LIGHTEST, HEAVIEST] = [-5, 0.9];
/** How many of the largest gaps the tail is taken from, besides all of them: the shortest limit counts. */
const TAILS = [60, 20];

/** ms; null: too little is known, and no silence is news. */
export function ordinarySilence({ largest, count, days }: Gaps, budgetPerDay: number): number | null {
  if (count < ENOUGH || largest.length < 5 || !(days >= ENOUGH_DAYS)) return null;
  const sorted = largest.toSorted((a, b) => b - a);
  const perGap = (budgetPerDay * days) / count;
  // Nights among minutes look like a tail without end from below, and like what they are from among themselves
  return Math.min(...TAILS.filter((most) => most < sorted.length).map((most) => tailLevel(sorted.slice(0, most), count, perGap)), tailLevel(sorted, count, perGap));
}

/** The gap that is passed with chance `perGap`, by the tail over the least of `largest` (descending). */
function tailLevel(largest: readonly number[], count: number, perGap: number): number {
  const [longest, least] = [largest[0]!, largest.at(-1)!];
  const over = largest.slice(0, -1).map((gap) => gap - least).reverse();
  const n = over.length;
  const share = n / count;
  if (perGap >= share) return longest;
  const mean = over.reduce((sum, value) => sum + value, 0) / n;
  const weighted = over.reduce((sum, value, i) => sum + (value * (n - i - 0.65)) / n, 0) / n;
  if (!(mean > 0) || !(mean > 2 * weighted)) return longest;
  const shape = Math.min(HEAVIEST, Math.max(LIGHTEST, 2 - mean / (mean - 2 * weighted)));
  const scale = mean * (1 - shape);
  const odds = share / perGap;
  return Math.max(longest, least + (Math.abs(shape) < 1e-6 ? scale * Math.log(odds) : (scale / shape) * (odds ** shape - 1)));
}
