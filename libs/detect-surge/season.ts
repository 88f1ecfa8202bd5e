/**
 * The season: reviews per local hour of the week against the mean, as hour of the day times day of the week, from all reviews of
 * the product with a long memory, drawn towards the season of all products (the snapshot's; flat without one) as far as the
 * product's own could be chance (James & Stein 1961). It turns the clock into the detector's time: a busy hour is long.
 * Learned when a bucket ends; a bucket is judged by the season as it was when it began.
 */
import type { SurgeSettings } from './settings.js';
import { DAY_MS, HOUR_MS } from './settings.js';
import { localHours } from './zone.js';

/** Hours of the day, then days of the week from Monday. */
export const SEASON_SIZE = 24 + 7;
/** The same learned, and how many of each day of the week were. */
export const LEARNED_SIZE = SEASON_SIZE + 7;
const HOURS = 24;
/** Days of history below which a part of the season is the prior's alone. */
const HOURS_FROM_DAYS = 7;
const WEEK_FROM_DAYS = 21;
const HALF_LIFE_DAYS = 182;
const KEEP = 2 ** (-1 / HALF_LIFE_DAYS);
/** An hour's count varies more than a Poisson's: the rhythm itself wanders. */
const HOUR_DISPERSION = 1.5;

export const flatSeason = (): number[] => new Array<number>(SEASON_SIZE).fill(1);
export const emptySeason = (): number[] => new Array<number>(LEARNED_SIZE).fill(0);
export const emptyHours = (): number[] => new Array<number>(HOURS).fill(0);

/** A season is a matter of days: with other buckets there is none. */
export const hasSeason = ({ season, bucketMs }: SurgeSettings): boolean => season === 'learned' && bucketMs === DAY_MS;

/** A time at a full hour to the millisecond is a date, not a time of day. */
export const isDateOnly = (at: number): boolean => at % HOUR_MS === 0;

/** Three weeks have been learned. */
export const seasonKnown = (learned: readonly number[]): boolean => learned.slice(SEASON_SIZE).reduce((a, b) => a + b, 0) >= WEEK_FROM_DAYS;

/** [SEASON_SIZE] factors of mean one each part. `learned` are the decayed counts [LEARNED_SIZE], `dispersion` the over-dispersion of a day's volume. */
export function seasonFactors(learned: readonly number[], prior: readonly number[] | null, dispersion: number): readonly number[] {
  const factors = prior?.slice() ?? flatSeason();
  let days = 0;
  for (let weekday = SEASON_SIZE; weekday < LEARNED_SIZE; weekday += 1) days += learned[weekday]!;
  if (days >= HOURS_FROM_DAYS) shrink(factors, learned, 0, HOURS, days, HOUR_DISPERSION);
  if (days >= WEEK_FROM_DAYS) shrink(factors, learned, HOURS, SEASON_SIZE, days, dispersion);
  return factors;
}

/** Moves the factors of one part, the prior's, towards its counts as far as those could not be chance. */
function shrink(factors: number[], counts: readonly number[], from: number, to: number, days: number, dispersion: number): void {
  let total = 0;
  let usual = 0;
  for (let part = from; part < to; part += 1) {
    total += counts[part]!;
    usual += daysOf(counts, part, days) * factors[part]!;
  }
  const each = total / (to - from);
  if (each < 1) return;
  const perDay = total / Math.max(usual, 1e-9);
  const off: number[] = [];
  let seen = 0;
  for (let part = from; part < to; part += 1) {
    const each = (counts[part]! + 1) / (perDay * daysOf(counts, part, days) * factors[part]! + 1) - 1;
    off.push(each);
    seen += each * each;
  }
  const trust = Math.max(0, 1 - dispersion / (each * Math.max(seen / (to - from - 1), 1e-9)));
  let sum = 0;
  for (let part = from; part < to; part += 1) sum += factors[part] = Math.max(0.02, factors[part]! * (1 + trust * off[part - from]!));
  for (let part = from; part < to; part += 1) factors[part]! /= sum / (to - from);
}

/** Days that a part was counted on: a weekday's own, an hour's 24th of all. */
const daysOf = (counts: readonly number[], part: number, days: number): number => (part < HOURS ? days / HOURS : counts[SEASON_SIZE - HOURS + part]!);

/** Season time from the day's begin to each slot's begin and to the day's end, in days. [slots + 1] */
export function dayClock(factors: readonly number[], zone: string, day: number): number[] {
  const hours = localHours(zone, day);
  const clock = [0];
  for (let slot = 0; slot < hours.length; slot += 1) {
    const hour = hours[slot]!;
    clock.push(clock[slot]! + (factors[hour % HOURS]! * factors[HOURS + Math.floor(hour / HOURS)]!) / hours.length);
  }
  return clock;
}

/** Season time of the fraction `part` (0 to 1) of the bucket that has passed; without a clock, that fraction. */
export function clockAt(clock: readonly number[] | null, part: number): number {
  if (clock === null) return part;
  const slots = clock.length - 1;
  const at = Math.min(slots, Math.max(0, part * slots));
  const slot = Math.min(slots - 1, Math.floor(at));
  return clock[slot]! + (at - slot) * (clock[slot + 1]! - clock[slot]!);
}

/** Stored in 16 bits. */
const MOST_AN_HOUR = 65_535;

/** Counts a review in its local hour of the open day. */
export function countHour(hours: number[], zone: string, at: number): void {
  const day = Math.floor(at / DAY_MS);
  const slots = localHours(zone, day);
  const hour = slots[Math.min(slots.length - 1, Math.floor(((at - day * DAY_MS) / DAY_MS) * slots.length))]! % HOURS;
  hours[hour] = Math.min(MOST_AN_HOUR, hours[hour]! + 1);
}

/** The counts with the day's hours learned at `weight`. Single precision, as they are stored. */
export function learnSeason(learned: readonly number[], hours: readonly number[], zone: string, day: number, weight: number): number[] {
  const next = learned.slice();
  for (let part = 0; part < LEARNED_SIZE; part += 1) next[part]! *= KEEP;
  const slots = localHours(zone, day);
  let seen = 0; // a bit an hour
  for (const slot of slots) {
    const hour = slot % HOURS;
    const weekday = Math.floor(slot / HOURS);
    next[SEASON_SIZE + weekday]! += weight / slots.length;
    if ((seen & (1 << hour)) !== 0) continue;
    seen |= 1 << hour;
    next[hour]! += weight * hours[hour]!;
    next[HOURS + weekday]! += weight * hours[hour]!;
  }
  for (let part = 0; part < LEARNED_SIZE; part += 1) next[part] = Math.fround(next[part]!);
  return next;
}
