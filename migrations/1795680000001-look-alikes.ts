/**
 * Look-alikes among a surge's negatives, worked out by the scheduler with its contributors: near-identical texts, or a burst of a few accounts
 * or sources. They are counted apart, and the surge says how much it has without them; a surge that they are a real part of is marked.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { extendView } from './define-view.js';

const select = (added: string): string => `
SELECT s.surge_id, s.product_id, e.label AS product_name, s.status, s.channel, s.opened_at, s.closed_at, s.started_at, s.last_change_at, s.expected, s.observed,
  s.excess, s.severity, s.share_before, s.share_now, s.budget_per_day, s.settings_id, s.model_id, s.seq AS transitions, coalesce(x.contributors, s.contributors) AS contributors,
  a.acknowledged_at, a.acknowledged_by, a.owner, a.feedback, s.events, s.muted, s.calendar_id${added}
FROM internal.surge s LEFT JOIN internal.entity_state e ON e.stream = 'reviews' AND e.entity = s.product_id
LEFT JOIN internal.surge_explanation x USING (surge_id)
CROSS JOIN LATERAL (
  SELECT min(acted_at) FILTER (WHERE action = 'acknowledge') AS acknowledged_at, min(by) FILTER (WHERE action = 'acknowledge') AS acknowledged_by,
    (array_agg(text ORDER BY seq DESC) FILTER (WHERE action = 'owner'))[1] AS owner,
    (array_agg(verdict ORDER BY seq DESC) FILTER (WHERE action = 'feedback'))[1] AS feedback
  FROM internal.surge_action WHERE surge_action.surge_id = s.surge_id
) a`;
const ADDED = {
  look_alikes: 'Negatives that are counted apart: near-copies beyond the first of each text, and bursts of a few accounts or sources; null until it is explained.',
  observed_without: 'Negatives observed without them.',
  brigading: 'Why it is marked as possible brigading; null when it is not.',
};

export class LookAlikes1795680000001 implements MigrationInterface {
  readonly name = 'LookAlikes1795680000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE internal.surge_explanation ADD COLUMN look_alikes int, ADD COLUMN look_alike_weight float8, ADD COLUMN brigading text;
${extendView('surges', ADDED, select(', x.look_alikes, greatest(0, s.observed - coalesce(x.look_alike_weight, 0)) AS observed_without, x.brigading'))}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP VIEW tidewatch.surges;
CREATE VIEW tidewatch.surges AS ${select('')};
ALTER TABLE internal.surge_explanation DROP COLUMN look_alikes, DROP COLUMN look_alike_weight, DROP COLUMN brigading;`);
  }
}
