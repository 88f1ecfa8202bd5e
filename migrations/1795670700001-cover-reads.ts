/**
 * Indices for what dashboards read: the figures of a product's reviews from the index alone, where their pages were vacuumed, and
 * a stretch of time over all products. Rows lie nearly in the order of time, so that a few bytes per 32 pages find it.
 * The first replaces the plain index on the same columns. On a large table the upgrade takes as long as building it.
 * And surge_alerts is quiet about surges that a known event mutes.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';

const view = (severity: string, note: string, more = ''): string => `
CREATE OR REPLACE VIEW tidewatch.surge_alerts AS
SELECT e.entity AS product_id, e.label AS product_name, ${severity} AS severity, s.surge_id, s.opened_at,
  CASE WHEN s.surge_id IS NULL THEN 'no open surge'
    ELSE format('%s negatives where %s were expected since %s UTC, severity %s', round(s.observed::numeric), round(s.expected::numeric, 1), to_char(s.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), round(s.severity::numeric, 1))${note} END AS words
FROM internal.entity_state e
LEFT JOIN (SELECT DISTINCT ON (product_id) product_id, surge_id, severity, opened_at, started_at, observed, expected${more} FROM internal.surge WHERE closed_at IS NULL ORDER BY product_id, severity DESC, surge_id) s ON s.product_id = e.entity
WHERE e.stream = 'reviews';`;

export class CoverReads1795670700001 implements MigrationInterface {
  readonly name = 'CoverReads1795670700001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE INDEX review_score_figures ON internal.review_score (product_id, reviewed_at) INCLUDE (p_negative, expected_negative, superseded_by);
DROP INDEX internal.review_score_product;
CREATE INDEX review_score_time ON internal.review_score USING brin (reviewed_at) WITH (pages_per_range = 32);
${view('CASE WHEN s.muted THEN 0 ELSE coalesce(s.severity, 0) END', " || CASE WHEN s.muted THEN ', muted by a known event' ELSE '' END", ', muted')}
COMMENT ON COLUMN tidewatch.surge_alerts.severity IS '1 to 10; 0 when no surge is open, or a known event mutes it.';`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`${view('coalesce(s.severity, 0)', '')}
COMMENT ON COLUMN tidewatch.surge_alerts.severity IS '1 to 10; 0 when no surge is open.';
DROP INDEX internal.review_score_time;
CREATE INDEX review_score_product ON internal.review_score (product_id, reviewed_at);
DROP INDEX internal.review_score_figures;`);
  }
}
