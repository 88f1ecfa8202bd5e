/**
 * Where a partition lies: folder/<topic>/<partition>/<offset of the first record, 20 digits>.log, as many segments as
 * were rolled. The offset of a record is the number of records before it. A segment ends where the next begins; the
 * segments' names are all the index there is, so a position is found by reading at most one segment's headers.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TidewatchError, type PartitionRange } from '#contracts';
import { HEADER_BYTES, MAX_RECORD_BYTES, readRecord, recordEnd } from './record.js';

export interface Segment {
  readonly base: bigint;
  readonly path: string;
}

/** Records up to a byte of a segment: how far somebody has read. */
export interface SegmentPoint {
  readonly bytes: number;
  readonly records: number;
}

export type Tail = SegmentPoint & { readonly kind: 'clean' | 'torn' | 'damaged'; readonly size: number };

const SEGMENT_NAME = /^(\d{20})\.log$/;
const SCAN_BYTES = 4 * 1024 * 1024;

export function topicFolder(folder: string, topic: string): string {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/.test(topic)) {
    throw new TidewatchError('SETTING_INVALID', `"${topic}" cannot name a topic of the file log: expected letters, digits, '-', '_' and inner '.', at most 200.`);
  }
  return join(folder, topic);
}

/** Number of partitions; null when the topic is missing. */
export function partitionCount(folder: string, topic: string): number | null {
  const path = topicFolder(folder, topic);
  return existsSync(path) ? readdirSync(path).filter((name) => /^\d+$/.test(name)).length : null;
}

export function topicMissing(folder: string, topic: string): TidewatchError {
  return new TidewatchError('TOPIC_MISSING', `Topic ${topic} is not in the file log at ${folder}: expected the folder ${topic} there. It appears when something is sent to it: start the feed, or name another with REVIEWS_TOPIC or QUOTES_TOPIC.`, { place: { topic } });
}

export const segmentPath = (partitionFolder: string, base: bigint) => join(partitionFolder, `${String(base).padStart(20, '0')}.log`);

/** Oldest first. */
export function listSegments(partitionFolder: string): Segment[] {
  return readdirSync(partitionFolder)
    .filter((name) => SEGMENT_NAME.test(name))
    .sort()
    .map((name) => ({ base: BigInt(SEGMENT_NAME.exec(name)![1]!), path: join(partitionFolder, name) }));
}

/** Goes on from a known point to the last whole record, and says what lies behind it. */
export function findTail(segment: Segment, from: SegmentPoint = { bytes: 0, records: 0 }, verify = true): Tail {
  const file = openSync(segment.path, 'r');
  try {
    const { size } = fstatSync(file);
    // Shorter than where somebody read to: another file of the same name.
    let { bytes, records } = from.bytes <= size ? from : { bytes: 0, records: 0 };
    let want = SCAN_BYTES;
    while (bytes < size) {
      const chunk = Buffer.allocUnsafe(Math.min(want, size - bytes));
      const got = chunk.subarray(0, readSync(file, chunk, 0, chunk.length, bytes));
      let at = 0;
      let read = readRecord(got, at, verify);
      for (; read.kind === 'record'; read = readRecord(got, at, verify)) {
        at = read.record.end;
        records += 1;
      }
      bytes += at;
      if (read.kind === 'invalid') return { kind: read.end - at + bytes >= size || isZero(got, at) ? 'torn' : 'damaged', bytes, records, size };
      const end = recordEnd(got, at);
      if (end !== null && end - at > MAX_RECORD_BYTES + HEADER_BYTES) return { kind: 'damaged', bytes, records, size };
      if (got.length < chunk.length) return { kind: 'torn', bytes, records, size };
      if (end === null ? bytes + got.length - at >= size : bytes + end - at > size) return { kind: bytes === size ? 'clean' : 'torn', bytes, records, size };
      want = Math.max(SCAN_BYTES, (end ?? 0) - at);
    }
    return { kind: 'clean', bytes, records, size };
  } finally {
    closeSync(file);
  }
}

/** What a file system shows in place of data that a power cut took. */
const isZero = (bytes: Buffer, from: number) => bytes.subarray(from).every((byte) => byte === 0);

export function damaged(segment: Segment, bytes: number, topic: string, partition: number): TidewatchError {
  return new TidewatchError('INPUT_FILE_INVALID', `${segment.path} is damaged at byte ${bytes}: expected a record with a matching checksum, and more data follows. Restore the file, or cut it there and accept the loss of what follows.`, { place: { topic, partition } });
}

/** Offsets that a topic's files hold now. Cheap when asked again: whole segments are not read, the last one from where it was read before. */
export class RangeReader {
  private readonly seen = new Map<string, SegmentPoint>();

  constructor(private readonly folder: string) {}

  ranges(topic: string): PartitionRange[] {
    const count = partitionCount(this.folder, topic);
    if (count === null) throw topicMissing(this.folder, topic);
    return Array.from({ length: count }, (_, partition) => this.range(topic, partition));
  }

  range(topic: string, partition: number): PartitionRange {
    const segments = listSegments(join(topicFolder(this.folder, topic), String(partition)));
    const first = segments[0];
    const last = segments.at(-1);
    if (first === undefined || last === undefined) return { topic, partition, low: 0n, high: 0n };
    const before = this.seen.get(last.path);
    const tail = findTail(last, before, false);
    this.seen.set(last.path, tail);
    return { topic, partition, low: first.base, high: last.base + BigInt(tail.records) };
  }
}
