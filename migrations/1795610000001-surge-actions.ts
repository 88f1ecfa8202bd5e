/**
 * What people do about a surge: acknowledge it, own it, note something, judge it. internal.surge_action is only ever appended to: a
 * trigger refuses everything else. The functions of schema tidewatch are the one way in, for whoever has the role tidewatch_operator;
 * they run with their owner's rights, bound what they are given, and count the actions of a surge under an advisory lock, so that
 * a session that leaves its transaction open never holds up a worker's commit.
 *
 * SQLSTATE of what they refuse: TW003 no such surge, TW004 acknowledged already (the first one stands), 22023 an argument that
 * is empty, too long or unknown. `by` is what the caller says; it is not proven until there are tokens.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createViews, dropViews, type ViewDefinition } from './define-view.js';

const surgeColumns = {
  surge_id: 'Product and opening time: the same in every replay.',
  product_id: 'Key of the product.',
  product_name: 'Newest product name seen.',
  status: 'opened, worsening, easing or closed.',
  channel: 'What crossed its threshold: count of negatives, or their share.',
  opened_at: 'When the alarm was raised.',
  closed_at: 'When it closed; null while it is open.',
  started_at: 'Estimated start of the change.',
  last_change_at: 'Time of the newest transition.',
  expected: 'Negatives expected since started_at.',
  observed: 'Negatives observed since started_at.',
  excess: 'observed - expected.',
  severity: '1 to 10, from the excess and its certainty.',
  share_before: 'Share of negatives before the surge.',
  share_now: 'Share of negatives in the surge.',
  budget_per_day: 'False alarms per product and day that the threshold was set for.',
  settings_id: 'Detector settings that were in force.',
  model_id: 'Model that scored the reviews.',
  transitions: 'Number of transitions so far.',
  contributors: 'What is over-represented among the negatives: [{kind, value, shareNow, shareBefore}].',
} as const;
const SURGE_SELECT = `s.surge_id, s.product_id, e.label, s.status, s.channel, s.opened_at, s.closed_at, s.started_at, s.last_change_at, s.expected, s.observed,
  s.excess, s.severity, s.share_before, s.share_now, s.budget_per_day, s.settings_id, s.model_id, s.seq, s.contributors`;
const SURGE_FROM = `internal.surge s LEFT JOIN internal.entity_state e ON e.stream = 'reviews' AND e.entity = s.product_id`;
const comment = 'Surges of negative reviews as they stand after their newest transition.';

const surgesBefore: ViewDefinition = { name: 'surges', comment, columns: surgeColumns, select: `SELECT ${SURGE_SELECT} FROM ${SURGE_FROM}` };
const surges: ViewDefinition = {
  name: 'surges',
  comment,
  columns: {
    ...surgeColumns,
    acknowledged_at: 'Clock time at which somebody acknowledged it; null when nobody has.',
    acknowledged_by: 'Who did.',
    owner: 'Whose it is now; null when nobody’s.',
    feedback: 'Newest verdict: real, expected, brigading or false; null when there is none.',
  },
  select: `
SELECT ${SURGE_SELECT}, a.acknowledged_at, a.acknowledged_by, a.owner, a.feedback
FROM ${SURGE_FROM}
CROSS JOIN LATERAL (
  SELECT min(acted_at) FILTER (WHERE action = 'acknowledge') AS acknowledged_at, min(by) FILTER (WHERE action = 'acknowledge') AS acknowledged_by,
    (array_agg(text ORDER BY seq DESC) FILTER (WHERE action = 'owner'))[1] AS owner,
    (array_agg(verdict ORDER BY seq DESC) FILTER (WHERE action = 'feedback'))[1] AS feedback
  FROM internal.surge_action WHERE surge_action.surge_id = s.surge_id
) a`,
};

const surgeActions: ViewDefinition = {
  name: 'surge_actions',
  comment: 'What people did about each surge, in order. Rows are only ever added.',
  columns: {
    surge_id: 'The surge.',
    seq: '1 for its first action, one more for each.',
    product_id: 'Key of the product.',
    action: 'acknowledge, owner, note or feedback.',
    verdict: 'Of feedback: real, expected, brigading or false; else null.',
    text: 'Of owner: the new owner, null when given up. Of note: the note. Of feedback: a remark, null when none.',
    by: 'Who did it, as they named themselves.',
    acted_at: 'Clock time.',
  },
  select: `
SELECT a.surge_id, a.seq, s.product_id, a.action, a.verdict, a.text, a.by, a.acted_at
FROM internal.surge_action a JOIN internal.surge s USING (surge_id)`,
};

/** Name, arguments, body and sentence of each public function. */
const FUNCTIONS = [
  ['acknowledge_surge', '(surge_id text, by text DEFAULT session_user)', `$1, 'acknowledge', $2, NULL, NULL`, 'Somebody has seen the surge. The first acknowledgement stands; a second is refused (TW004).'],
  ['own_surge', '(surge_id text, owner text, by text DEFAULT session_user)', `$1, 'owner', $3, NULL, $2`, 'The surge is owner’s now; null gives it up.'],
  ['note_surge', '(surge_id text, note text, by text DEFAULT session_user)', `$1, 'note', $3, NULL, $2`, 'A note to the surge.'],
  ['judge_surge', '(surge_id text, verdict text, remark text DEFAULT NULL, by text DEFAULT session_user)', `$1, 'feedback', $4, $2, $3`, 'What the surge was: real, expected, brigading or false. The newest verdict counts.'],
] as const;
const signature = (parameters: string): string => `(${parameters.slice(1, -1).split(', ').map((each) => each.split(' ')[1]).join(', ')})`;

