/**
 * What a surge's negatives have in common, worked out by the scheduler from the stored reviews after each transition: the product's
 * state has no room for its vocabulary. Until it is there (seconds), the view shows what the tracker itself counted.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';

const view = (contributors: string, join: string): string => `
CREATE OR REPLACE VIEW tidewatch.surges AS
SELECT s.surge_id, s.product_id, e.label AS product_name, s.status, s.channel, s.opened_at, s.closed_at, s.started_at, s.last_change_at, s.expected, s.observed,
  s.excess, s.severity, s.share_before, s.share_now, s.budget_per_day, s.settings_id, s.model_id, s.seq AS transitions, ${contributors} AS contributors,
  a.acknowledged_at, a.acknowledged_by, a.owner, a.feedback
FROM internal.surge s LEFT JOIN internal.entity_state e ON e.stream = 'reviews' AND e.entity = s.product_id${join}
CROSS JOIN LATERAL (
  SELECT min(acted_at) FILTER (WHERE action = 'acknowledge') AS acknowledged_at, min(by) FILTER (WHERE action = 'acknowledge') AS acknowledged_by,
    (array_agg(text ORDER BY seq DESC) FILTER (WHERE action = 'owner'))[1] AS owner,
    (array_agg(verdict ORDER BY seq DESC) FILTER (WHERE action = 'feedback'))[1] AS feedback
  FROM internal.surge_action WHERE surge_action.surge_id = s.surge_id
) a;`;
const comment = (sentence: string): string => `COMMENT ON COLUMN tidewatch.surges.contributors IS '${sentence}';`;

export class SurgeExplanations1795610000003 implements MigrationInterface {
  readonly name = 'SurgeExplanations1795610000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.surge_explanation (
  surge_id text PRIMARY KEY REFERENCES internal.surge,
  seq int NOT NULL,
  negatives int NOT NULL,
  negatives_before int NOT NULL,
  contributors jsonb NOT NULL,
  explained_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
${view('coalesce(x.contributors, s.contributors)', '\nLEFT JOIN internal.surge_explanation x USING (surge_id)')}
${comment('What is over-represented among the negatives against the product’s own before: [{kind, value, shareNow, shareBefore, ratio, significance}].')}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`${view('s.contributors', '')}
${comment('What is over-represented among the negatives: [{kind, value, shareNow, shareBefore}].')}
DROP TABLE internal.surge_explanation;`);
  }
}
