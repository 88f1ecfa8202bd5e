/** The outbox payload of a surge's transition (libs/commit-postgres/sql/surges.ts) as a notice. */
import type { NoticeKind, SurgeNotice, SurgeRecord } from '#contracts';

/** A SurgeRecord as it travels: ISO times instead of epoch ms. */
/** `events`, `muted` and `calendarId` are absent in messages from before there was a calendar. */
export type SurgeMessage = Omit<SurgeRecord, 'at' | 'openedAt' | 'closedAt' | 'startedAt' | 'evidence' | 'events' | 'muted' | 'calendarId'> & Partial<Pick<SurgeRecord, 'events' | 'muted' | 'calendarId'>> & {
  readonly at: string;
  readonly openedAt: string;
  readonly closedAt: string | null;
  readonly startedAt: string;
  readonly evidence: readonly (Omit<SurgeRecord['evidence'][number], 'at' | 'position'> & { readonly at: string })[];
};

export function noticeOf(kind: NoticeKind, message: SurgeMessage, productName: string | null): SurgeNotice {
  const { surgeId, seq, productId, status, channel, severity, at, startedAt, openedAt, closedAt, expected, observed, excess, shareBefore, shareNow, budgetPerDay, settingsId, modelId, contributors, events = [] } = message;
  return {
    noticeId: `${surgeId}#${seq}`, kind, surgeId, seq, productId, productName, status, channel, severity, at, startedAt, openedAt, closedAt,
    expected, observed, excess, shareBefore, shareNow, budgetPerDay, settingsId, modelId, contributors,
    events: events.map((event) => ({ ...event, from: new Date(event.from).toISOString(), until: new Date(event.until).toISOString() })),
    evidence: message.evidence.map(({ reviewId, at: written, pNegative, excerpt, topWords }) => ({ reviewId, at: written, pNegative, excerpt, topWords })),
  };
}
