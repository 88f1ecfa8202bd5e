/**
 * Keeps tidewatch.stream_samples: the counters of each topic as they stand, and how long reviews took to their commit since the
 * sample before. A rate over time is then a difference of two rows instead of a count over all that was scored.
 */
import type { ChoreParts } from './chores.js';
import { withClient } from './with-client.js';

const KEEP = '31 days';
/** After a pause, such as a scheduler that was down, latencies are of the newest reviews only. */
const LOOK_BACK = '2 minutes';

const SAMPLE = `
WITH since AS (SELECT greatest(coalesce(max(sampled_at), '-infinity'), clock_timestamp() - interval '${LOOK_BACK}') AS at FROM internal.stream_sample WHERE topic = $1),
latency AS (
  SELECT percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM r.scored_at - r.reviewed_at)) AS seconds
  FROM internal.review_score r WHERE r.scored_at > (SELECT at FROM since)
)
INSERT INTO internal.stream_sample (topic, taken, duplicates, rejected, lag, median_seconds, p95_seconds)
SELECT l.topic, sum(l.accepted + l.duplicates + l.rejected), sum(l.duplicates), sum(l.rejected), sum(greatest(l.high_watermark - l.next_offset, 0)),
  CASE WHEN l.topic = $1 THEN (SELECT seconds[1] FROM latency) END, CASE WHEN l.topic = $1 THEN (SELECT seconds[2] FROM latency) END
FROM internal.stream_lease l GROUP BY l.topic`;

/** @returns topics sampled */
export async function sampleStreams({ pool, settings }: Pick<ChoreParts, 'pool'> & { readonly settings: { readonly topics: { readonly reviews: string } } }): Promise<number> {
  return withClient(pool, async (client) => {
    await client.query(`DELETE FROM internal.stream_sample WHERE sampled_at < clock_timestamp() - interval '${KEEP}'`);
    return (await client.query(SAMPLE, [settings.topics.reviews])).rowCount ?? 0;
  });
}
