/**
 * The last seven days of every product, kept by the scheduler: counted anew for each reader they cost 400 ms at 5,000 products, and a
 * page asks every few seconds.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createViews, dropViews, type ViewDefinition } from './define-view.js';

const views: readonly ViewDefinition[] = [
  {
    name: 'product_standing',
    comment: 'What products and product_sentiment_hourly say of every product’s last seven days, as of computed_at; the rest is as of now. For one product ask those views: they are exact at any moment.',
    columns: {
      product_id: 'Key of the product.',
      product_name: 'Newest product name seen.',
      reviews: 'Reviews that have advanced the state of the product (corrections and duplicates do not).',
      last_review_at: 'Time of the newest review.',
      open_surge_id: 'The surge that is open now; null when none.',
      summary: 'A few numbers of the surge tracker.',
      negatives_7d: 'Reviews with p_negative of 0.5 or more in the seven days up to the newest review of then; null until first computed.',
      reviews_7d: 'Reviews in those seven days.',
      share_7d: 'negatives_7d / reviews_7d; null without reviews.',
      six_hours: 'The same by six hours of UTC, oldest first, those without a review left out: [{bucket, reviews, negatives}].',
      reviews_since: 'Reviews of the product since this was computed: 0 is exact now, but for corrections of earlier reviews.',
      computed_at: 'Clock time at which it was computed.',
    },
    select: `
SELECT e.entity, e.label, e.version - e.amendments, e.last_event_at, o.surge_id, e.summary, s.negatives, s.reviews, s.negatives::float8 / nullif(s.reviews, 0),
  coalesce(s.six_hours, '[]'), greatest(e.version - coalesce(s.version, 0), 0), s.computed_at
FROM internal.entity_state e
LEFT JOIN internal.product_standing s ON s.product_id = e.entity
LEFT JOIN (SELECT DISTINCT ON (product_id) product_id, surge_id FROM internal.surge WHERE closed_at IS NULL ORDER BY product_id, opened_at DESC, surge_id) o ON o.product_id = e.entity
WHERE e.stream = 'reviews'`,
  },
];

export class ProductStanding1795710000001 implements MigrationInterface {
  readonly name = 'ProductStanding1795710000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.product_standing (
  product_id text PRIMARY KEY,
  -- of the product's state when it was computed
  version bigint NOT NULL,
  reviews int NOT NULL,
  negatives int NOT NULL,
  six_hours jsonb NOT NULL,
  computed_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);
${createViews(views)}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`${dropViews(views)}
DROP TABLE internal.product_standing;`);
  }
}
