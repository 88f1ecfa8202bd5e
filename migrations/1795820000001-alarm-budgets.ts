/**
 * Alarm budgets of products and of groups beside the default, changed through functions of schema tidewatch as tidewatch_operator; the scheduler
 * writes them into the calendar's snapshot, each product with the one that is in force for it. A surge says whose budget it was judged by, and
 * its excess comes with an interval.
 *
 * SQLSTATE of what the functions refuse: 22023 an argument that makes no sense.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createViews, dropViews, extendView, type ViewDefinition } from './define-view.js';

const alarmBudgets: ViewDefinition = {
  name: 'alarm_budgets',
  comment: 'Alarm budgets of products and groups that have one of their own; SURGE_ALARM_BUDGET holds for all others. A product’s own goes before its group’s.',
  columns: {
    scope: 'product or group.',
    name: 'Key of the product, or name of the group; it holds for each product of the group.',
    budget: 'As it was given, such as 1/quarter.',
    per_day: 'The same in false alarms per product and day.',
    set_by: 'Who said so, as they named themselves.',
    set_at: 'Clock time.',
  },
  select: 'SELECT scope, name, budget, per_day, set_by, set_at FROM internal.alarm_budget',
};

const surges = (added: string): string => `
SELECT s.surge_id, s.product_id, e.label AS product_name, s.status, s.channel, s.opened_at, s.closed_at, s.started_at, s.last_change_at, s.expected, s.observed,
  s.excess, s.severity, s.share_before, s.share_now, s.budget_per_day, s.settings_id, s.model_id, s.seq AS transitions, coalesce(x.contributors, s.contributors) AS contributors,
  a.acknowledged_at, a.acknowledged_by, a.owner, a.feedback, s.events, s.muted, s.calendar_id, x.look_alikes, greatest(0, s.observed - coalesce(x.look_alike_weight, 0)) AS observed_without, x.brigading, c.group_surge_id${added}
FROM internal.surge s LEFT JOIN internal.entity_state e ON e.stream = 'reviews' AND e.entity = s.product_id
LEFT JOIN internal.surge_explanation x USING (surge_id)
LEFT JOIN internal.group_surge_child c USING (surge_id)
CROSS JOIN LATERAL (
  SELECT min(acted_at) FILTER (WHERE action = 'acknowledge') AS acknowledged_at, min(by) FILTER (WHERE action = 'acknowledge') AS acknowledged_by,
    (array_agg(text ORDER BY seq DESC) FILTER (WHERE action = 'owner'))[1] AS owner,
    (array_agg(verdict ORDER BY seq DESC) FILTER (WHERE action = 'feedback'))[1] AS feedback
  FROM internal.surge_action WHERE surge_action.surge_id = s.surge_id
) a`;
const transitions = (added: string): string => `
SELECT t.surge_id, t.seq, s.product_id, t.status, t.at, t.expected, t.observed, t.excess, t.severity, t.share_before, t.share_now, coalesce(x.contributors, t.contributors) AS contributors, t.recorded_at, t.events, t.muted, t.calendar_id${added}
FROM internal.surge_transition t JOIN internal.surge s USING (surge_id)
LEFT JOIN internal.surge_explanation x ON x.surge_id = t.surge_id AND x.seq = t.seq`;
const LIMITS = {
  excess_low: 'Lower end of the 90 % interval of the excess; null in rows of older versions.',
  excess_high: 'Upper end of it.',
};

const SET = 'tidewatch.set_alarm_budget(text, text, text, text)';
const OTHERS = [
  'tidewatch.token_of(text)', 'tidewatch.dead_letter_bytes(text, int, bigint)', 'tidewatch.mark_replayed(text, int, bigint)',
  'tidewatch.add_calendar_event(text, text, timestamptz, timestamptz, text[], float8, boolean, text)', 'tidewatch.remove_calendar_event(text)', 'tidewatch.import_calendar(text, jsonb, text)',
  'tidewatch.set_product_group(text, text, text)', 'tidewatch.import_product_groups(jsonb, boolean, text)',
] as const;
const grants = (functions: readonly string[]) => `
CREATE OR REPLACE FUNCTION internal.grant_tokens() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF to_regrole('tidewatch_operator') IS NOT NULL THEN
    GRANT EXECUTE ON FUNCTION ${functions.join(', ')} TO tidewatch_operator;
  END IF;
END $$;`;

export class AlarmBudgets1795820000001 implements MigrationInterface {
  readonly name = 'AlarmBudgets1795820000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.alarm_budget (
  scope text NOT NULL CHECK (scope IN ('product', 'group')),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 1000),
  budget text NOT NULL,
  per_day float8 NOT NULL CHECK (per_day BETWEEN 1e-6 AND 24),
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (scope, name)
);

CREATE FUNCTION tidewatch.set_alarm_budget(scope text, name text, budget text, by text DEFAULT session_user) RETURNS float8 LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  parts text[] := regexp_match($3, '^\\s*(\\d{1,9}(?:\\.\\d{1,9})?)\\s*/\\s*(day|week|month|quarter|year)\\s*$');
  days float8 := CASE parts[2] WHEN 'day' THEN 1 WHEN 'week' THEN 7 WHEN 'month' THEN 365.25 / 12 WHEN 'quarter' THEN 365.25 / 4 ELSE 365.25 END;
  asked float8 := parts[1]::float8 / days;
