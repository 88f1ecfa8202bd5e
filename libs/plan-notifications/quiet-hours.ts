/**
 * Hours of the day in which a channel keeps still, in a named zone: '22:00-07:00' reaches over midnight. Daylight saving is
 * the zone's: the wall clock decides. The end is no longer quiet.
 */
import { TidewatchError } from '#contracts';

export interface QuietHours {
  /** Minutes since midnight. */
  readonly from: number;
  readonly to: number;
  readonly timeZone: string;
}

/** @throws SETTING_INVALID that names the variable and what was expected */
export function parseQuietHours(text: string, timeZone: string, variable: string): QuietHours {
  const match = /^\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*$/.exec(text);
  const [from, to] = match === null ? [-1, -1] : [Number(match[1]) * 60 + Number(match[2]), Number(match[3]) * 60 + Number(match[4])];
  if (match === null || from >= 1440 || to > 1440 || from === to || Number(match[2]) > 59 || Number(match[4]) > 59) {
    throw new TidewatchError('SETTING_INVALID', `${variable} is not a span of hours. Expected two different times of day, such as "22:00-07:00".`);
  }
  return { from, to: to % 1440, timeZone };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Minutes since midnight on the wall clock of the zone. */
function minuteOfDay(now: number, timeZone: string): number {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  formats.set(timeZone, format);
  const parts = format.formatToParts(now);
  const part = (type: string) => Number(parts.find((each) => each.type === type)!.value);
  return part('hour') * 60 + part('minute');
}

export function isQuiet({ from, to, timeZone }: QuietHours, now: number): boolean {
  const minute = minuteOfDay(now, timeZone);
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}
