/** How many more negatives a product's last day brought than the six days before it, so that lists can begin with what changes. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { extendView } from './define-view.js';

const added = {
  negatives_1d: 'Those of negatives_7d in the day up to the newest review of then.',
  rise: 'How far negatives_1d lies above a day of the six before it, in standard deviations of a count that chance makes (Poisson, by the square root: Anscombe 1948); below 0 where it fell.',
};
const BEFORE = `
SELECT e.entity AS product_id, e.label AS product_name, e.version - e.amendments AS reviews, e.last_event_at AS last_review_at, o.surge_id AS open_surge_id, e.summary, s.negatives AS negatives_7d, s.reviews AS reviews_7d,
  s.negatives::float8 / nullif(s.reviews, 0) AS share_7d, coalesce(s.six_hours, '[]') AS six_hours, greatest(e.version - coalesce(s.version, 0), 0) AS reviews_since, s.computed_at`;
const FROM = `
FROM internal.entity_state e
LEFT JOIN internal.product_standing s ON s.product_id = e.entity
LEFT JOIN (SELECT DISTINCT ON (product_id) product_id, surge_id FROM internal.surge WHERE closed_at IS NULL ORDER BY product_id, opened_at DESC, surge_id) o ON o.product_id = e.entity
WHERE e.stream = 'reviews'`;

export class ProductRise1795930000001 implements MigrationInterface {
  readonly name = 'ProductRise1795930000001';

  /** What was counted without the last day goes: the scheduler counts it anew within seconds. */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
TRUNCATE internal.product_standing;
ALTER TABLE internal.product_standing ADD COLUMN negatives_1d int NOT NULL;
${extendView('product_standing', added, `${BEFORE}, s.negatives_1d, 2 * (sqrt(s.negatives_1d + 0.375) - sqrt((s.negatives - s.negatives_1d) / 6.0 + 0.375))::float8 AS rise ${FROM}`)}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP VIEW tidewatch.product_standing;
CREATE VIEW tidewatch.product_standing AS ${BEFORE} ${FROM};
ALTER TABLE internal.product_standing DROP COLUMN negatives_1d;`);
  }
}
