/**
 * Short bursts: people post in clusters, minutes apart, and a cluster is one piece of news. A review brings a follower of its kind
 * within the burst window with chance q (self-exciting: Hawkes 1971). Where followers are rarer than reviews that fall into the
 * window by chance, a close review still counts, by (chance - q) / (chance + q); where they are as common, it counts nothing, so that
 * bursts are thinned to one review each. q is learned from how often a review follows closely beyond what the rate explains;
 * where reviews come singly it is about zero and every one counts in full. Slow swings are another matter: see cusum.ts.
 */
/** Of the open bucket: newest negative, newest other, then of each kind: reviews that count, close ones beyond chance, and out of how many. */
export const BURST_FIELDS = 8;
export const SINGLES = 2;
export const OTHER_SINGLES = 3;
export const freshBursts = (): number[] => [NEVER, NEVER, 0, 0, 0, 0, 0, 0];
const NEVER = -8.64e15;
/** The window holds at most this many reviews of the kind on average: chance must not look like company. */
const MOST_BY_CHANCE = 0.1;
/** How much a day's own volume tells of its level: as many expected reviews outweigh the usual level. */
const LEVEL_SIZE = 2;
/** Reviews that the belief "no followers" is worth. */
const DOUBT = 5;
const MOST = 0.95;

export interface BurstKind {
  /** Window, ms; chance of a follower; reviews of this kind a bucket that are nobody's follower. */
  readonly windowMs: number;
  readonly follow: number;
  readonly rate: number;
}

export function burstKind(burstMs: number, bucketMs: number, rate: number, singles: number, excess: number, weight: number): BurstKind {
  return { windowMs: Math.min(burstMs, (MOST_BY_CHANCE * bucketMs) / Math.max(rate, 1e-9)), follow: Math.min(MOST, Math.max(0, excess / (weight + DOUBT))), rate: singles };
}

/** How much a review counts as a negative and as another; notes it. `passed`: season time of the open bucket so far, buckets. */
export function weigh(bursts: number[], negative: BurstKind, other: BurstKind, bucketMs: number, at: number, pNegative: number, passed: number, dated: boolean): readonly [number, number] {
  const weights = [1, 1] as [number, number];
  for (const kind of [0, 1] as const) {
    const share = kind === 0 ? pNegative : 1 - pNegative;
    const { windowMs, follow, rate } = kind === 0 ? negative : other;
    if (!dated) {
      const gap = at - bursts[kind]!;
      const expected = (rate * ((LEVEL_SIZE + bursts[SINGLES + kind]!) / (LEVEL_SIZE + rate * passed)) * windowMs) / bucketMs;
      const byChance = 1 - Math.exp(-expected);
      const close = gap >= 0 && gap < windowMs;
      if (close && follow > 0) weights[kind] = Math.max(0, (expected - follow) / (expected + follow));
      bursts[4 + 2 * kind]! += share * ((close ? 1 : 0) - byChance);
      bursts[5 + 2 * kind]! += share * (1 - byChance);
    }
    bursts[SINGLES + kind]! += share * weights[kind];
  }
  if (!dated) bursts[pNegative >= 0.5 ? 0 : 1] = at;
  return weights;
}
