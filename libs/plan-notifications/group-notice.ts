/**
 * What is told of a surge that widened to several products of a group: that it is one, when it got worse by two severities or to twice as many
 * products, and when the last of them is over. Figures, contributors and evidence are those of all products together.
 */
import type { GroupEvidence, NoticeKind, SurgeChannel, SurgeNotice, SurgeStatus } from '#contracts';
import { excessOfAll } from './group-excess.js';
import { type Explained, noticeOf, type SurgeMessage } from './notice-of.js';

export interface GroupChild {
  readonly surgeId: string;
  readonly seq: number;
  readonly productId: string;
  readonly productName: string | null;
  readonly status: SurgeStatus;
  readonly channel: SurgeChannel;
  readonly severity: number;
  readonly muted: boolean;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly openedAt: string;
  readonly closedAt: string | null;
  /** Newest transition. */
  readonly at: string;
  readonly expected: number;
  readonly observed: number;
  /** null in rows of older versions. */
  readonly excessLow: number | null;
  readonly excessHigh: number | null;
  readonly shareBefore: number;
  readonly shareNow: number;
}

export interface GroupState {
  readonly groupSurgeId: string;
  readonly group: string;
  readonly openedAt: string;
  /** The surge id under which people are told of it: its own, or that of a child they knew before. */
  readonly toldAs: string;
  /** Transitions of all children: only grows. */
  readonly seq: number;
  /** Worst first; at least one. */
  readonly children: readonly GroupChild[];
}

/** What was worked out of it (apps/scheduler/explain-groups.ts), as of this state or a later one. */
export interface ExplainedGroup extends Explained {
  readonly evidence: readonly GroupEvidence[];
}

/** What was told of it so far; `products`: of how many. */
export interface ToldGroup {
  readonly severity: number;
  readonly products: number;
  readonly closed: boolean;
}

const WORSE_BY = 2;
const WIDER_BY = 2;

const productsOf = ({ children }: GroupState): number => new Set(children.map(({ productId }) => productId)).size;
const isOver = ({ children }: GroupState): boolean => children.every(({ closedAt }) => closedAt !== null);

export function groupKind(state: GroupState, told: ToldGroup | null): NoticeKind | null {
  const over = isOver(state);
  if (told === null) return over || state.children.every(({ muted }) => muted) ? null : 'opened';
  if (told.closed) return null;
  if (over) return 'closed';
  if (state.children.every(({ muted, closedAt }) => muted || closedAt !== null)) return null;
  return state.children[0]!.severity >= told.severity + WORSE_BY || productsOf(state) >= WIDER_BY * told.products ? 'worsened' : null;
}

/**
 * @param message the newest transition of the worst child
 * Product and channel are those of the child that it goes on from, which never change; else the worst's.
 */
export function groupNoticeOf(kind: NoticeKind, state: GroupState, message: SurgeMessage, explained: ExplainedGroup | null): SurgeNotice {
  const { children, group, groupSurgeId, toldAs, seq, openedAt } = state;
  const worst = children[0]!;
  const named = children.find(({ surgeId }) => surgeId === toldAs) ?? worst;
  const sum = (of: (child: GroupChild) => number) => children.reduce((total, child) => total + of(child), 0);
  const iso = (time: string) => new Date(time).toISOString();
  const times = (of: (child: GroupChild) => string) => children.map((child) => iso(of(child))).sort();
  const closed = kind === 'closed' ? times(({ closedAt, at }) => closedAt ?? at).at(-1)! : null;
  const reviews = (child: GroupChild) => (child.shareNow > 0 ? child.observed / child.shareNow : 0);
  const all = Math.max(1e-9, sum(reviews));
  const expected = sum((child) => child.expected);
  const observed = sum((child) => child.observed);
  const { excessLow: _low, excessHigh: _high, ...ofOne } = message;
  const sure = excessOfAll(children.map((child) => ({ excess: child.observed - child.expected, low: child.excessLow, high: child.excessHigh })));
  const notice = noticeOf(kind, { ...ofOne, observed }, worst.productName, explained);
  return {
    ...notice, noticeId: `${toldAs}#${seq}`, surgeId: toldAs, seq, productId: named.productId, channel: named.channel, productName: `${group} (${productsOf(state)} products)`,
    status: kind === 'closed' ? 'closed' : kind === 'opened' ? 'opened' : 'worsening', severity: worst.severity, at: closed ?? times(({ at }) => at).at(-1)!, openedAt: iso(named.surgeId === toldAs ? named.openedAt : openedAt), closedAt: closed, startedAt: times(({ startedAt }) => startedAt)[0]!,
    expected, observed, excess: observed - expected, ...(sure === null ? {} : { excessLow: sure.low, excessHigh: sure.high }), shareBefore: sum((child) => child.shareBefore * reviews(child)) / all, shareNow: Math.min(1, observed / all),
    evidence: explained?.evidence ?? [],
    group: { groupSurgeId, name: group, products: productsOf(state), children: children.map(({ surgeId, productId, productName, status, severity }) => ({ surgeId, productId, productName, status, severity })) },
  };
}
