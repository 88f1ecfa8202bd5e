/**
 * The usual shape of a session: for each slot of it the running mean square of the return that ends in it, the first slot
 * holding the night. Slots are one bar wide at the open, where volatility falls steeply, and widen geometrically (Andersen
 * and Bollerslev 1997 remove the intraday pattern before they estimate volatility; here both are estimated online).
 * `excess` is the running mean of square / usual square of its slot: how much wilder than usual the symbol is now.
 * Without a known session there is no profile: every bar's usual square is then the base volatility's.
 */
import { barsLeft, type SessionState } from './session.js';
import { learnSquare, NO_VARIANCE, type RunningVariance } from './volatility.js';

/** First bar of each slot, counted from the session's first. */
const SLOT_STARTS = [0, 1, 2, 3, 4, 6, 8, 11, 15, 21, 29, 40, 55, 75, 100, 140, 200, 280, 400, 600] as const;
export const SLOTS = SLOT_STARTS.length;
/** Weight of the past, per value that a slot has seen; bars of a wide slot share one day's weight. */
const PER_DAY = 0.96;
/** Values that a slot must have seen before it says what is usual, in weight: three days. */
const KNOWN = 1 - PER_DAY ** 3 - 1e-9;
const EXCESS_FAST = 0.9;
const EXCESS = 0.97;
const EXCESS_SLOW = 0.992;
const LARGEST_RATIO = 64;

export interface Profile {
  /** [SLOTS] */
  readonly slots: readonly RunningVariance[];
  readonly excessFast: RunningVariance;
  readonly excess: RunningVariance;
  readonly excessSlow: RunningVariance;
}

export const NO_PROFILE: Profile = { slots: new Array<RunningVariance>(SLOTS).fill(NO_VARIANCE), excessFast: NO_VARIANCE, excess: NO_VARIANCE, excessSlow: NO_VARIANCE };

export function slotOf(barOfSession: number): number {
  let slot = SLOTS - 1;
  while (SLOT_STARTS[slot]! > barOfSession) slot -= 1;
  return slot;
}

const widthOf = (slot: number): number => (slot + 1 < SLOTS ? SLOT_STARTS[slot + 1]! - SLOT_STARTS[slot]! : 200);

/** Usual square of a slot; null while it is not known. */
export function usualSquare({ slots }: Profile, slot: number): number | null {
  const { sum, weight } = slots[slot]!;
  return weight >= KNOWN && sum > 0 ? sum / weight : null;
}

/** `square`: of the return that ended in the newest bar, number `barOfSession` of its session. */
export function learnProfile(profile: Profile, barOfSession: number, square: number): Profile {
  const slot = slotOf(barOfSession);
  const usual = usualSquare(profile, slot);
  const clipped = usual === null ? square : Math.min(square, LARGEST_RATIO * usual);
  const slots = profile.slots.slice();
  slots[slot] = learnSquare(slots[slot]!, PER_DAY ** (1 / widthOf(slot)), clipped);
  if (usual === null) return { ...profile, slots };
  const ratio = clipped / usual;
  return { slots, excessFast: learnSquare(profile.excessFast, EXCESS_FAST, ratio), excess: learnSquare(profile.excess, EXCESS, ratio), excessSlow: learnSquare(profile.excessSlow, EXCESS_SLOW, ratio) };
}

/** Number in its session of the bar `ahead` bars after the newest; null where no session is known. */
export function barAhead(session: SessionState, left: number | null, ahead: number): number | null {
  if (left === null) return null;
  return ahead <= left ? session.bars - 1 + ahead : (ahead - left - 1) % Math.max(session.usualBars ?? 1, 1);
}

/** Usual variance of the return over so many of the next bars, times the present excess, for each of the ascending `horizons`; NaN where any of it is not known, null where nothing is. */
export function usualVariances(profile: Profile, session: SessionState, at: number, horizons: readonly number[]): readonly number[] | null {
  const left = barsLeft(session, at);
  if (left === null || profile.excess.weight < 0.3) return null;
  let sum = 0;
  let ahead = 0;
  return horizons.map((horizon) => {
    for (; ahead < horizon; ahead += 1) sum += usualSquare(profile, slotOf(barAhead(session, left, ahead + 1)!)) ?? Number.NaN;
    return (sum * profile.excess.sum) / profile.excess.weight;
  });
}
