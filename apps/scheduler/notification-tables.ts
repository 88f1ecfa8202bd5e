/** Statements of the notifications: each takes a client, so the caller decides pool and transaction. */
import type { ClientBase } from 'pg';
import type { NoticeKind, SurgeNotice } from '#contracts';
import type { Explained, SurgeMessage, ToldGroup, Told, WaitingDelivery } from '#plan-notifications';

export interface Unplanned {
  readonly outbox_id: string;
  readonly payload: SurgeMessage;
  readonly label: string | null;
  readonly explained: Explained | null;
}

/** What has been explained, or has waited for it long enough ($2: ms). An explanation holds for every transition up to its own, so order per surge is kept. */
export const EXPLAINED = `case when x.seq is not null then jsonb_build_object('contributors', x.contributors, 'lookAlikes', coalesce(x.look_alikes, 0), 'weight', coalesce(x.look_alike_weight, 0), 'brigading', x.brigading, 'evidence', (
       select coalesce(jsonb_agg(jsonb_build_object('rank', rank, 'reviewId', review_id, 'position', jsonb_build_object('topic', topic, 'partition', partition, 'offset', "offset"::text), 'at', to_char(reviewed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'pNegative', p_negative, 'excerpt', excerpt, 'topWords', top_words) order by rank), '[]')
       from internal.surge_evidence e where e.surge_id = x.surge_id)) end as explained
     from internal.outbox o left join internal.surge_explanation x on x.surge_id = o.payload ->> 'surgeId' and x.seq >= (o.payload ->> 'seq')::int`;
export const RIPE = `(x.seq is not null or o.created_at <= clock_timestamp() - $2 * interval '1 millisecond')`;

export async function takeUnplanned(client: ClientBase, limit: number, waitMs: number): Promise<Unplanned[]> {
  return (await client.query<Unplanned>(
    `select o.outbox_id, o.payload, (select label from internal.entity_state e where e.stream = 'reviews' and e.entity = o.message_key) as label, ${EXPLAINED}
     where o.planned_at is null and ${RIPE} order by o.created_at, o.outbox_id limit $1`, [limit, waitMs])).rows;
}

export async function toldOf(client: ClientBase, surgeId: string): Promise<Told | null> {
  const { rows } = await client.query<{ severity: number | null; closed: boolean }>(`select max(severity) as severity, coalesce(bool_or(kind = 'closed'), false) as closed from internal.notification where surge_id = $1`, [surgeId]);
  const [row] = rows;
  return row === undefined || row.severity === null ? null : { severity: row.severity, closed: row.closed };
}

/** An earlier transition of it was muted. */
export async function wasMuted(client: ClientBase, surgeId: string, seq: number): Promise<boolean> {
  return (await client.query('select from internal.surge_transition where surge_id = $1 and seq < $2 and muted limit 1', [surgeId, seq])).rowCount === 1;
}

/** The child that was told by itself before its group became one, and is not over for those who were told: the first of them. */
export async function toldChild(client: ClientBase, groupSurgeId: string): Promise<string | null> {
  const { rows } = await client.query<{ surge_id: string }>(
    `select surge_id from internal.notification n join internal.group_surge_child c using (surge_id) where c.group_surge_id = $1
     group by surge_id having not bool_or(n.kind = 'closed') order by min(n.noted_at), surge_id limit 1`, [groupSurgeId]);
  return rows[0]?.surge_id ?? null;
}

/** `toldAs`: the surge id under which people are told of the record. */
export async function toldOfGroup(client: ClientBase, toldAs: string): Promise<ToldGroup | null> {
  const { rows } = await client.query<{ severity: number | null; products: number; closed: boolean }>(
    `select max(severity) as severity, coalesce(max((notice #>> '{group,products}')::int), 1) as products, coalesce(bool_or(kind = 'closed'), false) as closed from internal.notification where surge_id = $1`, [toldAs]);
  const [row] = rows;
  return row === undefined || row.severity === null ? null : { severity: row.severity, products: row.products, closed: row.closed };
}

