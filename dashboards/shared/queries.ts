/** SQL that more than one dashboard asks. Only views of schema tidewatch: role tidewatch_reader may read nothing else. */

/** Seconds since the oldest newest commit among the partitions in which messages wait; 0 when none waits. */
export const NOTHING_COMMITTED_FOR = `
SELECT coalesce(max(extract(epoch FROM now() - committed_at)) FILTER (WHERE lag > 0), 0)::float8 AS seconds FROM tidewatch.stream_positions`;
