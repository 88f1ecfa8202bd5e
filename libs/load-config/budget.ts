/** The alarm budget as a person writes it ("1/quarter", "2/week") in false alarms per product and day. */
import { TidewatchError } from '#contracts';

const DAYS: Readonly<Record<string, number>> = { day: 1, week: 7, month: 365.25 / 12, quarter: 365.25 / 4, year: 365.25 };

export function parseBudget(text: string, variable: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*\/\s*(day|week|month|quarter|year)\s*$/.exec(text);
  const count = Number(match?.[1]);
  if (match === null || !(count > 0)) {
    throw new TidewatchError('SETTING_INVALID', `${variable} is not an alarm budget. Expected a number above zero and a period, such as "1/quarter" or "2/week" (periods: ${Object.keys(DAYS).join(', ')}).`);
  }
  return count / DAYS[match[2]!]!;
}
