/** The scheduler's own statements: each takes a client, so the caller decides pool and transaction. Fenced by keys. */
import type { ClientBase } from 'pg';
import { PUBLISHED_BYTES, type DeadLetterRow } from './dead-letter-message.js';
import type { Gaps } from '#detect-surge';
import type { Explained, SurgeMessage } from '#plan-notifications';
import type { PartitionTime } from './event-time.js';
import { EXPLAINED, RIPE } from './notification-tables.js';

export async function partitionTimes(client: ClientBase, topic: string): Promise<PartitionTime[]> {
  const { rows } = await client.query<{ watermark: Date | null; lag: string; committed_at: Date | null }>('select watermark, lag, committed_at from tidewatch.stream_positions where topic = $1', [topic]);
  return rows.map((row) => ({ watermark: row.watermark?.getTime() ?? null, lag: BigInt(row.lag), committedAt: row.committed_at?.getTime() ?? null }));
}

/** Where links lead (tidewatch.page_address). */
export async function recordPage(pool: Pick<ClientBase, 'query'>, url: string): Promise<void> {
  await pool.query('insert into internal.page_address as held (url) values ($1) on conflict (one) do update set url = excluded.url where held.url <> excluded.url', [url]);
}

export async function isFlagged(client: ClientBase, stream: string): Promise<boolean> {
  return (await client.query('select from internal.feed_silence where stream = $1', [stream])).rowCount === 1;
}

/** Gaps between samples in which the topic brought something; what fell into a pause of the scheduler's own is left out. */
export async function topicGaps(client: ClientBase, topic: string): Promise<Gaps> {
  const { rows } = await client.query<Gaps>(`
with steps as (select sampled_at, taken - lag(taken) over w as came, sampled_at - lag(sampled_at) over w as since from internal.stream_sample where topic = $1 window w as (order by sampled_at)),
runs as (select sampled_at, came, count(*) filter (where since > interval '5 minutes') over (order by sampled_at) as run from steps),
gaps as (select extract(epoch from sampled_at - lag(sampled_at) over (partition by run order by sampled_at))::float8 * 1000 as gap from runs where came > 0)
select count(gap)::int as count, coalesce(sum(gap), 0) / 86400000 as days, array(select gap from gaps where gap is not null order by gap desc limit 250) as largest from gaps`, [topic]);
  return rows[0]!;
}

export async function flagFeed(client: ClientBase, stream: string, silentSince: number): Promise<void> {
  await client.query('insert into internal.feed_silence (stream, silent_since) values ($1, $2) on conflict (stream) do nothing', [stream, new Date(silentSince)]);
}

export async function clearFeed(client: ClientBase, stream: string): Promise<void> {
  await client.query('delete from internal.feed_silence where stream = $1', [stream]);
}

export async function ensurePartitions(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ made: number }>('select internal.ensure_partitions(clock_timestamp()) as made');
  return rows[0]!.made;
}

export async function dropPartitions(client: ClientBase, retentionDays: number): Promise<number> {
  const { rows } = await client.query<{ dropped: number }>('select internal.drop_partitions(clock_timestamp() - make_interval(days => $1)) as dropped', [retentionDays]);
  return rows[0]!.dropped;
}

/** Rows older than the retention that lie in no month's partition; at most `most` of each table. */
export async function pruneOldRows(client: ClientBase, retentionDays: number, most: number): Promise<bigint> {
  const { rows } = await client.query<{ gone: string }>('select internal.prune(clock_timestamp() - make_interval(days => $1), $2) as gone', [retentionDays, most]);
  return BigInt(rows[0]!.gone);
}

/** Products whose surge is still open. */
export async function openSurgeProducts(client: ClientBase): Promise<string[]> {
  return (await client.query<{ product_id: string }>('select distinct product_id from internal.surge where closed_at is null order by 1')).rows.map((row) => row.product_id);
}

