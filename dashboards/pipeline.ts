/** Pipeline: does every message arrive, in time, once? */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { choice, frame } from './shared/frame.js';
import { number, series, table } from './shared/panels.js';
import { NOTHING_COMMITTED_FOR } from './shared/queries.js';
import { overTime, rows } from './shared/query.js';
import { asText } from './shared/text.js';
import { noneIsGood, oneIsBad, stall } from './shared/thresholds.js';
import { COUNT, PLAIN, SECONDS } from './shared/units.js';

export const pipeline = (): Dashboard =>
  frame({ name: 'pipeline', title: 'Pipeline', question: 'Does every message arrive, in time, once?', from: 'now-6h' })
    .withVariable(choice('topic', 'Topic', 'SELECT DISTINCT topic FROM tidewatch.stream_positions ORDER BY 1', { many: true }))
    .withPanel(number({
      title: 'Messages waiting', description: 'Messages at the broker that are not taken yet, as of the newest commit of each partition of the chosen topics.',
      unit: COUNT, width: 6, empty: '0', query: rows('SELECT coalesce(sum(lag), 0)::float8 AS waiting FROM tidewatch.stream_positions WHERE topic IN (${topic:sqlstring})'),
    }))
    .withPanel(number({
      title: 'Stalled for', description: 'Longest time since a commit among all partitions in which messages wait. A worker that stalls for STALL_SECONDS ends and is started anew.',
      unit: SECONDS, width: 6, empty: '0', query: rows(NOTHING_COMMITTED_FOR),
    }, stall))
    .withPanel(number({
      title: 'Changes of owner', description: 'How often partitions of the chosen topics have changed hands since the database was made. A steady rise means workers that die or rebalance: look at their logs.',
      unit: COUNT, width: 6, empty: '0', query: rows('SELECT coalesce(sum(epoch), 0)::float8 AS changes FROM tidewatch.stream_positions WHERE topic IN (${topic:sqlstring})'),
    }))
    .withPanel(number({
      title: 'Offsets lost', description: 'Offsets the broker no longer held when they were due, of all time. Normally 0; otherwise raise the retention of the topics.',
      unit: COUNT, width: 6, empty: '0', query: rows('SELECT coalesce(sum(missing), 0)::float8 AS lost FROM tidewatch.stream_gaps'),
    }, oneIsBad))
    .withPanel(table({
      title: 'Partitions', description: 'Position, lag and owner of each partition of the chosen topics. Position and results are written in one transaction, so that this is what was really done.',
      unit: PLAIN, width: 24, empty: 'No worker has taken a partition yet', query: rows(`
SELECT topic, partition, next_offset, lag, accepted, duplicates, rejected, watermark, committed_at, extract(epoch FROM now() - committed_at)::float8 AS since_commit, epoch, owner
FROM tidewatch.stream_positions WHERE topic IN (\${topic:sqlstring}) ORDER BY lag DESC, topic, partition`),
    }, { since_commit: SECONDS, lag: COUNT }))
    .withPanel(series({
      title: 'Taken per interval', description: 'Messages committed, whatever became of them, from the counters that the scheduler notes twice a minute.',
      unit: COUNT, width: 12, empty: 'Nothing was noted in this time: does the scheduler run?', query: overTime(`
SELECT $__timeGroupAlias(sampled_at, $__interval), topic AS metric, sum(more)::float8 AS taken
FROM (SELECT topic, sampled_at, greatest(taken - lag(taken) OVER (PARTITION BY topic ORDER BY sampled_at), 0) AS more
      FROM tidewatch.stream_samples WHERE $__timeFilter(sampled_at) AND topic IN (\${topic:sqlstring})) steps
WHERE more IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`),
    }))
    .withPanel(series({
      title: 'From review to commit', description: 'Time between the writing of a review and the commit of its score: median and 95th percentile of each half minute, the worst of each interval. While old data is read in, this is the age of that data, not a delay of the pipeline.',
      unit: SECONDS, width: 12, empty: 'No review was scored in this time', query: overTime(`
SELECT $__timeGroupAlias(sampled_at, $__interval), max(median_seconds) AS median, max(p95_seconds) AS "95th percentile"
FROM tidewatch.stream_samples WHERE $__timeFilter(sampled_at) AND median_seconds IS NOT NULL GROUP BY 1 ORDER BY 1`),
    }))
    .withPanel(series({
      title: 'Dead letters by code', description: 'Messages that could not be taken, by the reason code and the clock time at which they were noted.',
      unit: COUNT, width: 12, empty: 'No dead letter in this time', query: overTime(`
SELECT $__timeGroupAlias(noted_at, $__interval), code AS metric, count(*) AS letters
FROM tidewatch.dead_letters WHERE $__timeFilter(noted_at) AND topic IN (\${topic:sqlstring}) GROUP BY 1, 2 ORDER BY 1, 2`),
    }))
    .withPanel(table({
      title: 'Newest dead letters', description: 'What was found and what was expected. The page shows the payload and tries them again.',
      unit: PLAIN, width: 12, empty: 'No dead letter in this time', query: rows(`
SELECT noted_at, topic, partition, "offset", code, ${asText('reason')} AS reason, replayed_at
FROM tidewatch.dead_letters WHERE $__timeFilter(noted_at) AND topic IN (\${topic:sqlstring}) ORDER BY noted_at DESC LIMIT 50`),
    }))
    .withPanel(number({
      title: 'Silent feeds', description: 'Streams from which nothing has come for longer than DEAD_FEED_SECONDS.',
      unit: COUNT, width: 6, empty: '0', query: rows('SELECT count(*) AS "silent feeds" FROM tidewatch.feed_silence WHERE flagged_at IS NOT NULL'),
    }, noneIsGood))
    .withPanel(table({
      title: 'Models', description: 'Models that have been recorded; the active one of each stream scores now.',
      unit: PLAIN, width: 9, empty: 'No worker has started yet', query: rows('SELECT stream, model_id, active, activated_at FROM tidewatch.models ORDER BY activated_at DESC NULLS LAST, model_id LIMIT 20'),
    }))
    .withPanel(table({
      title: 'Gaps', description: 'Offsets that were passed over because the broker no longer held them, with the reason. Normally empty.',
      unit: PLAIN, width: 9, empty: 'No gap', query: rows('SELECT recorded_at, topic, partition, from_offset, to_offset, missing, reason FROM tidewatch.stream_gaps ORDER BY recorded_at DESC LIMIT 50'),
    }, { missing: COUNT }))
    .build();
