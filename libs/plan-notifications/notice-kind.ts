/**
 * Which transitions people are told of: the opening, a severity two steps above the one told last, and the closing, each once.
 * Easing, and growth without a higher severity, stay in the record. A closing of which the opening was never told is not told.
 * While a known event mutes, nothing is told but the closing of what was told before. A surge that was muted at its opening and gets worse
 * after the event is told as opened then.
 */
import type { NoticeKind } from '#contracts';
import type { SurgeMessage } from './notice-of.js';

const WORSE_BY = 2;

/** What was told of a surge so far. */
export interface Told {
  readonly severity: number;
  readonly closed: boolean;
}

type Transition = Pick<SurgeMessage, 'status' | 'severity' | 'openedAt' | 'muted' | 'events'>;

export function noticeKind({ status, severity, openedAt, muted = false, events = [] }: Transition, told: Told | null): NoticeKind | null {
  if (told === null) {
    if (muted) return null;
    const opened = Date.parse(openedAt);
    const wasMuted = events.some(({ mute, from, until }) => mute && from <= opened && opened < until);
    return status === 'opened' || (status === 'worsening' && wasMuted) ? 'opened' : null;
  }
  if (told.closed) return null;
  if (status === 'closed') return 'closed';
  return !muted && severity >= told.severity + WORSE_BY ? 'worsened' : null;
}
