/**
 * surge (its newest state), surge_transition (each) and the outbox row that tells others: one per transition,
 * `${surgeId}#${seq}`, in the same transaction. Surges are rare: one JSON parameter carries
 * all fields, and floats survive it exactly (shortest decimal form in, nearest double out).
 */
import type { SurgeRecord } from '#contracts';
import { jsonb, scalar, text } from '../wire/cells.js';
import type { Pipeline } from '../wire/pipeline.js';
import { statement } from '../wire/statements.js';

const RECORD = `surge_id text, seq int, product_id text, status text, channel text, at timestamptz, opened_at timestamptz, closed_at timestamptz,
  started_at timestamptz, expected float8, observed float8, excess float8, severity float8, share_before float8, share_now float8,
  budget_per_day float8, budget_source text, excess_low float8, excess_high float8, settings_id text, model_id text, events jsonb, muted boolean, calendar_id bigint`;
const NEWEST = ['seq', 'status', 'channel', 'opened_at', 'closed_at', 'started_at', 'last_change_at', 'expected', 'observed', 'excess', 'severity',
  'share_before', 'share_now', 'budget_per_day', 'budget_source', 'excess_low', 'excess_high', 'settings_id', 'model_id', 'events', 'muted', 'calendar_id'];

const writeSurges = statement('write surges', `
INSERT INTO internal.surge AS held (surge_id, product_id, ${NEWEST.join(', ')})
SELECT DISTINCT ON (surge_id) surge_id, product_id, ${NEWEST.map((name) => (name === 'last_change_at' ? 'at' : name)).join(', ')}
FROM jsonb_to_recordset($1) AS given (${RECORD})
ORDER BY surge_id, seq DESC
ON CONFLICT (surge_id) DO UPDATE SET ${NEWEST.map((name) => `${name} = excluded.${name}`).join(', ')}, updated_at = clock_timestamp()
WHERE held.seq < excluded.seq`, [jsonb]);

const writeTransitions = statement('write surge transitions', `
INSERT INTO internal.surge_transition (surge_id, seq, status, at, expected, observed, excess, excess_low, excess_high, severity, share_before, share_now, events, muted, calendar_id)
SELECT surge_id, seq, status, at, expected, observed, excess, excess_low, excess_high, severity, share_before, share_now, events, muted, calendar_id
FROM jsonb_to_recordset($1) AS given (${RECORD})`, [jsonb]);

const writeOutbox = statement('write outbox', `
INSERT INTO internal.outbox (outbox_id, topic, message_key, payload)
SELECT value ->> 'outbox_id', $2, value ->> 'message_key', value -> 'payload' FROM jsonb_array_elements($1)`, [jsonb, text]);

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

const columnsOf = (record: SurgeRecord) => ({
  surge_id: record.surgeId, seq: record.seq, product_id: record.productId, status: record.status, channel: record.channel, at: iso(record.at),
  opened_at: iso(record.openedAt), closed_at: isoOrNull(record.closedAt), started_at: iso(record.startedAt), expected: record.expected,
  observed: record.observed, excess: record.excess, severity: record.severity, share_before: record.shareBefore, share_now: record.shareNow,
  budget_per_day: record.budgetPerDay, budget_source: record.budgetSource, excess_low: record.excessLow, excess_high: record.excessHigh, settings_id: record.settingsId, model_id: record.modelId,
  events: record.events, muted: record.muted, calendar_id: record.calendarId,
});

/** What subscribers of the surge topic get: the record with ISO times; the scheduler adds what its negatives have in common, and those that show it best. */
const messageOf = (record: SurgeRecord) => ({
  ...record, at: iso(record.at), openedAt: iso(record.openedAt), closedAt: isoOrNull(record.closedAt), startedAt: iso(record.startedAt),
});

export function addSurges(to: Pipeline, surges: readonly SurgeRecord[], surgesTopic: string): void {
  if (surges.length === 0) return;
  const records = scalar(jsonb, JSON.stringify(surges.map(columnsOf)));
  to.add(writeSurges, [records]);
  to.add(writeTransitions, [records]);
  const outbox = surges.map((record) => ({ outbox_id: `${record.surgeId}#${record.seq}`, message_key: record.productId, payload: messageOf(record) }));
  to.add(writeOutbox, [scalar(jsonb, JSON.stringify(outbox)), scalar(text, surgesTopic)]);
}
