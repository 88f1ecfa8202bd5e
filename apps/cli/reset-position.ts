/**
 * Begins a partition anew after its topic was deleted and made again, in one transaction. The new topic gives the same
 * offsets to other messages, so the rows of the old one are kept under a name that no topic can have ("reviews.v1~" and
 * the moment of the reset): else the key (topic, partition, offset) would refuse new scores and swallow new dead letters.
 */
import type { Client } from 'pg';
import { TidewatchError } from '#contracts';

const TABLES = ['review_identity', 'review_score', 'surge_evidence', 'quote_bar', 'dead_letter'];

/**
 * Raises the epoch too, so that a worker that still holds the partition is fenced. `to` null: the partition is gone, and
 * its position goes with it. Returns the position before.
 */
export async function resetPosition(client: Client, topic: string, partition: number, to: bigint | null): Promise<string> {
  await client.query('begin');
  const { rows } = await client.query<{ next_offset: string; old: string }>(
    `select next_offset, topic || '~' || to_char(clock_timestamp() at time zone 'UTC', 'YYYYMMDD"T"HH24MISS.US"Z"') as old from internal.stream_lease where topic = $1 and partition = $2 for update`, [topic, partition]);
  const lease = rows[0];
  if (lease === undefined) throw new TidewatchError('SETTING_INVALID', `No position is stored for ${topic}/${partition}: expected a partition that a worker has consumed (see "tidewatch positions").`);
  for (const table of TABLES) await client.query(`update internal.${table} set topic = $3 where topic = $1 and partition = $2`, [topic, partition, lease.old]);
  await client.query(`insert into internal.stream_gap (topic, partition, from_offset, to_offset, reason) values ($1, $2, $3, $4, 'topic_recreated')
    on conflict (topic, partition, from_offset, to_offset) do update set recorded_at = excluded.recorded_at`, [topic, partition, lease.next_offset, to ?? 0n]);
  if (to === null) await client.query('delete from internal.stream_lease where topic = $1 and partition = $2', [topic, partition]);
  else await client.query('update internal.stream_lease set next_offset = $3, epoch = epoch + 1 where topic = $1 and partition = $2', [topic, partition, to]);
  await client.query('commit');
  return lease.next_offset;
}
