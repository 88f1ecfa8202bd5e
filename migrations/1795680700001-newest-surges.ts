/** The newest surges and transitions by an index: tables of dashboards and the page look at what happened last, with a look-up of actions per row. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class NewestSurges1795680700001 implements MigrationInterface {
  readonly name = 'NewestSurges1795680700001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE INDEX surge_newest ON internal.surge (opened_at);
CREATE INDEX surge_transition_newest ON internal.surge_transition (at);`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX internal.surge_transition_newest, internal.surge_newest;');
  }
}
