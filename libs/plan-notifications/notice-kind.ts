/**
 * Which transitions people are told of: the opening, a severity two steps above the one told last, and the closing, each once.
 * Easing, and growth without a higher severity, stay in the record. A closing of which the opening was never told is not told.
 * While a known event mutes, nothing is told but the closing of what was told before. What was held back so is told once with the first transition that
 * is not muted, which the end of the event itself is, if the surge is still open then.
 */
import type { NoticeKind } from '#contracts';
import type { SurgeMessage } from './notice-of.js';

const WORSE_BY = 2;

/** What was told of a surge so far. */
export interface Told {
  readonly severity: number;
  readonly closed: boolean;
}

type Transition = Pick<SurgeMessage, 'status' | 'severity' | 'muted'>;

/** `heldBack`: an earlier transition of the surge was muted. */
export function noticeKind({ status, severity, muted = false }: Transition, told: Told | null, heldBack: boolean): NoticeKind | null {
  if (told === null) return !muted && (status === 'opened' || (heldBack && status !== 'closed')) ? 'opened' : null;
  if (told.closed) return null;
  if (status === 'closed') return 'closed';
  return !muted && severity >= told.severity + WORSE_BY ? 'worsened' : null;
}
