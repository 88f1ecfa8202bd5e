/**
 * Trackers no longer count what their negatives have in common: the stored reviews say it better. Transitions are written without it, and the view of them shows
 * what the explanation says of the newest of each surge; older rows keep what they were written with.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['internal.surge', 'internal.surge_transition'];
const view = (contributors: string, join: string, comment: string): string => `
CREATE OR REPLACE VIEW tidewatch.surge_transitions AS SELECT t.surge_id, t.seq, s.product_id, t.status, t.at, t.expected, t.observed, t.excess, t.severity, t.share_before, t.share_now, ${contributors} AS contributors, t.recorded_at, t.events, t.muted, t.calendar_id
FROM internal.surge_transition t JOIN internal.surge s USING (surge_id)${join};
COMMENT ON COLUMN tidewatch.surge_transitions.contributors IS '${comment}';`;

export class ExplainedTransitions1795720000003 implements MigrationInterface {
  readonly name = 'ExplainedTransitions1795720000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
${TABLES.map((table) => `ALTER TABLE ${table} ALTER COLUMN contributors SET DEFAULT '[]';`).join('\n')}
${view('coalesce(x.contributors, t.contributors)', '\nLEFT JOIN internal.surge_explanation x ON x.surge_id = t.surge_id AND x.seq = t.seq', 'What was over-represented then: of the newest transition of each surge, and of those written by older versions; else empty.')}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
${view('t.contributors', '', 'What was over-represented then.')}
${TABLES.map((table) => `ALTER TABLE ${table} ALTER COLUMN contributors DROP DEFAULT;`).join('\n')}`);
  }
}
