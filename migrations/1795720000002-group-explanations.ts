/** What the negatives of a group's surge have in common, over all its products, worked out by the scheduler as that of one product's is; with the evidence of its children together. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { extendView } from './define-view.js';

const select = (added: string, join: string, grouped: string): string => `
SELECT g.group_surge_id, g.group_name, CASE WHEN bool_or(s.closed_at IS NULL) THEN 'open' ELSE 'closed' END AS status, g.opened_at, CASE WHEN bool_or(s.closed_at IS NULL) THEN NULL ELSE max(s.closed_at) END AS closed_at,
  min(s.started_at) AS started_at, max(s.severity) AS severity, sum(s.expected) AS expected, sum(s.observed) AS observed, count(DISTINCT s.product_id)::int AS products, (count(DISTINCT s.product_id) FILTER (WHERE s.closed_at IS NULL))::int AS open_products,
  jsonb_agg(jsonb_build_object('surgeId', s.surge_id, 'productId', s.product_id, 'productName', e.label, 'status', s.status, 'severity', s.severity, 'openedAt', s.opened_at, 'closedAt', s.closed_at)
    ORDER BY (s.closed_at IS NULL) DESC, s.severity DESC, s.opened_at, s.surge_id) AS children, g.noticed_at${added}
FROM internal.group_surge g JOIN internal.group_surge_child c USING (group_surge_id) JOIN internal.surge s USING (surge_id)
LEFT JOIN internal.entity_state e ON e.stream = 'reviews' AND e.entity = s.product_id${join}
GROUP BY g.group_surge_id${grouped}`;

const ADDED = {
  contributors: 'What is over-represented among the negatives of all its products, each against its own before: [{kind, value, shareNow, shareBefore, ratio, significance}]; empty until it is explained.',
  evidence: 'Reviews that show it best, of its products in turn: [{productId, productName, reviewId, at, pNegative, excerpt, topWords}].',
  look_alikes: 'Negatives that are counted apart, over all its products; null until it is explained.',
  observed_without: 'Negatives observed without them.',
  brigading: 'Why it is marked as possible brigading; null when it is not.',
};

export class GroupExplanations1795720000002 implements MigrationInterface {
  readonly name = 'GroupExplanations1795720000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.group_explanation (
  group_surge_id text PRIMARY KEY REFERENCES internal.group_surge ON DELETE CASCADE,
  seq int NOT NULL,
  contributors jsonb NOT NULL,
  evidence jsonb NOT NULL,
  look_alikes int NOT NULL,
  look_alike_weight float8 NOT NULL,
  brigading text,
  explained_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
${extendView('group_surges', ADDED, select(`, coalesce(x.contributors, '[]') AS contributors, coalesce(x.evidence, '[]') AS evidence, x.look_alikes, greatest(0, sum(s.observed) - coalesce(x.look_alike_weight, 0)) AS observed_without, x.brigading`, '\nLEFT JOIN internal.group_explanation x USING (group_surge_id)', ', x.group_surge_id'))}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP VIEW tidewatch.group_surges;
CREATE VIEW tidewatch.group_surges AS ${select('', '', '')};
DROP TABLE internal.group_explanation;`);
  }
}
