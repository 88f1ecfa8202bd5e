/**
 * CUSUM of likelihood ratios, for the count (continuous in time) and for the share, one run per rate ratio, mixed.
 * A review counts P negatives. Its factor is linear in P, 1 + P (rho - 1): for any distribution of P with the baseline's
 * mean, the product with exp(-(rho - 1) rate t) (count) or over reviews (share) has expectation one, so a model that gives
 * fractions costs no false alarms (a bet on the mean: Waudby-Smith & Ramdas 2024; e-detectors: Shin, Ramdas & Rinaldo 2023).
 * Over-dispersion divides the log ratio (quasi-likelihood: McCullagh 1983). Page 1954 for the CUSUM.
 */
/** Sizes of a rise that are looked for, each its own run; the weights are equal. */
export const RATIOS: readonly number[] = [1.5, 2, 3, 5, 10, 20];
/** Of each run: log ratio, time of its first review, negatives and reviews since. */
export const RUN_FIELDS = 4;
/** [2 channels, RATIOS, RUN_FIELDS]. A plain array: V8 copies it ten times faster than a typed one of this size. */
export const freshRuns = (): number[] => Array.from({ length: 2 * RATIOS.length * RUN_FIELDS }, () => 0);
export const COUNT = 0;
export const SHARE = 1;
/** The run that says whether anything is afoot: ratio 3 of the count. */
export const REFERENCE_RUN = 2 * RUN_FIELDS;
const CHANNEL_SIZE = RATIOS.length * RUN_FIELDS;
/** Log ratios are bounded: after a long gated rise the run must be able to come down. */
const CEILING = 60;

/** Time passes: the count's runs fall by (rho - 1) rate. `expected` is negatives expected in that time. */
export function fall(runs: number[], expected: number, dispersion: number): void {
  for (let k = 0; k < RATIOS.length; k += 1) {
    const at = k * RUN_FIELDS;
    if (runs[at]! <= 0) continue;
    const value = runs[at]! - ((RATIOS[k]! - 1) * expected) / dispersion;
    if (value > 0) runs[at] = value;
    else clear(runs, at);
  }
}

/** A review: the count's runs rise, the share's rise or fall. A run at zero starts here. */
export function take(runs: number[], at: number, pNegative: number, share: number, countDispersion: number, shareDispersion: number): void {
  for (let k = 0; k < RATIOS.length; k += 1) {
    const ratio = RATIOS[k]!;
    step(runs, k * RUN_FIELDS, Math.log(1 + pNegative * (ratio - 1)) / countDispersion, at, pNegative);
    step(runs, CHANNEL_SIZE + k * RUN_FIELDS, shareGain(pNegative, share, raisedShare(share, ratio)) / shareDispersion, at, pNegative);
  }
}

function step(runs: number[], slot: number, gain: number, at: number, pNegative: number): void {
  const fresh = runs[slot]! <= 0;
  const value = (fresh ? 0 : runs[slot]!) + gain;
  if (value <= 0) {
    if (!fresh) clear(runs, slot);
    return;
  }
  runs[slot] = Math.min(value, CEILING);
  runs[slot + 1] = fresh ? at : runs[slot + 1]!;
  runs[slot + 2] = (fresh ? 0 : runs[slot + 2]!) + pNegative;
  runs[slot + 3] = (fresh ? 0 : runs[slot + 3]!) + 1;
}

function clear(runs: number[], slot: number): void {
  runs[slot] = 0;
  runs[slot + 1] = 0;
  runs[slot + 2] = 0;
  runs[slot + 3] = 0;
}

/** A review that belongs to the past: it joins the runs that had begun by then and starts none. */
export function takeLate(runs: number[], at: number, pNegative: number, share: number, countDispersion: number, shareDispersion: number): void {
  for (let slot = 0; slot < runs.length; slot += RUN_FIELDS) {
    if (runs[slot]! <= 0 || at < runs[slot + 1]!) continue;
    const ratio = RATIOS[(slot % CHANNEL_SIZE) / RUN_FIELDS]!;
    const gain = slot < CHANNEL_SIZE ? Math.log(1 + pNegative * (ratio - 1)) / countDispersion : shareGain(pNegative, share, raisedShare(share, ratio)) / shareDispersion;
    step(runs, slot, gain, at, pNegative);
  }
}

/** The share whose odds are `ratio` times those of `share`. */
export function raisedShare(share: number, ratio: number): number {
  return (ratio * share) / (1 - share + ratio * share);
}

/** Log likelihood ratio of a review under `raised` against `share`, linear in P inside the log. */
export function shareGain(pNegative: number, share: number, raised: number): number {
  return Math.log((pNegative * raised) / share + ((1 - pNegative) * (1 - raised)) / (1 - share));
}

export interface Suspicion {
  /** Log of the mean over the ratios. */
  readonly log: number;
  /** Of the strongest run: when it began, negatives and reviews since. */
  readonly startedAt: number;
  readonly negatives: number;
  readonly reviews: number;
}

/** The channel's runs as one; null when no run reaches `threshold`, since a mean is never above its highest. */
export function suspicion(runs: readonly number[], channel: typeof COUNT | typeof SHARE, threshold: number): Suspicion | null {
  const from = channel * CHANNEL_SIZE;
  let best = from;
  for (let slot = from; slot < from + CHANNEL_SIZE; slot += RUN_FIELDS) if (runs[slot]! > runs[best]!) best = slot;
  if (runs[best]! < threshold) return null;
  let sum = 0;
  for (let slot = from; slot < from + CHANNEL_SIZE; slot += RUN_FIELDS) sum += Math.exp(runs[slot]! - runs[best]!);
  return { log: runs[best]! + Math.log(sum / RATIOS.length), startedAt: runs[best + 1]!, negatives: runs[best + 2]!, reviews: runs[best + 3]! };
}
