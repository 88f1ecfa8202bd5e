/**
 * Local times to UTC and back, by the engine's own zone database (Intl, IANA names) or by a VTIMEZONE of the file for other names.
 * A local time that daylight saving skips is read with the offset before the gap, one that comes twice as the first (RFC 5545, 3.3.5).
 * Local times are written as ms, as if they were UTC.
 */
import ICAL from 'ical.js';

export interface Zone {
  wallToUtc(wall: number): number;
  utcToWall(utc: number): number;
}

const DAY_MS = 86_400_000;

export const UTC: Zone = { wallToUtc: (wall) => wall, utcToWall: (utc) => utc };

/** null: no such zone. */
export function ianaZone(name: string): Zone | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, calendar: 'iso8601', numberingSystem: 'latn', hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
  } catch {
    return null;
  }
  const utcToWall = (utc: number): number => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(utc)) part[type] = Number(value);
    return Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute'], part['second']);
  };
  const wallToUtc = (wall: number): number => {
    const before = wall - (utcToWall(wall - DAY_MS) - (wall - DAY_MS));
    const after = wall - (utcToWall(wall + DAY_MS) - (wall + DAY_MS));
    const holding = [before, after].filter((utc) => utcToWall(utc) === wall);
    return holding.length === 0 ? before : Math.min(...holding);
  };
  return { wallToUtc, utcToWall };
}

export function fileZone(component: ICAL.Component, tzid: string): Zone {
  const zone = new ICAL.Timezone({ component, tzid });
  const local = (ms: number, of: ICAL.Timezone): ICAL.Time => {
    const at = new Date(ms);
    return new ICAL.Time({ year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate(), hour: at.getUTCHours(), minute: at.getUTCMinutes(), second: at.getUTCSeconds(), isDate: false }, of);
  };
  return {
    wallToUtc: (wall) => wall - zone.utcOffset(local(wall, zone)) * 1000,
    utcToWall: (utc) => wallOf(local(utc, ICAL.Timezone.utcTimezone).convertToZone(zone)),
  };
}

/** The fields of a time as ms. */
export const wallOf = (time: ICAL.Time): number => Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