/** The surge id under which people are told of the group's record that it is part of; null: it is nobody's child. */
export async function parentOf(client: ClientBase, surgeId: string): Promise<string | null> {
  const { rows } = await client.query<{ told_as: string }>('select coalesce(told_as, group_surge_id) as told_as from internal.group_surge_child join internal.group_surge using (group_surge_id) where surge_id = $1', [surgeId]);
  return rows[0]?.told_as ?? null;
}

/** A surge's newest transition as it was sent; null when the outbox has forgotten it. */
export async function newestMessage(client: ClientBase, surgeId: string): Promise<SurgeMessage | null> {
  const { rows } = await client.query<{ payload: SurgeMessage }>("select o.payload from internal.surge s join internal.outbox o on o.outbox_id = s.surge_id || '#' || s.seq where s.surge_id = $1", [surgeId]);
  return rows[0]?.payload ?? null;
}

export async function addNotice(client: ClientBase, kind: NoticeKind, notice: SurgeNotice, channels: readonly string[]): Promise<void> {
  await client.query('insert into internal.notification (notice_id, surge_id, seq, kind, severity, notice) values ($1, $2, $3, $4, $5, $6) on conflict do nothing', [notice.noticeId, notice.surgeId, notice.seq, kind, notice.severity, JSON.stringify(notice)]);
  await client.query('insert into internal.notification_delivery (channel, notice_id) select unnest($1::text[]), $2 on conflict do nothing', [channels, notice.noticeId]);
}

export async function markPlanned(client: ClientBase, ids: readonly string[]): Promise<void> {
  await client.query('update internal.outbox set planned_at = clock_timestamp() where outbox_id = any($1)', [ids]);
}

/** Channels that are configured now; the others keep their rows and are shown no more. */
export async function recordChannels(client: ClientBase, channels: readonly string[], failingSeconds: number): Promise<void> {
  await client.query('update internal.notification_channel set configured = false where not channel = any($1)', [channels]);
  await client.query(`insert into internal.notification_channel (channel, configured, failing_seconds) select unnest($1::text[]), true, $2
    on conflict (channel) do update set configured = true, failing_seconds = excluded.failing_seconds`, [channels, failingSeconds]);
}

/** Held until the session ends or lets go: one scheduler at a time speaks to a channel, or order would be lost. */
export async function lockChannel(client: ClientBase, channel: string): Promise<boolean> {
  return (await client.query<{ got: boolean }>(`select pg_try_advisory_lock(hashtextextended('tidewatch channel ' || $1, 0)) as got`, [channel])).rows[0]!.got;
}

export async function unlockChannel(client: ClientBase, channel: string): Promise<void> {
  await client.query(`select pg_advisory_unlock(hashtextextended('tidewatch channel ' || $1, 0))`, [channel]);
}

export interface ChannelState {
  readonly not_before: Date | null;
  readonly failures: number;
  readonly repeated_at: Date | null;
}

export async function channelState(client: ClientBase, channel: string): Promise<ChannelState> {
  return (await client.query<ChannelState>('select not_before, failures, repeated_at from internal.notification_channel where channel = $1', [channel])).rows[0] ?? { not_before: null, failures: 0, repeated_at: null };
}

export async function waitingOf(client: ClientBase, channel: string, limit: number): Promise<(WaitingDelivery & { readonly attempts: number; readonly notice: SurgeNotice })[]> {
  const { rows } = await client.query<{ notice_id: string; surge_id: string; seq: number; held_because: string | null; digest_id: string | null; not_before: Date | null; attempts: number; notice: SurgeNotice }>(
    `select d.notice_id, n.surge_id, n.seq, d.held_because, d.digest_id, d.not_before, d.attempts, n.notice
     from internal.notification_delivery d join internal.notification n using (notice_id)
     where d.channel = $1 and d.delivered_at is null order by d.planned_at, n.surge_id, n.seq limit $2`, [channel, limit]);
  return rows.map((row) => ({ noticeId: row.notice_id, surgeId: row.surge_id, seq: row.seq, heldBecause: row.held_because, digestId: row.digest_id, notBefore: row.not_before?.getTime() ?? null, attempts: row.attempts, notice: row.notice }));
}

