/**
 * What alerts watch: one row per product whatever its state, so that a resolved surge resolves and "no data" means a fault; and the
 * counters of the streams over time, noted by the scheduler, from which rates and latencies are read without counting a million rows.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createViews, dropViews, type ViewDefinition } from './define-view.js';

const views: readonly ViewDefinition[] = [
  {
    name: 'surge_alerts',
    comment: 'One row per product: the severity of its worst open surge, 0 when none is open. severity > 0 is an alert.',
    columns: {
      product_id: 'Key of the product.',
      product_name: 'Newest product name seen.',
      severity: '1 to 10; 0 when no surge is open.',
      surge_id: 'The surge; null when none is open.',
      opened_at: 'When its alarm was raised; null when none is open.',
      words: 'The same as a sentence.',
    },
    select: `
SELECT e.entity, e.label, coalesce(s.severity, 0), s.surge_id, s.opened_at,
  CASE WHEN s.surge_id IS NULL THEN 'no open surge'
    ELSE format('%s negatives where %s were expected since %s UTC, severity %s', round(s.observed::numeric), round(s.expected::numeric, 1), to_char(s.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), round(s.severity::numeric, 1)) END
FROM internal.entity_state e
LEFT JOIN (SELECT DISTINCT ON (product_id) * FROM internal.surge WHERE closed_at IS NULL ORDER BY product_id, severity DESC, surge_id) s ON s.product_id = e.entity
WHERE e.stream = 'reviews'`,
  },
  {
    name: 'stream_samples',
    comment: 'Counters of each topic over time, noted by the scheduler twice a minute and kept for 31 days.',
    columns: {
      topic: 'Topic.',
      sampled_at: 'Clock time of the sample.',
      taken: 'Messages taken until then, whatever became of them.',
      duplicates: 'Of them, those that repeated a known one.',
      rejected: 'Of them, those that became dead letters.',
      lag: 'Messages not yet taken, as of the newest commits.',
      median_seconds: 'Median time from the writing of a review to the commit of its score, over the reviews since the sample before; null for quotes and where none came.',
      p95_seconds: '95th percentile of the same.',
    },
    select: 'SELECT topic, sampled_at, taken, duplicates, rejected, lag, median_seconds, p95_seconds FROM internal.stream_sample',
  },
];

export class WatchViews1795660700001 implements MigrationInterface {
  readonly name = 'WatchViews1795660700001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.stream_sample (
  topic text NOT NULL,
  sampled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  taken bigint NOT NULL,
  duplicates bigint NOT NULL,
  rejected bigint NOT NULL,
  lag bigint NOT NULL,
  median_seconds float8,
  p95_seconds float8,
  PRIMARY KEY (topic, sampled_at)
);
CREATE INDEX stream_sample_at ON internal.stream_sample (sampled_at);
-- Rows lie in the order in which they were written: a few bytes per 32 pages find the newest ones.
CREATE INDEX review_score_written ON internal.review_score USING brin (scored_at) WITH (pages_per_range = 32);
${createViews(views)}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`${dropViews(views)}
DROP INDEX internal.review_score_written;
DROP TABLE internal.stream_sample;`);
  }
}
