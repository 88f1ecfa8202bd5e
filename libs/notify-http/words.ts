/** A notice in words, for people: a headline, the figures as one sentence, and what stands out. Plain text, a line each. */
import type { ChannelMessage, SurgeNotice } from '#contracts';

const HEADS = { opened: 'Surge of negative reviews', worsened: 'Surge is worse', closed: 'Surge is over' } as const;
const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const percent = (share: number): string => `${number.format(100 * share)} %`;

/** One line: control characters, and everything that would break a subject or a list or turn its direction, become spaces; marks are stacked no higher than any script does. */
export const line = (text: string, most = 120): string => {
  const flat = text.slice(0, 8 * most).replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ').replace(/(\p{M}{4})\p{M}+/gu, '$1').trim();
  return flat.length > most ? `${flat.slice(0, most - 1).replace(/\p{Surrogate}$/u, '')}…` : flat;
};

export const budgetOf = ({ budgetPerDay, budgetSource = 'default' }: SurgeNotice): string => `Alarm budget ${budgetPerDay.toPrecision(3)} false alarms per product and day (${line(budgetSource, 260)})`;

export const nameOf = ({ productName, productId }: SurgeNotice): string => line(productName ?? productId);

export const headline = (notice: SurgeNotice): string => `${HEADS[notice.kind]}: ${nameOf(notice)}, severity ${number.format(notice.severity)} of 10`;

export function figures({ observed, expected, excessLow, excessHigh, startedAt, at, shareBefore, shareNow, channel }: SurgeNotice): string {
  const times = expected > 0 && observed / expected >= 1.5 ? `, ${number.format(observed / expected)} times the usual` : '';
  const sure = excessLow === undefined || excessHigh === undefined ? '' : `, so ${number.format(Math.max(0, excessLow))} to ${number.format(excessHigh)} too many (90 % interval)`;
  return `${number.format(observed)} negative reviews from ${minute(startedAt)} to ${minute(at)}, where ${number.format(expected)} were expected${times}${sure}. Share of negatives ${percent(shareNow)}, before ${percent(shareBefore)}. Raised by their ${channel}.`;
}

const minute = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

/** '' when it is one product's surge. */
export function widened({ group, surgeId }: SurgeNotice): string {
  if (group === undefined) return '';
  const shown = group.children.slice(0, 8).map(({ productName, productId, severity, status }) => `${line(productName ?? productId, 60)} (severity ${number.format(severity)}${status === 'closed' ? ', closed' : ''})`);
  const first = group.children.find((child) => child.surgeId === surgeId);
  const known = first === undefined ? '' : `, told before as that of ${line(first.productName ?? first.productId, 60)}`;
  return `One surge over ${group.products} products of ${line(group.name, 60)}${known}: ${shown.join(', ')}${group.children.length > shown.length ? ` and ${group.children.length - shown.length} more` : ''}.`;
}

/** '' when it is not marked. */
export function brigading({ lookAlikes, observed }: SurgeNotice): string {
  if (lookAlikes === undefined || lookAlikes.brigading === null) return '';
  return `Possible brigading: ${line(lookAlikes.brigading, 400)}. Without these ${lookAlikes.count}: ${number.format(lookAlikes.observedWithout)} of ${number.format(observed)} negatives.`;
}

/** '' when no known event was in force. */
export const known = ({ events = [] }: SurgeNotice): string => events.slice(0, 3).map(({ name, kind, factor }) => `${line(name, 80)} (${kind}${factor === null ? '' : `, ${number.format(factor)} times the usual was expected`})`).join('; ');

/** '' when nothing stands out. */
export function standsOut({ contributors }: SurgeNotice): string {
  return contributors.slice(0, 4).map(({ kind, value, shareNow, shareBefore }) => `${kind} "${line(value, 60)}" in ${percent(shareNow)} (before ${percent(shareBefore)})`).join('; ');
}

export const quotes = ({ evidence }: SurgeNotice): string[] => evidence.slice(0, 3).map((each) => `${line(each.excerpt, 280)}${'productId' in each ? ` (${line(each.productName ?? each.productId, 60)})` : ''}`);

export function digestHeadline({ because, notices }: Extract<ChannelMessage, { type: 'digest' }>): string {
  return `${notices.length} notices held back (${because})`;
}

export const TEST_LINE = 'This is a test from Tidewatch: the channel works.';

/** Half a surrogate pair has no UTF-8: it becomes U+FFFD. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');