/** Clock times of messages delivered since, one per message: the notices of a digest count once. */
export async function deliveredSince(client: ClientBase, channel: string, since: number): Promise<number[]> {
  const { rows } = await client.query<{ at: Date }>('select max(delivered_at) as at from internal.notification_delivery where channel = $1 and delivered_at > $2 group by coalesce(digest_id, notice_id)', [channel, new Date(since)]);
  return rows.map(({ at }) => at.getTime());
}

export async function holdBack(client: ClientBase, channel: string, noticeId: string, because: string): Promise<void> {
  await client.query('update internal.notification_delivery set held_because = $3 where channel = $1 and notice_id = $2', [channel, noticeId, because]);
}

export async function beginDigest(client: ClientBase, channel: string, noticeIds: readonly string[], digestId: string): Promise<void> {
  await client.query('update internal.notification_delivery set digest_id = $3 where channel = $1 and notice_id = any($2)', [channel, noticeIds, digestId]);
}

export async function noteDelivered(client: ClientBase, channel: string, noticeIds: readonly string[], now: number): Promise<void> {
  await client.query('update internal.notification_delivery set delivered_at = $3 where channel = $1 and notice_id = any($2)', [channel, noticeIds, new Date(now)]);
  await client.query('update internal.notification_channel set failing_since = null, failures = 0, not_before = null, last_delivered_at = $2 where channel = $1', [channel, new Date(now)]);
}

/** A refused digest: one of its notices may be at fault. Its second half leaves it, until what is refused stands alone. */
export async function halveDigest(client: ClientBase, channel: string, noticeIds: readonly string[]): Promise<void> {
  const kept = Math.ceil(noticeIds.length / 2);
  await client.query('update internal.notification_delivery set digest_id = null, not_before = case when notice_id = any($3) then not_before end where channel = $1 and notice_id = any($2)', [channel, noticeIds, noticeIds.slice(0, kept)]);
}

/** `restUntil`: of these notices when refused, of the whole channel when it is away. */
export async function noteFailed(client: ClientBase, channel: string, noticeIds: readonly string[], reason: string, now: number, restUntil: number, away: boolean): Promise<void> {
  await client.query('update internal.notification_delivery set attempts = attempts + 1, last_error = $3, not_before = $4 where channel = $1 and notice_id = any($2)', [channel, noticeIds, reason, away ? null : new Date(restUntil)]);
  await client.query('update internal.notification_channel set failing_since = coalesce(failing_since, $2), failures = failures + 1, last_error = $3, not_before = $4 where channel = $1', [channel, new Date(now), reason, away ? new Date(restUntil) : null]);
}

/** Newest delivered notice of every surge that this channel believes open. */
export async function openOn(client: ClientBase, channel: string): Promise<SurgeNotice[]> {
  const { rows } = await client.query<{ notice: SurgeNotice }>(
    `select notice from (select distinct on (n.surge_id) n.kind, n.notice from internal.notification n join internal.notification_delivery d using (notice_id)
     where d.channel = $1 and d.delivered_at is not null order by n.surge_id, n.seq desc) newest where kind <> 'closed'`, [channel]);
  return rows.map(({ notice }) => notice);
}

export async function noteRepeated(client: ClientBase, channel: string, now: number): Promise<void> {
  await client.query('update internal.notification_channel set repeated_at = $2, failing_since = null, failures = 0, not_before = null where channel = $1', [channel, new Date(now)]);
}
