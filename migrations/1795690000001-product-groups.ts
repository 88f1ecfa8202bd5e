/**
 * Products may belong to a group (a brand, a range, one app in several stores). A surge that widens to two products of a group and more becomes
 * one record, internal.group_surge, with the products' own surges as its children: it opens when the second one does, takes in those that open
 * while it lives, and is over when the last child is. The scheduler keeps it; the view works out how it stands from its children.
 *
 * SQLSTATE of what the functions refuse: 22023 an argument that makes no sense.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createViews, dropViews, extendView, type ViewDefinition } from './define-view.js';

const views: readonly ViewDefinition[] = [
  {
    name: 'product_groups',
    comment: 'Which group each product belongs to.',
    columns: { product_id: 'Key of the product.', group_name: 'Its group.', set_by: 'Who said so, as they named themselves.', set_at: 'Clock time.' },
    select: 'SELECT product_id, group_name, set_by, set_at FROM internal.product_group',
  },
  {
    name: 'group_surges',
    comment: 'Surges that widened to several products of a group, each with its children: the products’ own surges.',
    columns: {
      group_surge_id: 'Group and opening time.',
      group_name: 'The group.',
      status: 'open or closed; closed when its last child is.',
      opened_at: 'When the second product’s surge opened.',
      closed_at: 'When its last child closed; null while one is open.',
      started_at: 'Earliest estimated start of a child.',
      severity: 'Highest of its children, 1 to 10.',
      expected: 'Negatives expected, all children together.',
      observed: 'Negatives observed, all children together.',
      products: 'Products it has widened to.',
      open_products: 'Of them, those whose surge is still open.',
      children: 'Its children, worst first: [{surgeId, productId, productName, status, severity, openedAt, closedAt}].',
      noticed_at: 'Clock time at which the scheduler made it one.',
    },
    select: `
SELECT g.group_surge_id, g.group_name, CASE WHEN bool_or(s.closed_at IS NULL) THEN 'open' ELSE 'closed' END, g.opened_at, CASE WHEN bool_or(s.closed_at IS NULL) THEN NULL ELSE max(s.closed_at) END,
  min(s.started_at), max(s.severity), sum(s.expected), sum(s.observed), count(DISTINCT s.product_id)::int, (count(DISTINCT s.product_id) FILTER (WHERE s.closed_at IS NULL))::int,
  jsonb_agg(jsonb_build_object('surgeId', s.surge_id, 'productId', s.product_id, 'productName', e.label, 'status', s.status, 'severity', s.severity, 'openedAt', s.opened_at, 'closedAt', s.closed_at)
    ORDER BY (s.closed_at IS NULL) DESC, s.severity DESC, s.opened_at, s.surge_id), g.noticed_at
FROM internal.group_surge g JOIN internal.group_surge_child c USING (group_surge_id) JOIN internal.surge s USING (surge_id)
LEFT JOIN internal.entity_state e ON e.stream = 'reviews' AND e.entity = s.product_id
GROUP BY g.group_surge_id`,
  },
];

const surges = (column: string, join: string): string => `
SELECT s.surge_id, s.product_id, e.label AS product_name, s.status, s.channel, s.opened_at, s.closed_at, s.started_at, s.last_change_at, s.expected, s.observed,
  s.excess, s.severity, s.share_before, s.share_now, s.budget_per_day, s.settings_id, s.model_id, s.seq AS transitions, coalesce(x.contributors, s.contributors) AS contributors,
  a.acknowledged_at, a.acknowledged_by, a.owner, a.feedback, s.events, s.muted, s.calendar_id, x.look_alikes, greatest(0, s.observed - coalesce(x.look_alike_weight, 0)) AS observed_without, x.brigading${column}
FROM internal.surge s LEFT JOIN internal.entity_state e ON e.stream = 'reviews' AND e.entity = s.product_id
LEFT JOIN internal.surge_explanation x USING (surge_id)${join}
CROSS JOIN LATERAL (
  SELECT min(acted_at) FILTER (WHERE action = 'acknowledge') AS acknowledged_at, min(by) FILTER (WHERE action = 'acknowledge') AS acknowledged_by,
    (array_agg(text ORDER BY seq DESC) FILTER (WHERE action = 'owner'))[1] AS owner,
    (array_agg(verdict ORDER BY seq DESC) FILTER (WHERE action = 'feedback'))[1] AS feedback
  FROM internal.surge_action WHERE surge_action.surge_id = s.surge_id
) a`;

const SET = 'tidewatch.set_product_group(text, text, text)';
const IMPORT = 'tidewatch.import_product_groups(jsonb, boolean, text)';
const CALENDAR = ['tidewatch.add_calendar_event(text, text, timestamptz, timestamptz, text[], float8, boolean, text)', 'tidewatch.remove_calendar_event(text)', 'tidewatch.import_calendar(text, jsonb, text)'];
const OTHERS = ['tidewatch.token_of(text)', 'tidewatch.dead_letter_bytes(text, int, bigint)', 'tidewatch.mark_replayed(text, int, bigint)', ...CALENDAR];
const grants = (functions: readonly string[]) => `
CREATE OR REPLACE FUNCTION internal.grant_tokens() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF to_regrole('tidewatch_operator') IS NOT NULL THEN
    GRANT EXECUTE ON FUNCTION ${functions.join(', ')} TO tidewatch_operator;
  END IF;
END $$;`;

export class ProductGroups1795690000001 implements MigrationInterface {
  readonly name = 'ProductGroups1795690000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.product_group (
  product_id text PRIMARY KEY CHECK (length(product_id) BETWEEN 1 AND 1000),
  group_name text NOT NULL CHECK (length(group_name) BETWEEN 1 AND 200),
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX product_group_name ON internal.product_group (group_name);

CREATE TABLE internal.group_surge (
  group_surge_id text PRIMARY KEY,
  group_name text NOT NULL,
  opened_at timestamptz NOT NULL,
  told_seq int NOT NULL DEFAULT 0,
  noticed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX group_surge_name ON internal.group_surge (group_name, opened_at);
CREATE TABLE internal.group_surge_child (
  surge_id text PRIMARY KEY REFERENCES internal.surge,
  group_surge_id text NOT NULL REFERENCES internal.group_surge,
  joined_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX group_surge_children ON internal.group_surge_child (group_surge_id);

CREATE FUNCTION tidewatch.set_product_group(product_id text, group_name text, by text DEFAULT session_user) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (length($1) BETWEEN 1 AND 1000) IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('product_id: found %s characters, expected 1 to 1000', coalesce(length($1), 0));
  END IF;
  IF $2 IS NULL THEN
    DELETE FROM internal.product_group p WHERE p.product_id = $1;
    RETURN NULL;
  END IF;
  INSERT INTO internal.product_group AS p (product_id, group_name, set_by) VALUES ($1, internal.bounded_text('group_name', $2, 200), internal.bounded_text('by', $3, 200))
  ON CONFLICT ON CONSTRAINT product_group_pkey DO UPDATE SET group_name = excluded.group_name, set_by = excluded.set_by, set_at = clock_timestamp() WHERE p.group_name <> excluded.group_name;
  RETURN btrim($2, E' \\t\\r\\n');
END $$;

CREATE FUNCTION tidewatch.import_product_groups(rows jsonb, replace boolean DEFAULT false, by text DEFAULT session_user) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  each record;
  taken int := 0;
BEGIN
  IF jsonb_typeof($1) IS DISTINCT FROM 'array' THEN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'rows: expected a list of {productId, group}';
  END IF;
  IF $2 THEN
    DELETE FROM internal.product_group;
  END IF;
  FOR each IN SELECT * FROM jsonb_to_recordset($1) AS given ("productId" text, "group" text) LOOP
    PERFORM tidewatch.set_product_group(each."productId", each."group", $3);
    taken := taken + 1;
  END LOOP;
  RETURN taken;
END $$;
REVOKE ALL ON FUNCTION ${SET}, ${IMPORT} FROM PUBLIC;
COMMENT ON FUNCTION ${SET} IS 'Puts a product into a group, out of the one it was in; null takes it out. Surges that were put together stay so.';
COMMENT ON FUNCTION ${IMPORT} IS 'Many at once, all or none: [{productId, group}]; replace forgets all others. Gives how many.';
${grants([...OTHERS, SET, IMPORT])}
${createViews(views)}
${extendView('surges', { group_surge_id: 'The record of its group that it is a child of; null when it is nobody’s.' }, surges(', c.group_surge_id', '\nLEFT JOIN internal.group_surge_child c USING (surge_id)'))}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`${dropViews(views)}
DROP VIEW tidewatch.surges;
CREATE VIEW tidewatch.surges AS ${surges('', '')};
${grants(OTHERS)}
DROP FUNCTION ${IMPORT};
DROP FUNCTION ${SET};
DROP TABLE internal.group_surge_child, internal.group_surge, internal.product_group;`);
  }
}