export class SurgeActions1795610000001 implements MigrationInterface {
  readonly name = 'SurgeActions1795610000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.surge_action (
  surge_id text NOT NULL REFERENCES internal.surge,
  seq int NOT NULL,
  action text NOT NULL CHECK (action IN ('acknowledge', 'owner', 'note', 'feedback')),
  verdict text CHECK (verdict IN ('real', 'expected', 'brigading', 'false')),
  text text,
  by text NOT NULL,
  acted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (surge_id, seq),
  CHECK ((action = 'feedback') = (verdict IS NOT NULL))
);
CREATE UNIQUE INDEX surge_action_acknowledged ON internal.surge_action (surge_id) WHERE action = 'acknowledge';

CREATE FUNCTION internal.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is only ever appended to: found %', TG_TABLE_NAME, TG_OP;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON internal.surge_action FOR EACH STATEMENT EXECUTE FUNCTION internal.refuse_change();

CREATE FUNCTION internal.bounded_text(what text, given text, longest int) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  trimmed text := btrim(given, E' \\t\\r\\n');
BEGIN
  IF length(trimmed) BETWEEN 1 AND longest THEN
    RETURN trimmed;
  END IF;
  RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('%s: found %s characters, expected 1 to %s', what, coalesce(length(trimmed), 0), longest);
END $$;

CREATE FUNCTION internal.act_on_surge(surge_id text, action text, by text, verdict text, text text) RETURNS int LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  who text := internal.bounded_text('by', by, 200);
  said text := CASE WHEN act_on_surge.action = 'note' THEN internal.bounded_text('note', act_on_surge.text, 4000)
    WHEN btrim(act_on_surge.text, E' \\t\\r\\n') <> '' THEN internal.bounded_text(CASE act_on_surge.action WHEN 'owner' THEN 'owner' ELSE 'remark' END, act_on_surge.text, CASE act_on_surge.action WHEN 'owner' THEN 200 ELSE 4000 END) END;
  place int;
