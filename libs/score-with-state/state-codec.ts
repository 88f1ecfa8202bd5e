/**
 * Entity states as bytes and back, exactly. `format` is 1000 x (format of the hidden part) + (format of the tracker
 * part), so that each can change alone; every format ever released is replayed by a test from a frozen file.
 * Hidden part, format 1, little endian: u8 number of tensors; for each, by name ascending: u8 length of the name,
 * name in UTF-8, u32 number of values; then the float32 values of each in the same order.
 */
import { crc32 } from 'node:zlib';
import { type EntityState, type HiddenState, type StateTensorSpec, type StoredState, TidewatchError } from '#contracts';
import { sizeOfTensor } from './fresh-state.js';

export interface TrackerCodec<T> {
  /** 1 to 999. */
  readonly format: number;
  encode(tracker: T): Uint8Array;
  /** Reads `format` and every earlier one. */
  decode(bytes: Uint8Array, format: number): T;
}

export type Summary = Readonly<Record<string, unknown>>;

const HIDDEN_FORMAT = 1;
const FORMATS_PER_PART = 1000;
const BIG_ENDIAN_HOST = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;

/** @param summary for SQL and the page, with the norm of the hidden part; not covered by the checksum, never read back */
export function storeState<T>(state: EntityState<T>, codec: TrackerCodec<T>, summary: Summary): StoredState {
  const hidden = encodeHidden(state.hidden);
  const tracker = codec.encode(state.tracker);
  return {
    entity: state.entity,
    version: state.version,
    modelId: state.modelId,
    snapshotId: state.snapshotId,
    label: state.label,
    lastEventAt: state.lastEventAt,
    format: HIDDEN_FORMAT * FORMATS_PER_PART + codec.format,
    hidden,
    tracker,
    checksum: checksumOf(hidden, tracker),
    summary: told(summary, hidden),
  };
}

/** The same row with another tracker, the hidden part byte for byte as it was, and the version one higher: what time alone changes. */
export function replaceTracker<T>(stored: StoredState, tracker: T, codec: TrackerCodec<T>, summary: Summary): StoredState {
  const bytes = codec.encode(tracker);
  const hiddenFormat = Math.floor(stored.format / FORMATS_PER_PART);
  return { ...stored, version: stored.version + 1n, format: hiddenFormat * FORMATS_PER_PART + codec.format, tracker: bytes, checksum: checksumOf(stored.hidden, bytes), summary: told(summary, stored.hidden) };
}

const told = (summary: Summary, hidden: Uint8Array): string => JSON.stringify({ ...summary, hiddenNorm: normOf(hidden) });

/** Euclidean norm over all values of the hidden part as it is stored. */
function normOf(hidden: Uint8Array): number {
  const bytes = new DataView(hidden.buffer, hidden.byteOffset, hidden.byteLength);
  let at = 1;
  for (let left = hidden.length > 0 ? bytes.getUint8(0) : 0; left > 0; left -= 1) at += 1 + bytes.getUint8(at) + 4;
  let sum = 0;
  for (; at + 4 <= hidden.length; at += 4) sum += bytes.getFloat32(at, true) ** 2;
  return Number(Math.sqrt(sum).toPrecision(6));
}

/**
 * @param tensors the model's; null leaves the hidden part unread and empty, for a state that another model will restart
 * @throws STATE_CORRUPT when the bytes do not fit their checksum or the model's tensors; STATE_FORMAT_UNKNOWN when written by a newer version
 */
