/**
 * When a symbol last made moves far beyond its usual ones. Companies report once a quarter, so a stock that jumped 91 or
 * 364 days ago may be about to jump again; no other trace of that remains in its prices. Ages are in days to the next bar.
 */
const DAY_MS = 86_400_000;
/** A move of so many slow volatilities is a jump. */
export const JUMP_SIGMAS = 3.5;
export const JUMPS_KEPT = 10;
const OLDEST_MS = 400 * DAY_MS;

/** Times of the jumps, newest last. */
export function learnJump(jumps: readonly number[], at: number, jumped: boolean): readonly number[] {
  const stale = jumps.length > 0 && at - jumps[0]! > OLDEST_MS;
  if (!jumped && !stale) return jumps;
  const kept = jumps.filter((time) => at - time <= OLDEST_MS);
  if (jumped) kept.push(at);
  return kept.slice(-JUMPS_KEPT);
}

/** Sum over the jumps of a bump of deviation `width` days around an age of `days`, at most 2. */
export function jumpsAged(jumps: readonly number[], at: number, days: number, width: number): number {
  let sum = 0;
  for (const time of jumps) {
    const off = ((at - time) / DAY_MS - days) / width;
    sum += Math.exp(-0.5 * off * off);
  }
  return Math.min(sum, 2);
}

/** ln(1 + days since the newest jump) / 6, 1 where there is none. */
export function sinceJump(jumps: readonly number[], at: number): number {
  const newest = jumps.at(-1);
  return newest === undefined ? 1 : Math.min(Math.log1p(Math.max(at - newest, 0) / DAY_MS) / 6, 1);
}
