/**
 * From the outbox to people. planNotices turns outbox rows (written in the surge's own transaction) into notices and one delivery per
 * channel; deliverTo speaks to one channel. At least once: a crash between the receiver's answer and our row repeats the message
 * under the same id. What is sent, held back or tried again is decided by libs/plan-notifications.
 */
import type { Pool, PoolClient } from 'pg';
import type { ChannelMessage, NotificationChannel, SendOutcome, SurgeNotice } from '#contracts';
import type { Lexicon } from '#explain-surge';
import type { NotifySettings } from '#load-config';
import { backoffMs, noticeKind, noticeOf, parseQuietHours, planTurn, type ChannelPolicy } from '#plan-notifications';
import { groupSurges } from './group-surges.js';
import { evidenceOf } from './hasty-evidence.js';
import * as tables from './notification-tables.js';
import { takeTurn } from './tables.js';
import { inTransaction, withClient } from './with-client.js';

export interface NotifyParts {
  readonly pool: Pool;
  readonly channels: readonly NotificationChannel[];
  readonly notify: NotifySettings;
  readonly say: (message: string, detail: Readonly<Record<string, unknown>>) => void;
  /** How long a transition waits to be explained before it is told without, with evidence chosen in haste. */
  readonly explainMs: number;
  readonly lexicon: Lexicon;
  /** Uniform in [0, 1), for the jitter. */
  readonly chance: () => number;
}

const OUTBOX_BATCH = 200;
const WAITING_BATCH = 1_000;

/** @returns how many outbox rows were looked at */
export function planNotices({ pool, channels, explainMs, lexicon }: NotifyParts): Promise<number> {
  return inTransaction(pool, async (client) => {
    if (!(await takeTurn(client, 'notices'))) return 0;
    await groupSurges(client, channels.map((channel) => channel.kind), explainMs);
    const rows = await tables.takeUnplanned(client, OUTBOX_BATCH, explainMs);
    const inOrder = rows.toSorted((a, b) => (a.payload.surgeId === b.payload.surgeId ? a.payload.seq - b.payload.seq : 0));
    for (const row of inOrder) {
      const { payload, label, explained } = row;
      const wanted = noticeKind(payload, await tables.toldOf(client, payload.surgeId), await tables.wasMuted(client, payload.surgeId, payload.seq));
      // A group's child is told by its record; only what was told by itself, and is not the thread that the record goes on with, ends by itself
      const parent = wanted === null ? null : await tables.parentOf(client, payload.surgeId);
      const kind = parent === null || (wanted === 'closed' && parent !== payload.surgeId) ? wanted : null;
      if (kind !== null) await tables.addNotice(client, kind, noticeOf(kind, payload, label, explained, await evidenceOf(client, row, lexicon)), channels.map((channel) => channel.kind));
    }
    if (rows.length > 0) await tables.markPlanned(client, rows.map((row) => row.outbox_id));
    return rows.length;
  });
}

export const recordChannels = ({ pool, channels, notify }: NotifyParts): Promise<void> => inTransaction(pool, (client) => tables.recordChannels(client, channels.map(({ kind }) => kind), notify.failingSeconds));

const policyOf = ({ repeat }: NotificationChannel, { quietHours, timeZone, rate }: NotifySettings): ChannelPolicy =>
  (repeat === null ? { quiet: quietHours === null ? null : parseQuietHours(quietHours, timeZone, 'NOTIFY_QUIET_HOURS'), rate } : { quiet: null, rate: null });

/** One turn with one channel. @returns messages delivered */
export function deliverTo(parts: NotifyParts, channel: NotificationChannel, clock: () => number): Promise<number> {
  return withClient(parts.pool, async (client) => {
    if (!(await tables.lockChannel(client, channel.kind))) return 0;
    const delivered = await turn(parts, channel, client, clock);
    await tables.unlockChannel(client, channel.kind);
    return delivered;
  });
}

async function turn(parts: NotifyParts, channel: NotificationChannel, client: PoolClient, clock: () => number): Promise<number> {
  const { kind } = channel;
  const policy = policyOf(channel, parts.notify);
  const state = await tables.channelState(client, kind);
  const waiting = await tables.waitingOf(client, kind, WAITING_BATCH);
  const sentAt = policy.rate === null ? [] : await tables.deliveredSince(client, kind, clock() - policy.rate.perMs);
  const { hold, sends } = planTurn(policy, waiting, sentAt, state.not_before?.getTime() ?? null, clock());
  for (const { noticeId, because } of hold) await tables.holdBack(client, kind, noticeId, because);

  let delivered = 0;
  let { failures } = state;
  const refused = new Set<string>();
  for (const { id, noticeIds, because } of sends) {
    const members = noticeIds.map((noticeId) => waiting.find((each) => each.noticeId === noticeId)!);
    if (members.some(({ surgeId }) => refused.has(surgeId))) continue;
    if (members.length > 1) await tables.beginDigest(client, kind, noticeIds, id);
    const outcome = await channel.send(messageOf(id, because, members.map(({ notice }) => notice)), clock());
    if (outcome.kind === 'delivered') {
      await tables.noteDelivered(client, kind, noticeIds, clock());
      delivered += 1;
      failures = 0;
      continue;
    }
    failures += 1;
    await failed(parts, client, channel, noticeIds, outcome, outcome.kind === 'away' ? failures : members[0]!.attempts + 1, clock());
    if (outcome.kind === 'away') return delivered;
    if (noticeIds.length > 1) await tables.halveDigest(client, kind, noticeIds);
    for (const { surgeId } of members) refused.add(surgeId);
  }
  await repeatOpen(parts, client, channel, state, clock());
  return delivered;
}

const messageOf = (id: string, because: string | null, notices: readonly SurgeNotice[]): ChannelMessage => (notices.length === 1 ? { type: 'surge', id, notice: notices[0]! } : { type: 'digest', id, because: because ?? 'held back', notices });

async function failed({ say, chance }: NotifyParts, client: PoolClient, { kind }: NotificationChannel, noticeIds: readonly string[], outcome: Exclude<SendOutcome, { kind: 'delivered' }>, failures: number, now: number): Promise<void> {
  const away = outcome.kind === 'away';
  const wait = backoffMs(failures, chance(), away ? outcome.retryAfterMs : null);
  await tables.noteFailed(client, kind, noticeIds, outcome.reason, now, now + wait, away);
  say('a notification could not be delivered and is tried again', { channel: kind, reason: outcome.reason, failures, inSeconds: Math.round(wait / 1000) });
}

async function repeatOpen(parts: NotifyParts, client: PoolClient, channel: NotificationChannel, state: tables.ChannelState, now: number): Promise<void> {
  if (channel.repeat === null || (state.not_before !== null && now < state.not_before.getTime())) return;
  if (state.repeated_at !== null && now - state.repeated_at.getTime() < parts.notify.repeatMs) return;
  const open = await tables.openOn(client, channel.kind);
  if (open.length === 0) return;
  const outcome = await channel.repeat(open, now);
  if (outcome.kind === 'delivered') await tables.noteRepeated(client, channel.kind, now);
  else await failed(parts, client, channel, [], { ...outcome, kind: 'away', retryAfterMs: null }, state.failures + 1, now);
}