BEGIN
  IF ($1 = ANY (ARRAY['product', 'group'])) IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('scope: found %s, expected product or group', quote_nullable(left($1, 40)));
  END IF;
  IF (length($2) BETWEEN 1 AND CASE $1 WHEN 'group' THEN 200 ELSE 1000 END) IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('name: found %s characters, expected 1 to %s', coalesce(length($2), 0), CASE $1 WHEN 'group' THEN 200 ELSE 1000 END);
  END IF;
  IF $3 IS NULL THEN
    DELETE FROM internal.alarm_budget b WHERE b.scope = $1 AND b.name = $2;
    RETURN NULL;
  END IF;
  IF (asked BETWEEN 1e-6 AND 24) IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('budget: found %s, expected a number above zero and a period, such as 1/quarter or 2/week (day, week, month, quarter, year), and no more than 24 a day', quote_literal(left($3, 40)));
  END IF;
  INSERT INTO internal.alarm_budget AS b (scope, name, budget, per_day, set_by) VALUES ($1, $2, regexp_replace($3, '\\s', '', 'g'), asked, internal.bounded_text('by', $4, 200))
  ON CONFLICT ON CONSTRAINT alarm_budget_pkey DO UPDATE SET budget = excluded.budget, per_day = excluded.per_day, set_by = excluded.set_by, set_at = clock_timestamp();
  RETURN asked;
END $$;
REVOKE ALL ON FUNCTION ${SET} FROM PUBLIC;
COMMENT ON FUNCTION ${SET} IS 'The alarm budget of a product, or of each product of a group, such as 1/quarter; null takes it back. Gives false alarms per product and day.';
${grants([...OTHERS, SET])}

ALTER TABLE internal.surge ADD COLUMN budget_source text NOT NULL DEFAULT 'default', ADD COLUMN excess_low float8, ADD COLUMN excess_high float8;
ALTER TABLE internal.surge_transition ADD COLUMN excess_low float8, ADD COLUMN excess_high float8;
${createViews([alarmBudgets])}
${extendView('surges', { budget_source: 'Whose budget budget_per_day is: default, product or group NAME; with ", within the portfolio" where SURGE_PORTFOLIO_BUDGET made it smaller.', ...LIMITS }, surges(', s.budget_source, s.excess_low, s.excess_high'))}
${extendView('surge_transitions', LIMITS, transitions(', t.excess_low, t.excess_high'))}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`${dropViews([alarmBudgets])}
DROP VIEW tidewatch.surges, tidewatch.surge_transitions;
CREATE VIEW tidewatch.surges AS ${surges('')};
CREATE VIEW tidewatch.surge_transitions AS ${transitions('')};
ALTER TABLE internal.surge DROP COLUMN budget_source, DROP COLUMN excess_low, DROP COLUMN excess_high;
ALTER TABLE internal.surge_transition DROP COLUMN excess_low, DROP COLUMN excess_high;
${grants(OTHERS)}
DROP FUNCTION ${SET};
DROP TABLE internal.alarm_budget;`);
  }
}
