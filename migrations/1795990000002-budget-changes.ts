/** Who changed which alarm budget, when, from what to what: the budget itself keeps its newest giver alone, and one that is taken back keeps none. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createViews, dropViews, type ViewDefinition } from './define-view.js';

const views: readonly ViewDefinition[] = [{
  name: 'alarm_budget_changes',
  comment: 'Each change of an alarm budget of a product or group. A row that says what was set already makes none.',
  columns: {
    change_id: 'Grows with each change.',
    scope: 'product or group.',
    name: 'Key of the product, or name of the group.',
    budget_before: 'What it had, such as 1/quarter; null: none of its own.',
    budget: 'What it has since; null: taken back.',
    changed_by: 'Who said so, as they named themselves.',
    changed_at: 'Clock time.',
  },
  select: 'SELECT change_id, scope, name, budget_before, budget, changed_by, changed_at FROM internal.alarm_budget_change',
}];

const head = `CREATE OR REPLACE FUNCTION tidewatch.set_alarm_budget(scope text, name text, budget text, by text DEFAULT session_user) RETURNS float8 LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  parts text[] := regexp_match($3, '^\\s*(\\d{1,9}(?:\\.\\d{1,9})?)\\s*/\\s*(day|week|month|quarter|year)\\s*$');
  days float8 := CASE parts[2] WHEN 'day' THEN 1 WHEN 'week' THEN 7 WHEN 'month' THEN 365.25 / 12 WHEN 'quarter' THEN 365.25 / 4 ELSE 365.25 END;
  asked float8 := parts[1]::float8 / days;`;
const checks = `
  IF ($1 = ANY (ARRAY['product', 'group'])) IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('scope: found %s, expected product or group', quote_nullable(left($1, 40)));
  END IF;
  IF (length($2) BETWEEN 1 AND CASE $1 WHEN 'group' THEN 200 ELSE 1000 END) IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('name: found %s characters, expected 1 to %s', coalesce(length($2), 0), CASE $1 WHEN 'group' THEN 200 ELSE 1000 END);
  END IF;`;
const possible = `
  IF (asked BETWEEN 1e-6 AND 24) IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('budget: found %s, expected a number above zero and a period, such as 1/quarter or 2/week (day, week, month, quarter, year), and no more than 24 a day', quote_literal(left($3, 40)));
  END IF;`;
const put = `ON CONFLICT ON CONSTRAINT alarm_budget_pkey DO UPDATE SET budget = excluded.budget, per_day = excluded.per_day, set_by = excluded.set_by, set_at = clock_timestamp();
  RETURN asked;
END $$;`;

/** Two who change at once follow each other, so that the second's "before" is the first's "after". */
const WITH_HISTORY = `${head}
  who text := internal.bounded_text('by', $4, 200);
  given text := regexp_replace($3, '\\s', '', 'g');
  before text;
BEGIN${checks}
  LOCK TABLE internal.alarm_budget IN SHARE ROW EXCLUSIVE MODE;
  SELECT b.budget INTO before FROM internal.alarm_budget b WHERE b.scope = $1 AND b.name = $2;
  IF $3 IS NOT NULL THEN${possible}
  END IF;
  IF before IS DISTINCT FROM given THEN
    INSERT INTO internal.alarm_budget_change (scope, name, budget_before, budget, changed_by) VALUES ($1, $2, before, given, who);
  END IF;
  IF $3 IS NULL THEN
    DELETE FROM internal.alarm_budget b WHERE b.scope = $1 AND b.name = $2;
    RETURN NULL;
  END IF;
  INSERT INTO internal.alarm_budget AS b (scope, name, budget, per_day, set_by) VALUES ($1, $2, given, asked, who)
  ${put}`;
const WITHOUT = `${head}
BEGIN${checks}
  IF $3 IS NULL THEN
    DELETE FROM internal.alarm_budget b WHERE b.scope = $1 AND b.name = $2;
    RETURN NULL;
  END IF;${possible}
  INSERT INTO internal.alarm_budget AS b (scope, name, budget, per_day, set_by) VALUES ($1, $2, regexp_replace($3, '\\s', '', 'g'), asked, internal.bounded_text('by', $4, 200))
  ${put}`;

export class BudgetChanges1795990000002 implements MigrationInterface {
  readonly name = 'BudgetChanges1795990000002';

  /** Of those there are, how they came to be what they are is not known any more. */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.alarm_budget_change (
  change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scope text NOT NULL,
  name text NOT NULL,
  budget_before text,
  budget text,
  changed_by text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO internal.alarm_budget_change (scope, name, budget, changed_by, changed_at) SELECT scope, name, budget, set_by, set_at FROM internal.alarm_budget ORDER BY set_at;
${createViews(views)}
${WITH_HISTORY}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`${WITHOUT}
${dropViews(views)}
DROP TABLE internal.alarm_budget_change;`);
  }
}
