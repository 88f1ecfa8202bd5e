/** source_state: rows of one partition, which the lease alone fences: whoever holds another epoch is refused before these are written. */
import type { Lease, LoadRequest, StoredSource } from '#contracts';
import { arrayOf, bytea, column, int4, int8, scalar, text } from '../wire/cells.js';
import type { Pipeline } from '../wire/pipeline.js';
import { statement, statementOverRows } from '../wire/statements.js';
import { bytesOf } from './states.js';

type SourceRow = StoredSource & Pick<Lease, 'topic' | 'partition'>;

const columns = [
  column<SourceRow, string>('topic', text, ({ topic }) => topic),
  column<SourceRow, number>('partition', int4, ({ partition }) => partition),
  column<SourceRow, number>('place', int4, ({ place }) => place),
  column<SourceRow, string>('source', text, ({ source }) => source),
  column<SourceRow, string>('model_id', text, ({ modelId }) => modelId),
  column<SourceRow, number>('format', int4, ({ format }) => format),
  column<SourceRow, Uint8Array>('hidden', bytea, ({ hidden }) => hidden),
  column<SourceRow, number>('checksum', int8, ({ checksum }) => checksum),
];
const NAMES = columns.map(({ name }) => name);
const VALUES = NAMES.slice(3);

const writeSources = statementOverRows('write sources', columns, (given) => `
INSERT INTO internal.source_state (${NAMES.join(', ')}) SELECT ${NAMES.join(', ')} FROM ${given}
ON CONFLICT (topic, partition, place) DO UPDATE SET (${VALUES.join(', ')}, updated_at) = (${VALUES.map((name) => `excluded.${name}`).join(', ')}, clock_timestamp())`);

export function addSources(to: Pipeline, { topic, partition }: Lease, sources: readonly StoredSource[] = []): void {
  if (sources.length === 0) return;
  const rows = sources.map((source) => ({ ...source, topic, partition }));
  to.add(writeSources, columns.map((each) => arrayOf(each, rows)));
}

const placeOf = column<number, number>('place', int4, (place) => place);

const readSources = statement('read sources', `
SELECT place, source, model_id, format, hidden, checksum FROM internal.source_state
WHERE topic = $1 AND partition = $2 AND place = ANY ($3)`, [text, int4, { ...int4, oid: int4.arrayOid }]);

export function addReadSources(to: Pipeline, { topic, partition, places }: NonNullable<LoadRequest['sources']>): void {
  to.add(readSources, [scalar(text, topic), scalar(int4, partition), arrayOf(placeOf, places)]);
}

export function sourceOfRow([place, source, modelId, format, hidden, checksum]: readonly (string | null)[]): StoredSource {
  return { place: Number(place), source: source ?? null, modelId: modelId!, format: Number(format), hidden: bytesOf(hidden!), checksum: Number(checksum) };
}
