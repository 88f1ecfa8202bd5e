/**
 * The calendar of known events (launches, sales, recalls, holidays). People change internal.calendar_event through the functions of
 * schema tidewatch, as tidewatch_operator; the scheduler writes what stands there as a numbered snapshot, and the workers apply the newest
 * one they know: each product's state (summary.calendar), each surge and each transition names it.
 *
 * SQLSTATE of what the functions refuse: TW005 no such event, TW006 the calendar is full, 22023 an argument that makes no sense.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createViews, dropViews, extendView, type ViewDefinition } from './define-view.js';

const calendarEvents: ViewDefinition = {
  name: 'calendar_events',
  comment: 'Known events: what they make expected, or that they mute.',
  columns: {
    event_id: 'Names the event.',
    name: 'What people call it.',
    kind: 'launch, sale, recall, holiday or other.',
    from_at: 'In force from then on, event time.',
    until_at: 'No longer in force from then on.',
    products: 'Products it is for; null: all.',
    factor: 'Expected volume, times the usual; null: nothing is said of it.',
    mute: 'Whether surges are recorded, but nobody is told.',
    source: 'by hand, or the file it was imported from.',
    added_by: 'Who added it, as they named themselves.',
    added_at: 'Clock time.',
  },
  select: 'SELECT event_id, name, kind, from_at, until_at, products, factor, mute, source, added_by, added_at FROM internal.calendar_event',
};

const TRANSITION_COLUMNS = 't.surge_id, t.seq, s.product_id, t.status, t.at, t.expected, t.observed, t.excess, t.severity, t.share_before, t.share_now, t.contributors, t.recorded_at';
const ADDED = {
  events: 'Known events in force between its start and its newest transition: [{eventId, name, kind, from, until, factor, mute}], times in ms.',
  muted: 'Whether an event muted it at its newest transition: nobody was told of that.',
  calendar_id: 'Snapshot of the calendar that was applied; 0: the empty one.',
};
const surgesSelect = (added: string): string => `
SELECT s.surge_id, s.product_id, e.label AS product_name, s.status, s.channel, s.opened_at, s.closed_at, s.started_at, s.last_change_at, s.expected, s.observed,
  s.excess, s.severity, s.share_before, s.share_now, s.budget_per_day, s.settings_id, s.model_id, s.seq AS transitions, coalesce(x.contributors, s.contributors) AS contributors,
  a.acknowledged_at, a.acknowledged_by, a.owner, a.feedback${added}
FROM internal.surge s LEFT JOIN internal.entity_state e ON e.stream = 'reviews' AND e.entity = s.product_id
LEFT JOIN internal.surge_explanation x USING (surge_id)
CROSS JOIN LATERAL (
  SELECT min(acted_at) FILTER (WHERE action = 'acknowledge') AS acknowledged_at, min(by) FILTER (WHERE action = 'acknowledge') AS acknowledged_by,
    (array_agg(text ORDER BY seq DESC) FILTER (WHERE action = 'owner'))[1] AS owner,
    (array_agg(verdict ORDER BY seq DESC) FILTER (WHERE action = 'feedback'))[1] AS feedback
  FROM internal.surge_action WHERE surge_action.surge_id = s.surge_id
) a`;
const transitionsSelect = (added: string): string => `SELECT ${TRANSITION_COLUMNS}${added} FROM internal.surge_transition t JOIN internal.surge s USING (surge_id)`;

const ADD = 'tidewatch.add_calendar_event(text, text, timestamptz, timestamptz, text[], float8, boolean, text)';
const REMOVE = 'tidewatch.remove_calendar_event(text)';
const IMPORT = 'tidewatch.import_calendar(text, jsonb, text)';
const OTHERS = ['tidewatch.token_of(text)', 'tidewatch.dead_letter_bytes(text, int, bigint)', 'tidewatch.mark_replayed(text, int, bigint)'] as const;
const grants = (functions: readonly string[]) => `
CREATE OR REPLACE FUNCTION internal.grant_tokens() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF to_regrole('tidewatch_operator') IS NOT NULL THEN
    GRANT EXECUTE ON FUNCTION ${functions.join(', ')} TO tidewatch_operator;
  END IF;
END $$;`;

export class Calendar1795670000001 implements MigrationInterface {
  readonly name = 'Calendar1795670000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE internal.snapshot DROP CONSTRAINT snapshot_stream_check, ADD CONSTRAINT snapshot_stream_check CHECK (stream IN ('reviews', 'quotes', 'calendar'));
INSERT INTO internal.snapshot (stream, snapshot_id, body) VALUES ('calendar', 0, '{"events": []}');

CREATE TABLE internal.calendar_event (
  event_id text PRIMARY KEY CHECK (length(event_id) BETWEEN 1 AND 600),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  kind text NOT NULL CHECK (kind IN ('launch', 'sale', 'recall', 'holiday', 'other')),
  from_at timestamptz NOT NULL,
  until_at timestamptz NOT NULL CHECK (until_at > from_at),
  products text[] CHECK (cardinality(products) BETWEEN 1 AND 1000),
  factor float8 CHECK (factor BETWEEN 0.1 AND 100),
  mute boolean NOT NULL,
  source text NOT NULL,
  added_by text NOT NULL,
  added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK (mute OR factor IS NOT NULL)
);
CREATE INDEX calendar_event_source ON internal.calendar_event (source);

CREATE FUNCTION internal.put_calendar_event(event_id text, name text, kind text, from_at timestamptz, until_at timestamptz, products text[], factor float8, mute boolean, source text, by text) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  p record;
BEGIN
  SELECT put_calendar_event.event_id, internal.bounded_text('name', put_calendar_event.name, 200) AS name, put_calendar_event.kind, put_calendar_event.from_at, put_calendar_event.until_at,
    put_calendar_event.products, put_calendar_event.factor, coalesce(put_calendar_event.mute, false) AS mute INTO p;
  IF (p.kind = ANY (ARRAY['launch', 'sale', 'recall', 'holiday', 'other'])) IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('kind: found %s, expected launch, sale, recall, holiday or other', quote_nullable(left(p.kind, 40)));
  END IF;
  IF (p.until_at > p.from_at AND isfinite(p.from_at) AND isfinite(p.until_at)) IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('until: found %s, expected a time after from (%s)', coalesce(p.until_at::text, 'nothing'), coalesce(p.from_at::text, 'nothing'));
  END IF;
  IF p.factor IS NULL AND NOT p.mute THEN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'found neither a factor nor mute, expected what the event makes of the usual volume, or that it mutes';
  END IF;
  IF (p.factor BETWEEN 0.1 AND 100) IS FALSE THEN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('factor: found %s, expected 0.1 to 100 times the usual volume', p.factor);
  END IF;
  IF p.products IS NOT NULL AND (cardinality(p.products) NOT BETWEEN 1 AND 1000 OR EXISTS (SELECT FROM unnest(p.products) AS each WHERE each IS NULL OR length(each) NOT BETWEEN 1 AND 1000)) THEN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'products: expected 1 to 1000 product ids of 1 to 1000 characters, or null for all products';
  END IF;
  INSERT INTO internal.calendar_event (event_id, name, kind, from_at, until_at, products, factor, mute, source, added_by)
  VALUES (p.event_id, p.name, p.kind, date_trunc('milliseconds', p.from_at), date_trunc('milliseconds', p.until_at), (SELECT array_agg(DISTINCT each ORDER BY each) FROM unnest(p.products) AS each), p.factor, p.mute, put_calendar_event.source, internal.bounded_text('by', put_calendar_event.by, 200));
  IF (SELECT count(*) FROM internal.calendar_event) > 10000 THEN
    RAISE EXCEPTION USING ERRCODE = 'TW006', MESSAGE = 'the calendar holds 10000 events, and no more: remove old ones first';
  END IF;
END $$;

CREATE FUNCTION tidewatch.add_calendar_event(name text, kind text, from_at timestamptz, until_at timestamptz, products text[] DEFAULT NULL, factor float8 DEFAULT NULL, mute boolean DEFAULT false, by text DEFAULT session_user)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  made text := left(replace(gen_random_uuid()::text, '-', ''), 12);
BEGIN
  PERFORM internal.put_calendar_event(made, $1, $2, $3, $4, $5, $6, $7, 'by hand', $8);
  RETURN made;
END $$;

CREATE FUNCTION tidewatch.remove_calendar_event(event_id text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  gone text;
BEGIN
  DELETE FROM internal.calendar_event e WHERE e.event_id = $1 RETURNING e.event_id INTO gone;
  IF gone IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TW005', MESSAGE = format('there is no event %s; tidewatch.calendar_events lists them', quote_nullable(left($1, 80)));
  END IF;
  RETURN gone;
END $$;

CREATE FUNCTION tidewatch.import_calendar(source text, events jsonb, by text DEFAULT session_user) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  named text := internal.bounded_text('source', $1, 200);
  each record;
  taken int := 0;
BEGIN
  IF named = 'by hand' OR jsonb_typeof($2) IS DISTINCT FROM 'array' THEN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'expected the name of a source, and a list of events';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('tidewatch calendar ' || named, 0));
  DELETE FROM internal.calendar_event e WHERE e.source = named;
  FOR each IN SELECT * FROM jsonb_to_recordset($2) AS given ("eventId" text, name text, kind text, "from" float8, "until" float8, products text[], factor float8, mute boolean) LOOP
    PERFORM internal.put_calendar_event(named || '/' || each."eventId", each.name, each.kind, to_timestamp(each."from" / 1000), to_timestamp(each."until" / 1000), each.products, each.factor, each.mute, named, $3);
    taken := taken + 1;
  END LOOP;
  RETURN taken;
END $$;
REVOKE ALL ON FUNCTION internal.put_calendar_event(text, text, text, timestamptz, timestamptz, text[], float8, boolean, text, text), ${ADD}, ${REMOVE}, ${IMPORT} FROM PUBLIC;
COMMENT ON FUNCTION ${ADD} IS 'A known event: products null for all; factor times the usual volume, or mute, or both. Gives its id.';
COMMENT ON FUNCTION ${REMOVE} IS 'Takes an event out of the calendar. What was judged by it stays as it is.';
COMMENT ON FUNCTION ${IMPORT} IS 'All events of one source, in place of those it had: [{eventId, name, kind, from, until (ms), products, factor, mute}]. Gives how many.';
${grants([...OTHERS, ADD, REMOVE, IMPORT])}

ALTER TABLE internal.surge ADD COLUMN events jsonb NOT NULL DEFAULT '[]', ADD COLUMN muted boolean NOT NULL DEFAULT false, ADD COLUMN calendar_id bigint NOT NULL DEFAULT 0;
ALTER TABLE internal.surge_transition ADD COLUMN events jsonb NOT NULL DEFAULT '[]', ADD COLUMN muted boolean NOT NULL DEFAULT false, ADD COLUMN calendar_id bigint NOT NULL DEFAULT 0;
${createViews([calendarEvents])}
${extendView('surges', ADDED, surgesSelect(', s.events, s.muted, s.calendar_id'))}
${extendView('surge_transitions', { events: 'The same as of that transition.', muted: 'Whether an event muted it then.', calendar_id: ADDED.calendar_id }, transitionsSelect(', t.events, t.muted, t.calendar_id'))}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
${dropViews([calendarEvents])}
DROP VIEW tidewatch.surges, tidewatch.surge_transitions;
CREATE VIEW tidewatch.surges AS ${surgesSelect('')};
CREATE VIEW tidewatch.surge_transitions AS ${transitionsSelect('')};
ALTER TABLE internal.surge DROP COLUMN events, DROP COLUMN muted, DROP COLUMN calendar_id;
ALTER TABLE internal.surge_transition DROP COLUMN events, DROP COLUMN muted, DROP COLUMN calendar_id;
${grants(OTHERS)}
DROP FUNCTION ${ADD}, ${REMOVE}, ${IMPORT}, internal.put_calendar_event(text, text, text, timestamptz, timestamptz, text[], float8, boolean, text, text);
DROP TABLE internal.calendar_event;
DELETE FROM internal.snapshot WHERE stream = 'calendar';
ALTER TABLE internal.snapshot DROP CONSTRAINT snapshot_stream_check, ADD CONSTRAINT snapshot_stream_check CHECK (stream IN ('reviews', 'quotes'));`);
  }
}
