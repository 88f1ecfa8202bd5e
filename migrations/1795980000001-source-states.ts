/**
 * What the products of one source have in common, as stars teach it: numbers beside the review model's own, learnt in each
 * partition from its reviews alone, and written in the transaction that moves its position.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SourceStates1795980000001 implements MigrationInterface {
  readonly name = 'SourceStates1795980000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.source_state (
  topic text NOT NULL,
  partition int NOT NULL,
  place int NOT NULL CHECK (place BETWEEN 0 AND 65535),
  source text,
  model_id text NOT NULL,
  format int NOT NULL,
  hidden bytea NOT NULL,
  checksum bigint NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic, partition, place)
)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE internal.source_state');
  }
}
