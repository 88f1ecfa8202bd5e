/** The alarm budget as a person writes it ("1/quarter", "2/week") in false alarms per product and day. */
import { LEAST_BUDGET, MOST_BUDGET, TidewatchError } from '#contracts';

const DAYS: Readonly<Record<string, number>> = { day: 1, week: 7, month: 365.25 / 12, quarter: 365.25 / 4, year: 365.25 };

export function parseBudget(text: string, variable: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*\/\s*(day|week|month|quarter|year)\s*$/.exec(text);
  const count = Number(match?.[1]);
  if (match === null || !(count > 0)) {
    throw new TidewatchError('SETTING_INVALID', `${variable} is not an alarm budget. Expected a number above zero and a period, such as "1/quarter" or "2/week" (periods: ${Object.keys(DAYS).join(', ')}).`);
  }
  const perDay = count / DAYS[match[2]!]!;
  if (perDay >= LEAST_BUDGET && perDay <= MOST_BUDGET) return perDay;
  throw new TidewatchError('SETTING_INVALID', `${variable} is out of range. Expected at most ${MOST_BUDGET} false alarms a day and at least one in ${1 / LEAST_BUDGET} days, such as "1/quarter".`);
}

/** Which channels may fire: "count", "share" or both by comma. Null where nothing was said: both, the count only where the share is risen too. */
export function parseChannels(text: string | undefined, variable: string): readonly ('count' | 'share')[] | null {
  if (text === undefined) return null;
  const names = text.split(',').map((name) => name.trim());
  const known = names.filter((name) => name === 'count' || name === 'share');
  if (known.length !== names.length || new Set(known).size !== names.length) {
    throw new TidewatchError('SETTING_INVALID', `${variable} names no channels. Expected "count", "share" or "count,share"; leave it out for the default, in which a risen count needs a risen share.`);
  }
  return known;
}
