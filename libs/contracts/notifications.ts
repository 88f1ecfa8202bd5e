/**
 * What people are told of surges, and the port through which it leaves. A notice is one transition worth telling; a digest is
 * several that were held back. Times are ISO 8601 text: a notice is stored and sent as JSON, and nobody computes with it.
 */
import type { SurgeChannel, SurgeContributor, SurgeEvent, SurgeStatus } from './surges.js';
import type { WordWeight } from './model.js';

export type NoticeKind = 'opened' | 'worsened' | 'closed';

export interface NoticeEvidence {
  readonly reviewId: string;
  readonly at: string;
  readonly pNegative: number;
  readonly excerpt: string;
  readonly topWords: readonly WordWeight[];
}

/** Evidence of a surge over a group: whose review it is. */
export interface GroupEvidence extends NoticeEvidence {
  readonly productId: string;
  readonly productName: string | null;
}

/** One transition of one surge, whole: a receiver needs no other message to understand it. */
export interface SurgeNotice {
  /** `${surgeId}#${seq}`: the same in every repeat, so that a receiver can drop one. */
  readonly noticeId: string;
  readonly kind: NoticeKind;
  readonly surgeId: string;
  /** Grows within a surge; a receiver that has seen a higher one may drop a lower one. */
  readonly seq: number;
  readonly productId: string;
  readonly productName: string | null;
  readonly status: SurgeStatus;
  readonly channel: SurgeChannel;
  readonly severity: number;
  /** Event time of the transition, and of the surge's life. */
  readonly at: string;
  readonly startedAt: string;
  readonly openedAt: string;
  readonly closedAt: string | null;
  readonly expected: number;
  readonly observed: number;
  readonly excess: number;
  /** Its 90 % interval; absent in notices of older versions and of groups. */
  readonly excessLow?: number;
  readonly excessHigh?: number;
  readonly shareBefore: number;
  readonly shareNow: number;
  readonly budgetPerDay: number;
  /** Whose budget that is; absent in notices of older versions. */
  readonly budgetSource?: string;
  readonly settingsId: string;
  readonly modelId: string;
  /** Empty also where it was not explained in time. */
  readonly contributors: readonly SurgeContributor[];
  /** Known events in force between its start and this transition; absent in notices from before there was a calendar. */
  readonly events?: readonly NoticeEvent[];
  /** Negatives counted apart as look-alikes, what was observed without them, and why that is possible brigading (null: it is not). Absent where the surge was not explained in time. */
  readonly lookAlikes?: { readonly count: number; readonly observedWithout: number; readonly brigading: string | null };
  readonly evidence: readonly (NoticeEvidence | GroupEvidence)[];
  /** Of a surge that widened to several products of a group: its children, worst first; figures, contributors and evidence are those of all together. Absent otherwise.
   *  `surgeId` is `groupSurgeId`, or that of the child that was told before it widened. */
  readonly group?: { readonly groupSurgeId: string; readonly name: string; readonly products: number; readonly children: readonly NoticeChild[] };
}

export interface NoticeChild {
  readonly surgeId: string;
  readonly productId: string;
  readonly productName: string | null;
  readonly status: SurgeStatus;
  readonly severity: number;
}

export type NoticeEvent = Omit<SurgeEvent, 'from' | 'until'> & { readonly from: string; readonly until: string };

/** What one message to one channel carries. */
export type ChannelMessage =
  | { readonly type: 'surge'; readonly id: string; readonly notice: SurgeNotice }
  /** Held back by quiet hours or the rate limit, oldest first. */
  | { readonly type: 'digest'; readonly id: string; readonly because: string; readonly notices: readonly SurgeNotice[] }
  | { readonly type: 'test'; readonly id: string };

export type SendOutcome =
  | { readonly kind: 'delivered' }
  /** This message was refused; others may pass. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The channel cannot be used now: away, overloaded, or its credentials do not hold. */
  | { readonly kind: 'away'; readonly reason: string; readonly retryAfterMs: number | null };

export const CHANNEL_KINDS = ['webhook', 'slack', 'alertmanager', 'email'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

export interface NotificationChannel {
  readonly kind: ChannelKind;
  /** Never throws: whatever happens is an outcome. `now`: epoch ms. */
  send(message: ChannelMessage, now: number): Promise<SendOutcome>;
  /** Channels that forget (Alertmanager) are told again of what is open. Null where once is enough. */
  readonly repeat: ((open: readonly SurgeNotice[], now: number) => Promise<SendOutcome>) | null;
  close(): Promise<void>;
}
