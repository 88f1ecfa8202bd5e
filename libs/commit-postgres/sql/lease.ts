/**
 * stream_lease: who may write a partition, and from where. Taking it raises the epoch; moving it names the epoch and the
 * position it was read at, and anything else than exactly one row hit raises TW001.
 */
import type { BatchCommit, OffsetGap, Lease } from '#contracts';
import { int4, int8, scalar, text, timestamptz, type Parameter } from '../wire/cells.js';
import type { Pipeline } from '../wire/pipeline.js';
import { statement } from '../wire/statements.js';

export const ACQUIRE_LEASE = `
INSERT INTO internal.stream_lease AS held (topic, partition, epoch, owner) VALUES ($1, $2, 1, $3)
ON CONFLICT (topic, partition) DO UPDATE SET epoch = held.epoch + 1, owner = excluded.owner, leased_at = clock_timestamp()
RETURNING epoch, next_offset`;

/** Ends the sessions of other workers that make session $1 wait; the database role may always end its own sessions. */
export const END_BLOCKERS = `
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid = ANY (pg_blocking_pids($1)) AND application_name LIKE 'tidewatch%'`;

export const READ_LEASE = 'SELECT epoch, next_offset FROM internal.stream_lease WHERE topic = $1 AND partition = $2';

export const STORED_PARTITIONS = 'SELECT partition FROM internal.stream_lease WHERE topic = $1 ORDER BY partition';

const FOUND = `(SELECT format('epoch %s held by %s at offset %s', epoch, owner, next_offset) FROM internal.stream_lease WHERE topic = $1 AND partition = $2)`;

const moveLease = statement('move the lease', `
WITH moved AS (
  UPDATE internal.stream_lease
  SET next_offset = $5, high_watermark = $6, watermark = greatest(watermark, $7), accepted = accepted + $8, duplicates = duplicates + $9,
    rejected = rejected + $10, committed_at = clock_timestamp()
  WHERE topic = $1 AND partition = $2 AND epoch = $3 AND next_offset = $4
  RETURNING 1
)
SELECT internal.require_lease((SELECT count(*) FROM moved), ${FOUND})`,
[text, int4, int8, int8, int8, int8, timestamptz, int8, int8, int8]);

const skipTo = statement('move the lease over a gap', `
WITH moved AS (
  UPDATE internal.stream_lease SET next_offset = $5, committed_at = clock_timestamp()
  WHERE topic = $1 AND partition = $2 AND epoch = $3 AND next_offset = $4
  RETURNING 1
)
SELECT internal.require_lease((SELECT count(*) FROM moved), ${FOUND})`,
[text, int4, int8, int8, int8]);

const recordGap = statement('record a gap', `
INSERT INTO internal.stream_gap (topic, partition, from_offset, to_offset, reason) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
[text, int4, int8, int8, text]);

const held = ({ topic, partition, epoch, nextOffset }: Lease): Parameter[] => [scalar(text, topic), scalar(int4, partition), scalar(int8, epoch), scalar(int8, nextOffset)];

export function addLeaseMove(to: Pipeline, batch: BatchCommit): void {
  const accepted = batch.reviews.length + batch.corrections.length + batch.quotes.length;
  to.add(moveLease, [
    ...held(batch.lease), scalar(int8, batch.nextOffset), scalar(int8, batch.highWatermark), scalar(timestamptz, batch.watermark),
    scalar(int8, accepted), scalar(int8, batch.duplicates), scalar(int8, batch.rejections.length),
  ]);
}

export function addGap(to: Pipeline, lease: Lease, gap: OffsetGap): void {
  to.add(skipTo, [...held(lease), scalar(int8, gap.to)]);
  to.add(recordGap, [scalar(text, gap.topic), scalar(int4, gap.partition), scalar(int8, gap.from), scalar(int8, gap.to), scalar(text, gap.reason)]);
}
