/**
 * The role tidewatch_reader may read the views and nothing else. Roles belong to the whole server, and the owner of a
 * managed database may not be allowed to make one; so the grant is a function that says in a sentence what is missing,
 * and that every `migrate` calls again.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateReaderRole1795430000008 implements MigrationInterface {
  readonly name = 'CreateReaderRole1795430000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE FUNCTION internal.grant_reader() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF to_regrole('tidewatch_reader') IS NULL THEN
    BEGIN
      CREATE ROLE tidewatch_reader NOLOGIN;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;
      WHEN insufficient_privilege THEN
        RETURN format('role tidewatch_reader does not exist and %s may not create it: let an administrator run '
          'CREATE ROLE tidewatch_reader NOLOGIN, then migrate again', current_user);
    END;
  END IF;
  GRANT USAGE ON SCHEMA tidewatch TO tidewatch_reader;
  GRANT SELECT ON ALL TABLES IN SCHEMA tidewatch TO tidewatch_reader;
  RETURN NULL;
END $$;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA internal FROM PUBLIC;
GRANT EXECUTE ON FUNCTION internal.safe_text(bytea) TO PUBLIC;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DO $$ BEGIN
  IF to_regrole('tidewatch_reader') IS NOT NULL THEN
    REVOKE ALL ON ALL TABLES IN SCHEMA tidewatch FROM tidewatch_reader;
    REVOKE ALL ON SCHEMA tidewatch FROM tidewatch_reader;
  END IF;
END $$;
DROP FUNCTION internal.grant_reader();`);
  }
}