export function restoreState<T>(stored: StoredState, tensors: readonly StateTensorSpec[] | null, codec: TrackerCodec<T>): EntityState<T> {
  const place = { entity: stored.entity };
  const hiddenFormat = Math.floor(stored.format / FORMATS_PER_PART);
  const trackerFormat = stored.format % FORMATS_PER_PART;
  if (hiddenFormat !== HIDDEN_FORMAT || trackerFormat < 1 || trackerFormat > codec.format) {
    throw new TidewatchError('STATE_FORMAT_UNKNOWN', `The state of ${stored.entity} has format ${stored.format}; this version reads ${HIDDEN_FORMAT * FORMATS_PER_PART + 1} to ${HIDDEN_FORMAT * FORMATS_PER_PART + codec.format}. Run the version that wrote it, or newer.`, { place });
  }
  const found = checksumOf(stored.hidden, stored.tracker);
  if (found !== stored.checksum >>> 0) {
    throw new TidewatchError('STATE_CORRUPT', `The state of ${stored.entity} (version ${stored.version}) has checksum ${hex(found)}, ${hex(stored.checksum)} was stored with it. Restore the row from a backup, or re-warm the entity.`, { place });
  }
  let tracker: T;
  try {
    tracker = codec.decode(stored.tracker, trackerFormat);
  } catch (cause) {
    if (cause instanceof TidewatchError) throw cause;
    throw new TidewatchError('STATE_CORRUPT', `The tracker of ${stored.entity} (format ${trackerFormat}) could not be read though its checksum is right. Re-warm the entity, and report the fault.`, { cause, place });
  }
  return {
    entity: stored.entity,
    version: stored.version,
    modelId: stored.modelId,
    snapshotId: stored.snapshotId,
    label: stored.label,
    lastEventAt: stored.lastEventAt,
    hidden: tensors === null ? {} : decodeHidden(stored, tensors),
    tracker,
  };
}

export function encodeHidden(hidden: HiddenState): Uint8Array {
  const names = Object.keys(hidden).sort();
  const labels = names.map((name) => Buffer.from(name, 'utf8'));
  const values = names.reduce((sum, name) => sum + hidden[name]!.length, 0);
  const head = 1 + labels.reduce((sum, label) => sum + 1 + label.length + 4, 0);
  const bytes = Buffer.alloc(head + 4 * values);
  let at = bytes.writeUInt8(names.length, 0);
  names.forEach((name, index) => {
    at = bytes.writeUInt8(labels[index]!.length, at);
    at += labels[index]!.copy(bytes, at);
    at = bytes.writeUInt32LE(hidden[name]!.length, at);
  });
  for (const name of names) {
    const own = bytes.subarray(at, at + 4 * hidden[name]!.length);
    own.set(bytesOf(hidden[name]!));
    if (BIG_ENDIAN_HOST) own.swap32();
    at += own.length;
  }
  return bytes;
}

export function decodeHidden(stored: Pick<StoredState, 'entity' | 'modelId' | 'hidden'>, tensors: readonly Pick<StateTensorSpec, 'name' | 'shape'>[]): HiddenState {
  const bytes = Buffer.from(stored.hidden.buffer, stored.hidden.byteOffset, stored.hidden.byteLength);
  const found: { name: string; length: number }[] = [];
  let at = 1;
  for (let left = bytes.length > 0 ? bytes.readUInt8(0) : 0; left > 0; left -= 1) {
    const label = bytes.length > at ? bytes.readUInt8(at) : 0;
    if (bytes.length < at + 1 + label + 4) break; // the sizes below will not fit
    found.push({ name: bytes.toString('utf8', at + 1, at + 1 + label), length: bytes.readUInt32LE(at + 1 + label) });
    at += 1 + label + 4;
  }
  const expected = tensors.map((tensor) => ({ name: tensor.name, length: sizeOfTensor(tensor) })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const list = (entries: typeof found) => entries.map(({ name, length }) => `${name}[${length}]`).join(', ') || 'none';
  if (list(found) !== list(expected) || bytes.length !== at + 4 * found.reduce((sum, { length }) => sum + length, 0)) {
    throw new TidewatchError('STATE_CORRUPT', `The state of ${stored.entity} holds the tensors ${list(found)} in ${bytes.length} bytes; the model's are ${list(expected)}. It belongs to another model (${stored.modelId}): re-warm it, or start cold.`, { place: { entity: stored.entity } });
  }
  return Object.fromEntries(found.map(({ name, length }) => {
    const own = new Float32Array(length);
    bytesOf(own).set(bytes.subarray(at, at + 4 * length)); // copied, not viewed: the row's bytes may stand at any address
    if (BIG_ENDIAN_HOST) bytesOf(own).swap32();
    at += 4 * length;
    return [name, own];
  }));
}

function bytesOf(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

function checksumOf(hidden: Uint8Array, tracker: Uint8Array): number {
  return crc32(tracker, crc32(hidden));
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
