/**
 * Event times: ISO 8601 to epoch milliseconds, by hand, because Date.parse also takes "1", "May 3" and 31 February.
 * `2024-05-01` is midnight UTC; `T` or one space before the clock time; seconds and a fraction (kept to the
 * millisecond, cut, not rounded) may be left out; without an offset the time is UTC. From 1970 to 9999.
 */
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The number that two decimal digits at `at` spell, or -1. */
function two(text: string, at: number): number {
  const high = text.charCodeAt(at) - 48;
  const low = text.charCodeAt(at + 1) - 48;
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : -1;
}

/** Epoch milliseconds, or null when the text is not such a time or names a day or hour that does not exist. */
export function parseIsoTime(text: string): number | null {
  const century = two(text, 0);
  const year = century * 100 + two(text, 2);
  const month = two(text, 5);
  const day = two(text, 8);
  if (century < 0 || two(text, 2) < 0 || text[4] !== '-' || text[7] !== '-' || year < 1970 || month < 1 || month > 12 || day < 1) return null;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > DAYS_IN_MONTH[month - 1]! + (leap && month === 2 ? 1 : 0)) return null;
  if (text.length === 10) return Date.UTC(year, month - 1, day);

  const separator = text[10];
  if (separator !== 'T' && separator !== 't' && separator !== ' ') return null;
  const hour = two(text, 11);
  const minute = two(text, 14);
  if (hour < 0 || hour > 23 || text[13] !== ':' || minute < 0 || minute > 59) return null;
  let end = 16;
  let second = 0;
  let fraction = 0;
  if (text[end] === ':') {
    second = two(text, 17);
    if (second < 0 || second > 59) return null;
    end = 19;
    if (text[end] === '.' || text[end] === ',') {
      const from = ++end;
      for (; end < text.length; end += 1) {
        const digit = text.charCodeAt(end) - 48;
        if (digit < 0 || digit > 9) break;
        if (end - from < 3) fraction += digit * [100, 10, 1][end - from]!;
      }
      if (end === from || end - from > 9) return null;
    }
  }
  const offset = parseOffset(text, end);
  const at = offset === null ? -1 : Date.UTC(year, month - 1, day, hour, minute, second, fraction) - offset;
  return at < 0 ? null : at;
}

/** The rest of the text as an offset from UTC in milliseconds: nothing, Z, +05, +0530, +05:30; null when it is none of these. */
function parseOffset(text: string, from: number): number | null {
  if (from === text.length) return 0;
  const sign = text[from];
  if (sign === 'Z' || sign === 'z') return text.length === from + 1 ? 0 : null;
  if (sign !== '+' && sign !== '-') return null;
  const hours = two(text, from + 1);
  const rest = text.length - from - 3;
  const minutes = rest === 0 ? 0 : rest === 2 ? two(text, from + 3) : rest === 3 && text[from + 3] === ':' ? two(text, from + 4) : -1;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return null;
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
