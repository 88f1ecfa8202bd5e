/** The outbox payload of a surge's transition (libs/commit-postgres/sql/surges.ts) as a notice. */
import type { NoticeEvidence, NoticeKind, SurgeContributor, SurgeNotice, SurgeRecord } from '#contracts';

/** Absent in messages of older versions. */
type Added = 'events' | 'muted' | 'calendarId' | 'excessLow' | 'excessHigh' | 'budgetSource';
/** A SurgeRecord as it travels: ISO times instead of epoch ms. */
export type SurgeMessage = Omit<SurgeRecord, 'at' | 'openedAt' | 'closedAt' | 'startedAt' | Added> & Partial<Pick<SurgeRecord, Added>> & {
  readonly at: string;
  readonly openedAt: string;
  readonly closedAt: string | null;
  readonly startedAt: string;
};

/** What the scheduler worked out of a surge (apps/scheduler/explain-surges.ts), as of this transition or a later one. */
export interface Explained {
  readonly contributors: readonly SurgeContributor[];
  readonly lookAlikes: number;
  readonly weight: number;
  readonly brigading: string | null;
  readonly evidence: readonly NoticeEvidence[];
}

/** What is known of a surge's negatives, as a notice and the surge topic say it. `explained` null: it was not there in time, and nothing is said. */
export function saying(explained: Omit<Explained, 'evidence'> | null, observed: number): Pick<SurgeNotice, 'contributors' | 'lookAlikes'> {
  if (explained === null) return { contributors: [] };
  const { contributors, lookAlikes: count, weight, brigading } = explained;
  return { contributors, lookAlikes: { count, observedWithout: Math.max(0, observed - weight), brigading } };
}

export function noticeOf(kind: NoticeKind, message: SurgeMessage, productName: string | null, explained: Explained | null = null, evidence: readonly NoticeEvidence[] = explained?.evidence ?? []): SurgeNotice {
  const { surgeId, seq, productId, status, channel, severity, at, startedAt, openedAt, closedAt, expected, observed, excess, shareBefore, shareNow, budgetPerDay, settingsId, modelId, events = [], excessLow, excessHigh, budgetSource } = message;
  return {
    noticeId: `${surgeId}#${seq}`, kind, surgeId, seq, productId, productName, status, channel, severity, at, startedAt, openedAt, closedAt,
    expected, observed, excess, shareBefore, shareNow, budgetPerDay, settingsId, modelId,
    ...(excessLow === undefined || excessHigh === undefined ? {} : { excessLow, excessHigh }), ...(budgetSource === undefined ? {} : { budgetSource }), ...saying(explained, observed),
    events: events.map((event) => ({ ...event, from: new Date(event.from).toISOString(), until: new Date(event.until).toISOString() })),
    evidence: evidence.map(({ reviewId, at: written, pNegative, excerpt, topWords }) => ({ reviewId, at: written, pNegative, excerpt, topWords })),
  };
}
