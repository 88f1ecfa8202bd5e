/**
 * CUSUM of likelihood ratios, for the count (continuous in time) and for the share, one run per rate ratio, mixed.
 * A bucket has a level of its own, gamma distributed with mean one and variance 1 / size (negative binomial counts); what it has
 * shown so far tells of it. A run asks: had the rate been `ratio` times since my beginning? So its ratio of rates falls from
 * `ratio` towards one as the bucket goes on and its level takes the blame, the sooner the smaller the size; a day that swings is no
 * surge, and a rise within a day whose level is known is one. With an infinite size it is the Poisson CUSUM. The share is the
 * same with the others for a clock. A review counts P negatives, by its factor 1 + P (ratio - 1), linear in P: for any distribution
 * of P with the baseline's mean the product has expectation one (a bet on the mean: Waudby-Smith & Ramdas 2024; e-detectors:
 * Shin, Ramdas & Rinaldo 2023). Page 1954 for the CUSUM, Greenwood & Yule 1920 for the levels.
 */
/** Sizes of a rise that are looked for, each its own run. */
export const RATIOS: readonly number[] = [1.5, 2, 3, 5, 10, 20];
/**
 * Weights of the runs in their mean, inverse to the square of the ratio: the larger the ratio, the further one negative carries its run, so with
 * equal weights the runs of 10 and 20 spend most of the budget, and rises of 1.5 to 3 are found a fifth later (docs/surge-rivals.md).
 */
export const RUN_WEIGHTS: readonly number[] = RATIOS.map((ratio) => ratio ** -2 / RATIOS.reduce((sum, each) => sum + each ** -2, 0));
/**
 * Of each run: log ratio, time of its first review, negatives and reviews since, what its channel's clock showed in the open bucket
 * when it began (0: before), negatives and others since without the followers in bursts.
 */
export const RUN_FIELDS = 7;
/** [2 channels, RATIOS, RUN_FIELDS]. A plain array: V8 copies it ten times faster than a typed one of this size. */
export const freshRuns = (): number[] => Array.from({ length: 2 * RATIOS.length * RUN_FIELDS }, () => 0);
export const COUNT = 0;
export const SHARE = 1;
const CHANNEL_SIZE = RATIOS.length * RUN_FIELDS;
/** Log ratios are bounded: after a long gated rise the run must be able to come down. */
const CEILING = 60;

/** A channel's open bucket: size of its level, negatives that it has shown, and the negatives that its clock makes expected so far. */
export interface Level {
  readonly size: number;
  readonly shown: number;
  readonly expected: number;
}

/** Time passes in the bucket: the count's runs fall. `more` is negatives expected in that time. */
export function fall(runs: number[], { size, shown, expected }: Level, more: number): void {
  const base = Math.log1p(more / (size + expected));
  for (let k = 0; k < RATIOS.length; k += 1) {
    const slot = k * RUN_FIELDS;
    if (runs[slot]! <= 0) continue;
    const ratio = RATIOS[k]!;
    const began = runs[slot + 4]!;
    const value = runs[slot]! - (size === Infinity ? (ratio - 1) * more : (size + shown) * (Math.log1p((ratio * more) / (size + began + ratio * (expected - began))) - base));
    if (value > 0) runs[slot] = value;
    else clear(runs, slot);
  }
}

/** The ratio of rates that a run still bets on, given that it began when the clock showed `began`. */
function ratioNow(ratio: number, { size, expected }: Level, began: number): number {
  return size === Infinity ? ratio : (ratio * (size + expected)) / (size + began + ratio * (expected - began));
}

export interface Weighed {
  readonly at: number;
  readonly pNegative: number;
  /** What the review counts for as a negative, and as another (burst.ts). */
  readonly negative: number;
  readonly other: number;
  /** Belongs to the past: joins the runs that had begun by then and starts none. */
  readonly late: boolean;
}

