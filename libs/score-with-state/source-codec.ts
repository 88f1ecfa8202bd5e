/**
 * What the products of a source have in common, as bytes and back. A source has a place by its name, one of PLACES, so that
 * a producer that puts a new name on each review fills no more than those; two sources that share a place share what is learnt.
 */
import { crc32 } from 'node:zlib';
import { type HiddenState, type StateTensorSpec, type StoredSource, TidewatchError } from '#contracts';
import { decodeHidden, encodeHidden } from './state-codec.js';

/** A source's tensors behind its newest review, and that review's name for it. */
export interface SourceState {
  readonly source: string | null;
  readonly hidden: HiddenState;
}

const PLACES = 65_536;
/** The hidden part's, of state-codec.ts. */
const FORMAT = 1;

/** Reviews that name no source have one place together. */
export const placeOfSource = (source: string | null): number => crc32(source ?? '') % PLACES;

export function storeSource(place: number, { source, hidden }: SourceState, modelId: string): StoredSource {
  const bytes = encodeHidden(hidden);
  return { place, source, modelId, format: FORMAT, hidden: bytes, checksum: crc32(bytes) };
}

/** @throws STATE_CORRUPT, STATE_FORMAT_UNKNOWN */
export function restoreSource(stored: StoredSource, tensors: readonly Pick<StateTensorSpec, 'name' | 'shape'>[]): SourceState {
  const what = `source ${stored.source === null ? 'without a name' : JSON.stringify(stored.source)}`;
  if (stored.format !== FORMAT) throw new TidewatchError('STATE_FORMAT_UNKNOWN', `The state of ${what} has format ${stored.format}; this version reads ${FORMAT}. Run the version that wrote it, or newer.`);
  if (crc32(stored.hidden) !== stored.checksum >>> 0) throw new TidewatchError('STATE_CORRUPT', `The state of ${what} does not fit its checksum. Restore its row of internal.source_state from a backup, or delete it: what its stars taught is then learnt anew.`);
  return { source: stored.source, hidden: decodeHidden({ entity: what, modelId: stored.modelId, hidden: stored.hidden }, tensors) };
}
