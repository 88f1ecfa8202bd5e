/** What people's verdicts changed in the detector: a row per change, written in the transaction of the state that holds it. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createViews, dropViews, type ViewDefinition } from './define-view.js';

const views: readonly ViewDefinition[] = [
  {
    name: 'baseline_changes',
    comment: 'What people’s verdicts changed in the detector, and why. Real and brigading change nothing.',
    columns: {
      surge_id: 'The surge that was judged.',
      seq: '1 for the first change its verdicts caused, one more for each.',
      product_id: 'Key of the product.',
      verdict: 'The verdict that caused it.',
      learned: 'Whether the surge counts as part of the normal from then on; false when a verdict was taken back.',
      reason: 'In a sentence.',
      judged: 'Surges of the product that counted towards its threshold: judged false or expected within the last four periods of the budget.',
      threshold_raised_before: 'Nats on the thresholds before; e to the power of it is the factor by which alarms were made rarer.',
      threshold_raised_after: 'The same after.',
      rate_before: 'Negatives per day that were normal before.',
      rate_after: 'The same after.',
      share_before: 'Share of negatives that was normal before.',
      share_after: 'The same after.',
      state_version: 'Version of the product’s state that holds the change: reviews before it were judged by the old normal.',
      changed_at: 'Clock time.',
    },
    select: `
SELECT surge_id, seq, product_id, verdict, learned, reason, judged, raised_before, raised_after, rate_before, rate_after, share_before, share_after, state_version, changed_at
FROM internal.baseline_change`,
  },
];

export class BaselineChanges1795610000002 implements MigrationInterface {
  readonly name = 'BaselineChanges1795610000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.baseline_change (
  surge_id text NOT NULL REFERENCES internal.surge,
  seq int NOT NULL,
  product_id text NOT NULL,
  verdict text NOT NULL,
  learned boolean NOT NULL,
  state_version bigint NOT NULL,
  judged int NOT NULL,
  raised_before float8 NOT NULL,
  raised_after float8 NOT NULL,
  rate_before float8 NOT NULL,
  rate_after float8 NOT NULL,
  share_before float8 NOT NULL,
  share_after float8 NOT NULL,
  reason text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (surge_id, seq)
);
CREATE INDEX surge_action_feedback ON internal.surge_action (surge_id, seq DESC) WHERE action = 'feedback';
${createViews(views)}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`${dropViews(views)}
DROP INDEX internal.surge_action_feedback;
DROP TABLE internal.baseline_change;`);
  }
}
