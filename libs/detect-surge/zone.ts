/**
 * Local hours of the week through the engine's own zone database (Intl, as IANA names it), daylight saving included.
 * A UTC day is cut into equal slots, hours where the zone is whole hours away from UTC, else quarters: every zone's offset is a
 * multiple of a quarter of an hour. Remembered for the days of late: a day is asked for once per product and day.
 */
import { TidewatchError } from '#contracts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
export const WEEK_HOURS = 168;
/** Products of a file may each go through all its years. */
const MOST_DAYS = 16_384;

const formats = new Map<string, Intl.DateTimeFormat>();
const days = new Map<string, Map<number, Uint8Array>>();
/** A day is asked for twice in a row: as a clock, and when it is learned. */
let newest: { readonly zone: string; readonly day: number; readonly hours: Uint8Array } = { zone: '', day: 0, hours: new Uint8Array(0) };

/** SETTING_INVALID when the engine knows no such zone. */
export function checkTimeZone(zone: string): void {
  try {
    formatOf(zone);
  } catch {
    throw new TidewatchError('SETTING_INVALID', `surge setting timeZone is "${zone.slice(0, 60)}", which is no known time zone; expected an IANA name such as UTC, Europe/Berlin or America/New_York (SURGE_TIME_ZONE).`);
  }
}

/** Local time minus UTC at `at` (epoch ms), ms. */
export function zoneOffset(zone: string, at: number): number {
  if (zone === 'UTC') return 0;
  const whole = Math.floor(at / 1000) * 1000;
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(whole)) part[type] = Number(value);
  return Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute, part.second) - whole;
}

/** For each slot of a UTC day (24 or 96 of them) its local hour of the week, Monday 0:00 is 0. `day` is days since the epoch. */
export function localHours(zone: string, day: number): Uint8Array {
  if (zone === newest.zone && day === newest.day) return newest.hours;
  const hours = rememberedHours(zone, day);
  newest = { zone, day, hours };
  return hours;
}

function rememberedHours(zone: string, day: number): Uint8Array {
  let known = days.get(zone);
  if (known === undefined) days.set(zone, (known = new Map<number, Uint8Array>()));
  const held = known.get(day);
  if (held !== undefined) return held;
  if (known.size >= MOST_DAYS) known.clear();
  const hours = slotsOf(zone, day);
  known.set(day, hours);
  return hours;
}

function slotsOf(zone: string, day: number): Uint8Array {
  const begin = day * DAY_MS;
  const [first, last] = [zoneOffset(zone, begin), zoneOffset(zone, begin + DAY_MS - 1)];
  const slots = first % HOUR_MS === 0 && last % HOUR_MS === 0 ? 24 : 96;
  const slotMs = DAY_MS / slots;
  return Uint8Array.from({ length: slots }, (_, slot) => {
    const at = begin + slot * slotMs;
    // The epoch was a Thursday
    return (Math.floor((at + (first === last ? first : zoneOffset(zone, at))) / HOUR_MS) + 72) % WEEK_HOURS;
  });
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, calendar: 'iso8601', numberingSystem: 'latn', hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
    formats.set(zone, format);
  }
  return format;
}
