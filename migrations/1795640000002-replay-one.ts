/** A single dead letter sent back over HTTP: the console, as tidewatch_operator, asks for its bytes, sends them, and then marks it. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

const grants = (functions: readonly string[]) => `
CREATE OR REPLACE FUNCTION internal.grant_tokens() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF to_regrole('tidewatch_operator') IS NOT NULL THEN
    GRANT EXECUTE ON FUNCTION ${functions.join(', ')} TO tidewatch_operator;
  END IF;
END $$;`;
const TOKENS = 'tidewatch.token_of(text)';
const REPLAY = ['tidewatch.dead_letter_bytes(text, int, bigint)', 'tidewatch.mark_replayed(text, int, bigint)'] as const;

export class ReplayOne1795640000002 implements MigrationInterface {
  readonly name = 'ReplayOne1795640000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE FUNCTION tidewatch.dead_letter_bytes(of_topic text, of_partition int, of_offset bigint) RETURNS TABLE (key bytea, payload bytea, replayed_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT d.key, d.payload, d.replayed_at FROM internal.dead_letter d WHERE d.topic = of_topic AND d.partition = of_partition AND d."offset" = of_offset
$$;
CREATE FUNCTION tidewatch.mark_replayed(of_topic text, of_partition int, of_offset bigint) RETURNS timestamptz
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE internal.dead_letter d SET replayed_at = clock_timestamp() WHERE d.topic = of_topic AND d.partition = of_partition AND d."offset" = of_offset RETURNING d.replayed_at
$$;
REVOKE ALL ON FUNCTION ${REPLAY.join(', ')} FROM PUBLIC;
COMMENT ON FUNCTION ${REPLAY[0]} IS 'Key and value of a dead letter as they were sent, and when it was tried again; no row where there is none.';
COMMENT ON FUNCTION ${REPLAY[1]} IS 'Notes that a dead letter was sent back to its topic. Gives the clock time.';
${grants([TOKENS, ...REPLAY])}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`${grants([TOKENS])}
DROP FUNCTION ${REPLAY.join(', ')};`);
  }
}
