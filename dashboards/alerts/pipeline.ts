/** Alerts on the pipeline, for those who have Grafana and no Prometheus: the same names and runbooks as dashboards/prometheus. */
import type { AlertText } from '../shared/alert.js';
import { named } from './named.js';
import { PRODUCT_PAGE } from './surges.js';

export const pipelineAlerts: readonly AlertText[] = [
  {
    name: 'TidewatchFeedSilent', severity: 'warning', for: '1m', above: [0.5, 0.5], page: 'pipeline',
    sql: `
SELECT now() AS time, s.stream, (f.stream IS NOT NULL)::int AS silent
FROM (VALUES ('quotes'), ('reviews')) s (stream) LEFT JOIN tidewatch.feed_silence f ON f.stream = s.stream ORDER BY 1`,
    summary: 'The feed of {{ .Labels.stream }} is silent',
    description: 'Nothing has come for longer than its own gaps explain, and for DEAD_FEED_SECONDS at least. No negative reviews is something else.',
  },
  {
    name: 'TidewatchProductSilent', severity: 'warning', for: '1m', above: [0.5, 0.5], page: PRODUCT_PAGE,
    sql: `
SELECT now() AS time, e.product_id AS product, (s.product_id IS NOT NULL)::int AS silent
FROM tidewatch.product_standing e LEFT JOIN tidewatch.product_silence s USING (product_id)
UNION ALL SELECT now(), 'none yet', 0 WHERE NOT EXISTS (SELECT FROM tidewatch.product_standing)
ORDER BY 1`,
    summary: `No review of ${named('product')} comes any more`,
    description: 'It has been silent for longer than its own gaps explain, while the feed goes on. A product that is reviewed once a month is not meant.',
  },
  {
    name: 'TidewatchSymbolSilent', severity: 'warning', for: '1m', above: [0.5, 0.5], page: 'pipeline',
    sql: `
SELECT now() AS time, symbol, (s.symbol IS NOT NULL)::int AS silent
FROM (SELECT symbol FROM tidewatch.forecast_standing UNION SELECT symbol FROM tidewatch.stale_symbols) watched LEFT JOIN tidewatch.stale_symbols s USING (symbol)
UNION ALL SELECT now(), 'none yet', 0 WHERE NOT EXISTS (SELECT FROM tidewatch.forecast_standing) AND NOT EXISTS (SELECT FROM tidewatch.stale_symbols)
ORDER BY 1`,
    summary: `${named('symbol')} is silent while its session is usually open`,
    description: 'In each of the weeks before, several bars came in the span in which none has come now. Other symbols go on.',
  },
  {
    name: 'TidewatchPartitionStalled', severity: 'critical', for: '1m', above: [120, 60], page: 'pipeline',
    sql: `
SELECT now() AS time, topic, coalesce(max(extract(epoch FROM now() - committed_at)) FILTER (WHERE lag > 0), 0)::float8 AS seconds
FROM tidewatch.stream_positions GROUP BY topic
UNION ALL SELECT now(), 'none yet', 0 WHERE NOT EXISTS (SELECT FROM tidewatch.stream_positions)
ORDER BY 1`,
    summary: '{{ .Labels.topic }} stands still',
    description: 'Messages wait in a partition and nothing was committed there for {{ printf "%.0f" .Values.B.Value }} seconds.',
  },
  {
    name: 'TidewatchDeadLettersRising', severity: 'warning', for: '5m', above: [0.05, 0.02], page: 'pipeline',
    sql: `
SELECT now() AS time, p.topic, CASE WHEN p.rejected - b.rejected > 10 THEN (p.rejected - b.rejected)::float8 / greatest(p.taken - b.taken, 1) ELSE 0 END AS share
FROM (SELECT topic, sum(accepted + duplicates + rejected) AS taken, sum(rejected) AS rejected FROM tidewatch.stream_positions GROUP BY topic) p
CROSS JOIN LATERAL (
  SELECT coalesce(min(s.taken), p.taken) AS taken, coalesce(min(s.rejected), p.rejected) AS rejected
  FROM tidewatch.stream_samples s WHERE s.topic = p.topic AND s.sampled_at > now() - interval '15 minutes'
) b
UNION ALL SELECT now(), 'none yet', 0 WHERE NOT EXISTS (SELECT FROM tidewatch.stream_positions)
ORDER BY 1`,
    summary: '{{ .Labels.topic }}: many messages cannot be read',
    description: 'A share of {{ printf "%.2f" .Values.B.Value }} of the messages of the last quarter of an hour became dead letters.',
  },
  {
    name: 'TidewatchDeliveryFailing', severity: 'critical', for: '1m', above: [0.5, 0.5], page: 'pipeline',
    sql: `
SELECT now() AS time, channel, failing::int AS failing FROM tidewatch.notification_channels
UNION ALL SELECT now(), 'none configured', 0 WHERE NOT EXISTS (SELECT FROM tidewatch.notification_channels)
ORDER BY 1`,
    summary: 'Notifications over {{ .Labels.channel }} reach nobody',
    description: 'Surges are found, but who waits for this channel does not hear of them.',
  },
];
