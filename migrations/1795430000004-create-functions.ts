/**
 * Functions: months as partitions, and the two refusals that let a whole commit travel in one round trip
 * (the statement raises inside the server, so that the COMMIT already under way is skipped).
 *
 * Partition bounds are UTC months. A month whose rows already fell into the default partition cannot be attached
 * as it stands; the function moves those rows out first, under a lock of that default partition.
 * Error codes: TW001 the lease is not held, TW002 a state or review was advanced by another.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateFunctions1795430000004 implements MigrationInterface {
  readonly name = 'CreateFunctions1795430000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE FUNCTION internal.partitioned_tables() RETURNS TABLE (table_name text, time_column text)
LANGUAGE sql IMMUTABLE AS $$
  VALUES ('review_score', 'reviewed_at'), ('quote_bar', 'at'), ('forecast', 'made_at'), ('settlement', 'made_at')
$$;

CREATE FUNCTION internal.ensure_month(parent text, time_column text, month timestamptz) RETURNS boolean
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
  EXECUTE format('WITH moved AS (DELETE FROM internal.%I WHERE %I >= %L AND %I < %L RETURNING *) INSERT INTO internal.%I SELECT * FROM moved',
    parent || '_default', time_column, lower_bound, time_column, upper_bound, child);
  EXECUTE format('ALTER TABLE internal.%I ATTACH PARTITION internal.%I FOR VALUES FROM (%L) TO (%L)', parent, child, lower_bound, upper_bound);
  RETURN true;
END $$;

CREATE FUNCTION internal.ensure_partitions(now timestamptz, months_back int DEFAULT 2, months_ahead int DEFAULT 2) RETURNS int
LANGUAGE sql AS $$
  SELECT count(*)::int
  FROM internal.partitioned_tables() t, generate_series(-months_back, months_ahead) k
  WHERE internal.ensure_month(t.table_name, t.time_column, now + make_interval(months => k))
$$;

CREATE FUNCTION internal.drop_partitions(older_than timestamptz) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  child record;
  dropped int := 0;
BEGIN
  FOR child IN
    SELECT c.relname, t.table_name
    FROM internal.partitioned_tables() t
    JOIN pg_inherits i ON i.inhparent = ('internal.' || t.table_name)::regclass
    JOIN pg_class c ON c.oid = i.inhrelid
    WHERE c.relname ~ '_[0-9]{6}$'
      AND to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= older_than AT TIME ZONE 'UTC'
    ORDER BY c.relname
  LOOP
    EXECUTE format('DROP TABLE internal.%I', child.relname);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;

CREATE FUNCTION internal.require_lease(hits bigint, found text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF hits IS DISTINCT FROM 1 THEN
    RAISE EXCEPTION 'the lease is not held' USING ERRCODE = 'TW001', DETAIL = found;
  END IF;
END $$;

CREATE FUNCTION internal.require_all(given text[], taken text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  missed text[] := ARRAY(SELECT unnest(given) EXCEPT SELECT unnest(taken) ORDER BY 1);
BEGIN
  IF cardinality(missed) > 0 THEN
    RAISE EXCEPTION 'advanced by another since it was loaded' USING ERRCODE = 'TW002', DETAIL = to_json(missed)::text;
  END IF;
END $$;

SELECT internal.ensure_partitions(now());`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP FUNCTION internal.require_all, internal.require_lease, internal.drop_partitions, internal.ensure_partitions,
  internal.ensure_month, internal.partitioned_tables;`);
  }
}