/** Symbols with forecasts that wait, whose newest quote is older than `eventTime` and whose state nobody has written since `clockTime`; epoch ms. */
export async function waitingSymbols(client: ClientBase, eventTime: number, clockTime: number): Promise<string[]> {
  const { rows } = await client.query<{ entity: string }>(`select entity from internal.entity_state
    where stream = 'quotes' and (summary->>'pending')::int > 0 and last_event_at < $1 and updated_at < $2 order by entity`, [new Date(eventTime), new Date(clockTime)]);
  return rows.map(({ entity }) => entity);
}

export async function productSummaries(client: ClientBase): Promise<unknown[]> {
  return (await client.query<{ summary: unknown }>(`select summary from internal.entity_state where stream = 'reviews' order by entity`)).rows.map((row) => row.summary);
}

/** A snapshot is written once and never changed; two schedulers that write the same number keep the first. */
export async function writeSnapshot(client: ClientBase, stream: string, body: unknown): Promise<boolean> {
  const result = await client.query('insert into internal.snapshot (stream, snapshot_id, body) select $1, max(snapshot_id) + 1, $2 from internal.snapshot where stream = $1 on conflict do nothing', [stream, JSON.stringify(body)]);
  return result.rowCount === 1;
}

export interface OutboxRow {
  readonly outbox_id: string;
  readonly topic: string;
  readonly message_key: string;
  readonly payload: SurgeMessage;
  readonly explained: Explained | null;
}

/** One scheduler at a time for this work, until the transaction ends; false: another has it. Not a lock of rows: planning and publishing the same outbox must not wait for each other's broker. */
export async function takeTurn(client: ClientBase, work: string): Promise<boolean> {
  return (await client.query<{ got: boolean }>(`select pg_try_advisory_xact_lock(hashtextextended('tidewatch ' || $1, 0)) as got`, [work])).rows[0]!.got;
}

/** Oldest undelivered rows that have been explained, or have waited for it; the caller holds the turn. Order per key is the order of creation. */
export async function takeOutbox(client: ClientBase, limit: number, waitMs: number): Promise<OutboxRow[]> {
  return (await client.query<OutboxRow>(`select o.outbox_id, o.topic, o.message_key, o.payload, ${EXPLAINED} where o.delivered_at is null and ${RIPE} order by o.created_at, o.outbox_id limit $1`, [limit, waitMs])).rows;
}

export async function markDelivered(client: ClientBase, ids: readonly string[]): Promise<void> {
  await client.query('update internal.outbox set delivered_at = clock_timestamp(), attempts = attempts + 1 where outbox_id = any($1)', [ids]);
}

export async function countAttempt(client: ClientBase, ids: readonly string[]): Promise<void> {
  await client.query('update internal.outbox set attempts = attempts + 1 where outbox_id = any($1)', [ids]);
}

/** Oldest unpublished dead letters of a topic; rows that another scheduler holds are passed over. Long payloads stay in the table. */
export async function takeUnpublished(client: ClientBase, topic: string, limit: number): Promise<DeadLetterRow[]> {
  const { rows } = await client.query<DeadLetterRow>(
    `select topic, partition, "offset", key, case when octet_length(payload) <= $3 then payload end as payload, octet_length(payload) as payload_bytes, code, reason, message_at
     from internal.dead_letter where topic = $1 and published_at is null order by topic, partition, "offset" limit $2 for update skip locked`, [topic, limit, PUBLISHED_BYTES]);
  return rows;
}

export async function markPublished(client: ClientBase, topic: string, rows: readonly DeadLetterRow[]): Promise<void> {
  await client.query(
    `update internal.dead_letter d set published_at = clock_timestamp() from unnest($2::int[], $3::bigint[]) as taken(partition, "offset")
     where d.topic = $1 and d.partition = taken.partition and d."offset" = taken."offset"`, [topic, rows.map((row) => row.partition), rows.map((row) => row.offset)]);
}
