/**
 * Retention for what does not lie in a month's partition: history that was fed late lies in the default partitions, and
 * review_identity has none. A row stays until both its own time and the time it was scored are older than the retention,
 * so that a backfill of old reviews is kept as long as new ones; what belongs to a row goes after it.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PruneOldRows1795630000001 implements MigrationInterface {
  readonly name = 'PruneOldRows1795630000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE INDEX review_identity_time ON internal.review_identity USING brin (reviewed_at);

CREATE FUNCTION internal.prune(older_than timestamptz, most int) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  condition record;
  gone bigint;
  total bigint := 0;
BEGIN
  FOR condition IN
    SELECT * FROM (VALUES
      ('review_score_default', 'reviewed_at < $1 AND scored_at < $1'),
      ('review_identity', 'reviewed_at < $1 AND NOT EXISTS (SELECT FROM internal.review_score s
         WHERE (s.topic, s.partition, s."offset", s.reviewed_at) = (t.topic, t.partition, t."offset", t.reviewed_at))'),
      ('quote_bar_default', 'at < $1 AND scored_at < $1'),
      ('forecast_default', 'made_at < $1 AND NOT EXISTS (SELECT FROM internal.quote_bar q WHERE (q.symbol, q.at, q.bar) = (t.symbol, t.made_at, t.bar))'),
      ('settlement_default', 'made_at < $1 AND NOT EXISTS (SELECT FROM internal.quote_bar q WHERE (q.symbol, q.at, q.bar) = (t.symbol, t.made_at, t.bar))')
    ) AS c (table_name, old)
  LOOP
    EXECUTE format('DELETE FROM internal.%I WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM internal.%1$I t WHERE %s LIMIT $2))', condition.table_name, condition.old) USING older_than, most;
    GET DIAGNOSTICS gone = ROW_COUNT;
    total := total + gone;
  END LOOP;
  RETURN total;
END $$;
REVOKE EXECUTE ON FUNCTION internal.prune FROM PUBLIC;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION internal.prune; DROP INDEX internal.review_identity_time;');
  }
}
