/** Products that are silent for longer than their own gaps explain; the scheduler keeps them. "No reviews" of a slow product is not among them. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createViews, dropViews, type ViewDefinition } from './define-view.js';

const views: readonly ViewDefinition[] = [
  {
    name: 'product_silence',
    comment: 'Products from which nothing has come for longer than their own gaps explain, as often as their alarm budget allows; not while the whole feed is silent (feed_silence).',
    columns: {
      product_id: 'Key of the product.',
      product_name: 'Newest product name seen.',
      silent_since: 'Its newest review, event time.',
      ordinary_seconds: 'How long a silence is ordinary for it, from its own gaps.',
      budget_per_day: 'False alarms a day that this was worked out for.',
      flagged_at: 'Clock time at which it was noticed.',
    },
    select: `
SELECT s.product_id, e.label, s.silent_since, s.ordinary_seconds, s.budget_per_day, s.flagged_at
FROM internal.product_silence s LEFT JOIN internal.entity_state e ON e.stream = 'reviews' AND e.entity = s.product_id`,
  },
];

export class ProductSilence1795820000002 implements MigrationInterface {
  readonly name = 'ProductSilence1795820000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.product_silence (
  product_id text PRIMARY KEY,
  silent_since timestamptz NOT NULL,
  ordinary_seconds float8 NOT NULL,
  budget_per_day float8 NOT NULL,
  flagged_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
${createViews(views)}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`${dropViews(views)}
DROP TABLE internal.product_silence;`);
  }
}
