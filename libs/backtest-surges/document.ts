/**
 * The one document that `tidewatch backtest surges --json` prints. Times are ISO 8601 (UTC). Expected and observed are negatives
 * since the estimated start, as of the surge's newest transition; `products` and `reviews` are counts of what was scored.
 */
import type { SurgeChannel, SurgeContributor, SurgeEvent, SurgeRecord, WordWeight } from '#contracts';
import type { Explanation, SurgeCollector } from './collect.js';

export interface BacktestSurge {
  readonly productId: string;
  readonly channel: SurgeChannel;
  readonly estimatedStart: string;
  readonly openedAt: string;
  /** null: still open when the file ends. */
  readonly closedAt: string | null;
  readonly severity: number;
  readonly expected: number;
  readonly observed: number;
  readonly shareBefore: number;
  readonly shareNow: number;
  readonly contributors: readonly SurgeContributor[];
  /** Known events in force since its start, and whether one of them muted it at its opening. */
  readonly events: readonly (Omit<SurgeEvent, 'from' | 'until'> & { readonly from: string; readonly until: string })[];
  readonly muted: boolean;
  readonly evidence: readonly { readonly reviewId: string; readonly line: number; readonly at: string; readonly pNegative: number; readonly excerpt: string; readonly topWords: readonly WordWeight[] }[];
}

export interface BacktestDocument {
  /** As it was given, such as "1/quarter". */
  readonly budget: string;
  readonly products: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly reviews: number;
  readonly surges: readonly BacktestSurge[];
}

const iso = (at: number) => new Date(at).toISOString();

export function documentOf(collected: SurgeCollector, budget: string): BacktestDocument {
  const { products, reviews, from, to } = collected;
  return { budget, products: products.size, from: reviews === 0 ? null : iso(from), to: reviews === 0 ? null : iso(to), reviews, surges: collected.surges().map((records) => surgeOf(records[records.length - 1]!, records[0]!.muted, collected.explanationOf(records[0]!.surgeId))) };
}

function surgeOf(record: SurgeRecord, muted: boolean, { contributors, evidence }: Explanation): BacktestSurge {
  const { productId, channel, startedAt, openedAt, closedAt, severity, expected, observed, shareBefore, shareNow, events } = record;
  return {
    productId, channel, estimatedStart: iso(startedAt), openedAt: iso(openedAt), closedAt: closedAt === null ? null : iso(closedAt), severity, expected, observed, shareBefore, shareNow, contributors,
    evidence: evidence.map(({ reviewId, position, at, pNegative, excerpt, topWords }) => ({ reviewId, line: Number(position.offset), at: iso(at), pNegative, excerpt, topWords })),
    events: events.map((event) => ({ ...event, from: iso(event.from), until: iso(event.until) })), muted,
  };
}