/** A review: the count's runs rise, the share's rise or fall. A run at zero starts here. `odds`: negatives to one other. */
export function take(runs: number[], review: Weighed, count: Level, share: Level, odds: number): void {
  const { at, late } = review;
  const weight = review.pNegative * review.negative;
  const otherWeight = (1 - review.pNegative) * review.other;
  const usual = share.size === Infinity ? odds : (odds * (share.size + share.shown)) / (share.size + share.expected);
  for (let k = 0; k < RATIOS.length; k += 1) {
    const ratio = RATIOS[k]!;
    const c = k * RUN_FIELDS;
    if (!late || (runs[c]! > 0 && at >= runs[c + 1]!)) {
      const now = weight > 0 && runs[c]! > 0 ? ratioNow(ratio, count, runs[c + 4]!) : ratio;
      step(runs, c, 1 + weight * (now - 1), review, count.expected);
    }
    const s = CHANNEL_SIZE + c;
    if (!late || (runs[s]! > 0 && at >= runs[s + 1]!)) {
      const raised = usual * (runs[s]! > 0 ? ratioNow(ratio, share, runs[s + 4]!) : ratio);
      const ifOther = (1 + usual) / (1 + raised);
      step(runs, s, 1 + weight * ((raised / usual) * ifOther - 1) + otherWeight * (ifOther - 1), review, share.expected);
    }
  }
}

/** `factor` is the review's likelihood ratio. */
function step(runs: number[], slot: number, factor: number, { at, pNegative, negative, other }: Weighed, expected: number): void {
  const fresh = runs[slot]! <= 0;
  if (fresh && factor <= 1) return;
  const value = (fresh ? 0 : runs[slot]!) + (factor === 1 ? 0 : Math.log(factor));
  if (value <= 0) {
    clear(runs, slot);
    return;
  }
  if (fresh) {
    clear(runs, slot);
    runs[slot + 1] = at;
    runs[slot + 4] = expected;
  }
  runs[slot] = Math.min(value, CEILING);
  runs[slot + 2]! += pNegative;
  runs[slot + 3]! += 1;
  runs[slot + 5]! += pNegative * negative;
  runs[slot + 6]! += (1 - pNegative) * other;
}

function clear(runs: number[], slot: number): void {
  for (let field = 0; field < RUN_FIELDS; field += 1) runs[slot + field] = 0;
}

/** A new bucket, a new level: every run began before it. */
export function nextBucket(runs: number[]): void {
  for (let slot = 4; slot < runs.length; slot += RUN_FIELDS) runs[slot] = 0;
}

/** The count's clock was set back to `expected`: no run began behind it. */
export function clipBegins(runs: number[], expected: number): void {
  for (let slot = 4; slot < CHANNEL_SIZE; slot += RUN_FIELDS) runs[slot] = Math.min(runs[slot]!, expected);
}

/** Log likelihood ratio of a review under the share `raised` against `share`, linear in P inside the log. */
export function shareGain(pNegative: number, share: number, raised: number): number {
  return Math.log((pNegative * raised) / share + ((1 - pNegative) * (1 - raised)) / (1 - share));
}

export interface Suspicion {
  /** Log of the weighted mean over the ratios. */
  readonly log: number;
  /** Of the run that adds most to it: when it began, negatives and reviews since. */
  readonly startedAt: number;
  readonly negatives: number;
  readonly reviews: number;
  /** The same without the followers in bursts. */
  readonly singles: number;
  readonly otherSingles: number;
}

/** The channel's runs as one; null when no run reaches `threshold`, since a mean is never above its highest. */
export function suspicion(runs: readonly number[], channel: typeof COUNT | typeof SHARE, threshold: number, weights: readonly number[]): Suspicion | null {
  const from = channel * CHANNEL_SIZE;
  let highest = runs[from]!;
  for (let slot = from + RUN_FIELDS; slot < from + CHANNEL_SIZE; slot += RUN_FIELDS) highest = Math.max(highest, runs[slot]!);
  if (highest < threshold || highest <= 0) return null;
  let [sum, most, best] = [0, 0, from];
  for (let k = 0; k < RATIOS.length; k += 1) {
    const slot = from + k * RUN_FIELDS;
    const part = weights[k]! * Math.exp(runs[slot]! - highest);
    sum += part;
    if (runs[slot]! <= 0 || part <= most) continue;
    most = part;
    best = slot;
  }
  return { log: highest + Math.log(sum), startedAt: runs[best + 1]!, negatives: runs[best + 2]!, reviews: runs[best + 3]!, singles: runs[best + 5]!, otherSingles: runs[best + 6]! };
}
