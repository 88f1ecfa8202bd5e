/**
 * entity_state: new entities are inserted, known ones updated where the version is the one they were loaded at. What is
 * given but neither inserted nor updated was advanced by another: TW002 with the entities. Rows go in entity order, so
 * that two commits that share entities wait for each other instead of deadlocking.
 */
import type { BatchCommit, StoredState, StreamName } from '#contracts';
import { arrayOf, bytea, column, int4, int8, jsonb, scalar, text, timestamptz } from '../wire/cells.js';
import type { Pipeline } from '../wire/pipeline.js';
import { statement, statementOverRows } from '../wire/statements.js';

type StateRow = BatchCommit['states'][number] & { readonly stream: StreamName };

const columns = [
  column<StateRow, string>('stream', text, ({ stream }) => stream),
  column<StateRow, bigint>('expected', int8, ({ expectedVersion }) => expectedVersion),
  column<StateRow, string>('entity', text, ({ state }) => state.entity),
  column<StateRow, bigint>('version', int8, ({ state }) => state.version),
  column<StateRow, string>('model_id', text, ({ state }) => state.modelId),
  column<StateRow, bigint>('snapshot_id', int8, ({ state }) => state.snapshotId),
  column<StateRow, string>('label', text, ({ state }) => state.label),
  column<StateRow, number>('last_event_at', timestamptz, ({ state }) => state.lastEventAt),
  column<StateRow, number>('format', int4, ({ state }) => state.format),
  column<StateRow, Uint8Array>('hidden', bytea, ({ state }) => state.hidden),
  column<StateRow, Uint8Array>('tracker', bytea, ({ state }) => state.tracker),
  column<StateRow, number>('checksum', int8, ({ state }) => state.checksum),
  column<StateRow, string>('summary', jsonb, ({ state }) => state.summary),
];
const VALUES = columns.slice(3).map(({ name }) => name);
const stateColumns = ['stream', 'entity', ...VALUES];

const writeStates = statementOverRows('write states', columns, (given) => `
WITH given AS MATERIALIZED (SELECT * FROM ${given}),
updated AS (
  UPDATE internal.entity_state AS held
  SET (${VALUES.join(', ')}, updated_at) = (${VALUES.map((name) => `given.${name}`).join(', ')}, clock_timestamp())
  FROM given
  WHERE given.expected > 0 AND held.stream = given.stream AND held.entity = given.entity AND held.version = given.expected
  RETURNING held.entity
),
inserted AS (
  INSERT INTO internal.entity_state (${stateColumns.join(', ')})
  SELECT ${stateColumns.join(', ')} FROM given WHERE expected = 0
  ON CONFLICT (stream, entity) DO NOTHING
  RETURNING entity
)
SELECT internal.require_all((SELECT array_agg(entity) FROM given),
  (SELECT array_agg(entity) FROM (SELECT entity FROM updated UNION ALL SELECT entity FROM inserted) taken))`);

export function addStates(to: Pipeline, stream: StreamName, states: BatchCommit['states']): void {
  if (states.length === 0) return;
  const rows = states.map((each) => ({ ...each, stream })).sort((a, b) => (a.state.entity < b.state.entity ? -1 : 1));
  to.add(writeStates, columns.map((each) => arrayOf(each, rows)));
}

const countAmendment = statement('count an amendment', `
UPDATE internal.entity_state SET amendments = amendments + 1 WHERE stream = $1 AND entity = $2`, [text, text]);

/** A version that no event has advanced: counted apart, so that version less amendments stays the number of events. */
export function addAmendment(to: Pipeline, stream: StreamName, entity: string): void {
  to.add(countAmendment, [scalar(text, stream), scalar(text, entity)]);
}

const entityOf = column<string, string>('entity', text, (entity) => entity);

const readStates = statement('read states', `
SELECT entity, version, model_id, snapshot_id, label, extract(epoch FROM last_event_at) * 1000, format, hidden, tracker, checksum, summary
FROM internal.entity_state WHERE stream = $1 AND entity = ANY ($2)`, [text, { ...text, oid: text.arrayOid }]);

export function addReadStates(to: Pipeline, stream: StreamName, entities: readonly string[]): void {
  to.add(readStates, [scalar(text, stream), arrayOf(entityOf, entities)]);
}

export function stateOfRow(row: readonly (string | null)[]): StoredState {
  const [entity, version, modelId, snapshotId, label, lastEventAt, format, hidden, tracker, checksum, summary] = row;
  return {
    entity: entity!, version: BigInt(version!), modelId: modelId!, snapshotId: BigInt(snapshotId!), label: label ?? null,
    lastEventAt: lastEventAt === null || lastEventAt === undefined ? null : Number(lastEventAt), format: Number(format), hidden: bytesOf(hidden!), tracker: bytesOf(tracker!),
    checksum: Number(checksum), summary: summary!,
  };
}

/** bytea as text is `\x` and hex digits. */
export const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.slice(2), 'hex');
