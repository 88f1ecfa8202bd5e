/** A surge as a record with a life (design section 7). Times are event time, epoch ms. */
import type { CalendarEvent } from './calendar.js';
import type { StreamPosition } from './stream.js';
import type { WordWeight } from './model.js';

export type SurgeStatus = 'opened' | 'worsening' | 'easing' | 'closed';
export type SurgeChannel = 'count' | 'share';

/** A scored review as the detector sees it: what it says is another's matter. */
export interface SurgeObservation {
  readonly productId: string;
  readonly at: number;
  /** Calibrated P(negative | text, history, own stars), counted as a fraction of a negative. */
  readonly pNegative: number;
}

/** A review that shows a surge, chosen from all the stored ones. */
export interface SurgeEvidence {
  readonly rank: number;
  readonly reviewId: string;
  readonly position: StreamPosition;
  readonly at: number;
  readonly pNegative: number;
  readonly excerpt: string;
  readonly topWords: readonly WordWeight[];
}

/** Something over-represented among the surge's negatives. */
export interface SurgeContributor {
  readonly kind: 'term' | 'phrase' | 'aspect' | 'version' | 'region' | 'source' | 'language' | 'verified';
  readonly value: string;
  readonly shareNow: number;
  readonly shareBefore: number;
  /** shareNow to shareBefore, with half a carrier more before; and significance, corrected for all that was looked at. Absent in what older versions named. */
  readonly ratio?: number;
  readonly significance?: number;
}

/** A negative review as far as it may name a cause; text with its title. */
export interface Complaint {
  readonly text: string;
  readonly appVersion: string | null;
  readonly region: string | null;
  readonly source: string | null;
  readonly lang: string | null;
  readonly verified: boolean | null;
}

/** What a person's verdict changed in the state of a product: one row of internal.baseline_change, written with that state. */
export interface BaselineChange {
  readonly surgeId: string;
  /** 1 for the first change that this surge's verdicts caused, one more for each. */
  readonly seq: number;
  readonly productId: string;
  /** The verdict that caused it, and whether the surge counts as part of the normal from now on. */
  readonly verdict: string;
  readonly learned: boolean;
  /** Version of the state that holds the change. */
  readonly stateVersion: bigint;
  /** Surges of the product that counted towards the threshold, and nats by which it is raised, before and after. */
  readonly judged: number;
  readonly raisedBefore: number;
  readonly raisedAfter: number;
  /** Negatives per day, and share of negatives, before and after. */
  readonly rateBefore: number;
  readonly rateAfter: number;
  readonly shareBefore: number;
  readonly shareAfter: number;
  /** A sentence. */
  readonly reason: string;
}

/** The surge after one transition. One row of internal.surge (newest) and one of internal.surge_transition (each). */
export interface SurgeRecord {
  /** `${productId}@${openedAt ISO}`: the same in every replay. */
  readonly surgeId: string;
  /** 1 for the opening, one more for each transition. */
  readonly seq: number;
  readonly productId: string;
  readonly status: SurgeStatus;
  readonly channel: SurgeChannel;
  /** Event time of this transition. */
  readonly at: number;
  readonly openedAt: number;
  readonly closedAt: number | null;
  /** Estimated start of the change; not later than openedAt. */
  readonly startedAt: number;
  /** Expected and observed negatives since `startedAt`. */
  readonly expected: number;
  readonly observed: number;
  readonly excess: number;
  /** Its 90 % interval (libs/detect-surge/excess.ts). */
  readonly excessLow: number;
  readonly excessHigh: number;
  /** 1 to 10, from excess and its certainty. */
  readonly severity: number;
  readonly shareBefore: number;
  readonly shareNow: number;
  /** False alarms per product and day that the threshold was set for. */
  readonly budgetPerDay: number;
  /** Whose budget that is: "default", "product" or "group NAME"; with ", within the portfolio" where that budget made it smaller. */
  readonly budgetSource: string;
  readonly settingsId: string;
  readonly modelId: string;
  /** Known events that were in force between startedAt and this transition, by their beginning; at most eight, the newest. */
  readonly events: readonly SurgeEvent[];
  /** An event that mutes is in force at this transition: it is recorded, and nobody is told. */
  readonly muted: boolean;
  /** Snapshot of the calendar that was applied; 0: the empty one. */
  readonly calendarId: number;
}

/** A known event as a surge names it. */
export type SurgeEvent = Omit<CalendarEvent, 'products'>;
