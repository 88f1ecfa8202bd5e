/**
 * Statistics only where a plan can use them. Autovacuum analyzes a growing table again and again, and while it does the
 * workers wait for a core: of 0.7 s for 50,000 reviews nearly all went into texts, word lists and arrays, by which nobody
 * searches. A partition does not inherit what is set on its parent, so each new month is told as well.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** -1 is the server's default. */
const setAll = (target: number) => `
DO $$
BEGIN
  PERFORM internal.set_statistics('internal.entity_state', 'entity_state', ${target});
  PERFORM internal.set_statistics(c.oid, t.table_name, ${target})
  FROM internal.partitioned_tables() t
  JOIN pg_inherits i ON i.inhparent = ('internal.' || t.table_name)::regclass
  JOIN pg_class c ON c.oid = i.inhrelid;
END $$;`;

const ensureMonth = (afterwards: string) => `
CREATE OR REPLACE FUNCTION internal.ensure_month(parent text, time_column text, month timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  first_day timestamp := date_trunc('month', month AT TIME ZONE 'UTC');
  lower_bound text := to_char(first_day, 'YYYY-MM-DD') || ' 00:00:00+00';
  upper_bound text := to_char(first_day + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00';
  child text := parent || '_' || to_char(first_day, 'YYYYMM');
BEGIN
  IF to_regclass('internal.' || quote_ident(child)) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('LOCK TABLE internal.%I IN ACCESS EXCLUSIVE MODE', parent || '_default');
  EXECUTE format('CREATE TABLE internal.%I (LIKE internal.%I INCLUDING DEFAULTS)', child, parent);
  ${afterwards}
  EXECUTE format('WITH moved AS (DELETE FROM internal.%I WHERE %I >= %L AND %I < %L RETURNING *) INSERT INTO internal.%I SELECT * FROM moved',
    parent || '_default', time_column, lower_bound, time_column, upper_bound, child);
  EXECUTE format('ALTER TABLE internal.%I ATTACH PARTITION internal.%I FOR VALUES FROM (%L) TO (%L)', parent, child, lower_bound, upper_bound);
  RETURN true;
END $$;`;

export class StatisticsWhereUsed1795650000001 implements MigrationInterface {
  readonly name = 'StatisticsWhereUsed1795650000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE FUNCTION internal.unsearched_columns() RETURNS TABLE (table_name text, column_name text)
LANGUAGE sql IMMUTABLE AS $$
  VALUES ('review_score', 'title'), ('review_score', 'text'), ('review_score', 'top_words'), ('review_score', 'extra'),
    ('quote_bar', 'extra'), ('forecast', 'levels'), ('forecast', 'corrected'), ('forecast', 'raw'),
    ('entity_state', 'hidden'), ('entity_state', 'tracker'), ('entity_state', 'summary')
$$;

CREATE FUNCTION internal.set_statistics(relation regclass, parent text, target int) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  unsearched record;
BEGIN
  FOR unsearched IN SELECT u.column_name FROM internal.unsearched_columns() u WHERE u.table_name = parent LOOP
    EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS %s', relation, unsearched.column_name, target);
  END LOOP;
END $$;

${setAll(0)}

${ensureMonth("PERFORM internal.set_statistics(('internal.' || quote_ident(child))::regclass, parent, 0);")}
REVOKE EXECUTE ON FUNCTION internal.set_statistics FROM PUBLIC;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
${setAll(-1)}
${ensureMonth('')}
DROP FUNCTION internal.set_statistics, internal.unsearched_columns;`);
  }
}
