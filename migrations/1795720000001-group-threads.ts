/**
 * People are told of a group's surge as the continuation of what they know: where one product's surge was told before it widened, the record goes
 * on under that surge's id: told_as, settled when the record is made. Null: under its own.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class GroupThreads1795720000001 implements MigrationInterface {
  readonly name = 'GroupThreads1795720000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE internal.group_surge ADD COLUMN told_as text;
UPDATE internal.notification SET notice = jsonb_set(notice, '{group,groupSurgeId}', to_jsonb(surge_id)) WHERE notice ? 'group';`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE internal.group_surge DROP COLUMN told_as;');
  }
}
