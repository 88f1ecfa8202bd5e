/** When a dead letter was handed to its topic `<topic>.dead-letter`; null until then, so that those of before are handed over too. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PublishDeadLetters1795430000009 implements MigrationInterface {
  readonly name = 'PublishDeadLetters1795430000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE internal.dead_letter ADD COLUMN published_at timestamptz;
CREATE INDEX dead_letter_unpublished ON internal.dead_letter (topic, partition, "offset") WHERE published_at IS NULL;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP INDEX internal.dead_letter_unpublished;
ALTER TABLE internal.dead_letter DROP COLUMN published_at;`);
  }
}
