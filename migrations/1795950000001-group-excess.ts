/** How sure the excess of a group's surge is: its products' 90 % intervals put together as those of a sum (MOVER), as apps/scheduler tells it (libs/plan-notifications/group-excess.ts). */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { extendView } from './define-view.js';

const select = (added: string): string => `
SELECT g.group_surge_id, g.group_name, CASE WHEN bool_or(s.closed_at IS NULL) THEN 'open' ELSE 'closed' END AS status, g.opened_at, CASE WHEN bool_or(s.closed_at IS NULL) THEN NULL ELSE max(s.closed_at) END AS closed_at,
  min(s.started_at) AS started_at, max(s.severity) AS severity, sum(s.expected) AS expected, sum(s.observed) AS observed, count(DISTINCT s.product_id)::int AS products, (count(DISTINCT s.product_id) FILTER (WHERE s.closed_at IS NULL))::int AS open_products,
  jsonb_agg(jsonb_build_object('surgeId', s.surge_id, 'productId', s.product_id, 'productName', e.label, 'status', s.status, 'severity', s.severity, 'openedAt', s.opened_at, 'closedAt', s.closed_at)
    ORDER BY (s.closed_at IS NULL) DESC, s.severity DESC, s.opened_at, s.surge_id) AS children, g.noticed_at,
  coalesce(x.contributors, '[]') AS contributors, coalesce(x.evidence, '[]') AS evidence, x.look_alikes, greatest(0, sum(s.observed) - coalesce(x.look_alike_weight, 0)) AS observed_without, x.brigading${added}
FROM internal.group_surge g JOIN internal.group_surge_child c USING (group_surge_id) JOIN internal.surge s USING (surge_id)
LEFT JOIN internal.entity_state e ON e.stream = 'reviews' AND e.entity = s.product_id
LEFT JOIN internal.group_explanation x USING (group_surge_id)
GROUP BY g.group_surge_id, x.group_surge_id`;

const LIMITS = `,
  CASE WHEN bool_and(s.excess_low IS NOT NULL) THEN sum(s.excess) - sqrt(sum((s.excess - s.excess_low) ^ 2)) END AS excess_low,
  CASE WHEN bool_and(s.excess_high IS NOT NULL) THEN sum(s.excess) + sqrt(sum((s.excess_high - s.excess) ^ 2)) END AS excess_high`;

const ADDED = {
  excess_low: 'Lower end of the 90 % interval of observed minus expected, all children together; null where one of them has none (older versions).',
  excess_high: 'Upper end of it.',
};

export class GroupExcess1795950000001 implements MigrationInterface {
  readonly name = 'GroupExcess1795950000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(extendView('group_surges', ADDED, select(LIMITS)));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP VIEW tidewatch.group_surges; CREATE VIEW tidewatch.group_surges AS ${select('')};`);
  }
}