BEGIN
  IF act_on_surge.action = 'feedback' AND (act_on_surge.verdict = ANY (ARRAY['real', 'expected', 'brigading', 'false'])) IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('verdict: found %s, expected real, expected, brigading or false', quote_nullable(left(act_on_surge.verdict, 40)));
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('tidewatch surge action ' || act_on_surge.surge_id, 0));
  IF NOT EXISTS (SELECT FROM internal.surge s WHERE s.surge_id = act_on_surge.surge_id) THEN
    RAISE EXCEPTION USING ERRCODE = 'TW003', MESSAGE = format('there is no surge %s; tidewatch.surges lists them', quote_nullable(left(act_on_surge.surge_id, 80)));
  END IF;
  IF act_on_surge.action = 'acknowledge' AND EXISTS (SELECT FROM internal.surge_action a WHERE a.surge_id = act_on_surge.surge_id AND a.action = 'acknowledge') THEN
    RAISE EXCEPTION USING ERRCODE = 'TW004', MESSAGE = (SELECT format('%s has acknowledged it already, at %s UTC; the first acknowledgement stands', a.by, to_char(a.acted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'))
      FROM internal.surge_action a WHERE a.surge_id = act_on_surge.surge_id AND a.action = 'acknowledge');
  END IF;
  SELECT coalesce(max(a.seq), 0) + 1 INTO place FROM internal.surge_action a WHERE a.surge_id = act_on_surge.surge_id;
  INSERT INTO internal.surge_action (surge_id, seq, action, verdict, text, by)
  VALUES (act_on_surge.surge_id, place, act_on_surge.action, act_on_surge.verdict, said, who);
  RETURN place;
END $$;

${FUNCTIONS.map(([name, parameters, call, sentence]) => `
CREATE FUNCTION tidewatch.${name}${parameters} RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT internal.act_on_surge(${call}) $$;
REVOKE ALL ON FUNCTION tidewatch.${name}${signature(parameters)} FROM PUBLIC;
COMMENT ON FUNCTION tidewatch.${name}${signature(parameters)} IS '${sentence} Gives the number of the action.';`).join('')}

CREATE FUNCTION internal.grant_operator() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF to_regrole('tidewatch_operator') IS NULL THEN
    BEGIN
      CREATE ROLE tidewatch_operator NOLOGIN;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;
      WHEN insufficient_privilege THEN
        RETURN format('role tidewatch_operator does not exist and %s may not create it: let an administrator run '
          'CREATE ROLE tidewatch_operator NOLOGIN, then migrate again', current_user);
    END;
  END IF;
  GRANT USAGE ON SCHEMA tidewatch TO tidewatch_operator;
  GRANT SELECT ON ALL TABLES IN SCHEMA tidewatch TO tidewatch_operator;
${FUNCTIONS.map(([name, parameters]) => `  GRANT EXECUTE ON FUNCTION tidewatch.${name}${signature(parameters)} TO tidewatch_operator;`).join('\n')}
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION internal.refuse_change(), internal.bounded_text(text, text, int), internal.act_on_surge(text, text, text, text, text), internal.grant_operator() FROM PUBLIC;
${createViews([surges], { replace: true })}
${createViews([surgeActions])}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DO $$ BEGIN
  IF to_regrole('tidewatch_operator') IS NOT NULL THEN
    REVOKE ALL ON ALL TABLES IN SCHEMA tidewatch FROM tidewatch_operator;
    REVOKE ALL ON SCHEMA tidewatch FROM tidewatch_operator;
  END IF;
END $$;
${dropViews([surges, surgeActions])}
${createViews([surgesBefore])}
${FUNCTIONS.map(([name, parameters]) => `DROP FUNCTION tidewatch.${name}${signature(parameters)};`).join('\n')}
DROP FUNCTION internal.grant_operator(), internal.act_on_surge(text, text, text, text, text), internal.bounded_text(text, text, int);
DROP TABLE internal.surge_action;
DROP FUNCTION internal.refuse_change();`);
  }
}
