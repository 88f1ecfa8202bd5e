/**
 * Which transitions people are told of: the opening, a severity two steps above the one told last, and the closing, each once.
 * Easing, and growth without a higher severity, stay in the record. A closing of which the opening was never told is not told.
 */
import type { NoticeKind, SurgeStatus } from '#contracts';

const WORSE_BY = 2;

/** What was told of a surge so far. */
export interface Told {
  readonly severity: number;
  readonly closed: boolean;
}

export function noticeKind({ status, severity }: { readonly status: SurgeStatus; readonly severity: number }, told: Told | null): NoticeKind | null {
  if (told === null) return status === 'opened' ? 'opened' : null;
  if (told.closed) return null;
  if (status === 'closed') return 'closed';
  return severity >= told.severity + WORSE_BY ? 'worsened' : null;
}
