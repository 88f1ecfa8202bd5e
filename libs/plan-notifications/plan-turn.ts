/**
 * What one channel does now with what waits for it. Promises: a surge's notices leave in the order of their seq, and none before
 * an earlier one is delivered; nothing leaves in quiet hours or beyond the rate limit; what was held back leaves as one digest,
 * before anything newer; a digest that was begun is repeated with the same content under the same id. Nothing is dropped.
 */
import { isQuiet, type QuietHours } from './quiet-hours.js';

export interface ChannelPolicy {
  readonly quiet: QuietHours | null;
  /** Messages in any span of this length; a digest is one. */
  readonly rate: { readonly count: number; readonly perMs: number } | null;
}

/** A notice that this channel has not delivered. Given in the order they were noted. */
export interface WaitingDelivery {
  readonly noticeId: string;
  readonly surgeId: string;
  readonly seq: number;
  /** Why it was held back; null when it was not. */
  readonly heldBecause: string | null;
  /** The digest it was put in; null when in none. */
  readonly digestId: string | null;
  /** Not before this, epoch ms; null when it was never refused. */
  readonly notBefore: number | null;
}

export interface Turn {
  readonly hold: readonly { readonly noticeId: string; readonly because: string }[];
  /** In this order. More than one notice: a digest under `id`. */
  readonly sends: readonly { readonly id: string; readonly noticeIds: readonly string[]; readonly because: string | null }[];
}

const NOTHING: Turn = { hold: [], sends: [] };
export const QUIET = 'quiet hours';
export const RATE = 'rate limit';
/** A digest of more would be no digest; the rest follows in the next. */
const LARGEST_DIGEST = 200;

/**
 * @param sentAt clock times of this channel's latest deliveries, one per message, epoch ms
 * @param notBefore the channel rests until then after a failure, epoch ms; null when it does not
 */
export function planTurn(policy: ChannelPolicy, waiting: readonly WaitingDelivery[], sentAt: readonly number[], notBefore: number | null, now: number): Turn {
  if (waiting.length === 0) return NOTHING;
  if (policy.quiet !== null && isQuiet(policy.quiet, now)) return { hold: holdAll(waiting, QUIET), sends: [] };
  if (notBefore !== null && now < notBefore) return NOTHING;
  const { rate } = policy;
  const room = rate === null ? Infinity : rate.count - sentAt.filter((at) => at > now - rate.perMs).length;

  const begun = waiting.find(({ digestId }) => digestId !== null)?.digestId ?? null;
  if (begun !== null) {
    const members = waiting.filter(({ digestId }) => digestId === begun);
    if (members.some((each) => each.notBefore !== null && now < each.notBefore)) return NOTHING;
    return room <= 0 ? NOTHING : { hold: [], sends: [digestOf(begun, members)] };
  }

  const ready = readyOf(waiting, now);
  if (ready.length === 0) return NOTHING;
  if (ready.some(({ heldBecause }) => heldBecause !== null)) {
    if (room <= 0) return { hold: holdAll(ready, RATE), sends: [] };
    const members = ready.slice(0, LARGEST_DIGEST);
    return { hold: [], sends: [members.length === 1 ? single(members[0]!) : digestOf(`digest:${members[0]!.noticeId}..${members.at(-1)!.noticeId}`, members)] };
  }
  return { hold: holdAll(ready.slice(Math.max(0, room)), RATE), sends: ready.slice(0, Math.max(0, room)).map(single) };
}

/** Those whose turn has come: of a surge, everything before its first notice that must still rest. */
function readyOf(waiting: readonly WaitingDelivery[], now: number): WaitingDelivery[] {
  const blocked = new Set<string>();
  const newest = new Map<string, number>();
  return waiting.filter(({ surgeId, seq, notBefore }) => {
    if (blocked.has(surgeId)) return false;
    if ((notBefore !== null && now < notBefore) || seq <= (newest.get(surgeId) ?? -1)) {
      blocked.add(surgeId);
      return false;
    }
    newest.set(surgeId, seq);
    return true;
  });
}

const single = ({ noticeId }: WaitingDelivery): Turn['sends'][number] => ({ id: noticeId, noticeIds: [noticeId], because: null });
const digestOf = (id: string, members: readonly WaitingDelivery[]): Turn['sends'][number] => ({ id, noticeIds: members.map(({ noticeId }) => noticeId), because: members.find(({ heldBecause }) => heldBecause !== null)?.heldBecause ?? RATE });
const holdAll = (waiting: readonly WaitingDelivery[], because: string): Turn['hold'] => waiting.filter(({ heldBecause, digestId }) => heldBecause === null && digestId === null).map(({ noticeId }) => ({ noticeId, because }));
