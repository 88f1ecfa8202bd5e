/**
 * Appends to one partition. Several processes may: each append takes the partition's lock, reads what others appended
 * since (as a rule nothing), cuts off a record that a killed writer left incomplete, and writes all its records by one
 * call. All of it is synchronous and takes well under a millisecond, so that the lock is never held across a wait.
 */
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from './lock.js';
import { damaged, findTail, listSegments, segmentPath, topicFolder, type Segment, type SegmentPoint } from './segments.js';

export interface WriterSettings {
  readonly folder: string;
  readonly segmentBytes: number;
  /** Oldest whole segments are removed while a partition holds more than this; null keeps all. */
  readonly retainBytes: number | null;
}

export class PartitionWriter {
  private readonly path: string;
  private readonly lock: string;
  private known: { readonly segment: Segment; readonly point: SegmentPoint } | null = null;

  constructor(private readonly settings: WriterSettings, private readonly topic: string, private readonly partition: number) {
    this.path = join(topicFolder(settings.folder, topic), String(partition));
    // Apart from the data, so that who watches the data is not woken by locks.
    const locks = join(settings.folder, '.locks');
    mkdirSync(locks, { recursive: true });
    this.lock = join(locks, `${topic}.${partition}`);
  }

  /** False: another process is appending just now; ask again. */
  tryAppend(records: readonly Buffer[]): boolean {
    const release = tryLock(this.lock);
    if (release === null) return false;
    try {
      this.append(records);
      return true;
    } finally {
      release();
    }
  }

  private append(records: readonly Buffer[]): void {
    const { segment, point } = this.open();
    const file = openSync(segment.path, 'r+');
    try {
      const bytes = Buffer.concat(records);
      for (let done = 0; done < bytes.length; done += writeSync(file, bytes, done, bytes.length - done, point.bytes + done));
      this.known = { segment, point: { bytes: point.bytes + bytes.length, records: point.records + records.length } };
    } catch (error) {
      this.known = null;
      // A disk that is full must not keep half a batch.
      ftruncateSync(file, point.bytes);
      throw error;
    } finally {
      closeSync(file);
    }
  }

  /** The segment to write to and where: an existing one cleaned of a torn end, or a new one. */
  private open(): { segment: Segment; point: SegmentPoint } {
    const segments = listSegments(this.path);
    const last = segments.at(-1);
    if (last === undefined) return this.roll(0n);
    const before = this.known?.segment.path === last.path ? this.known.point : undefined;
    const tail = findTail(last, before);
    if (tail.kind === 'damaged') throw damaged(last, tail.bytes, this.topic, this.partition);
    if (tail.kind === 'torn') cut(last.path, tail.bytes);
    if (tail.bytes < this.settings.segmentBytes) return { segment: last, point: tail };
    this.expire(segments);
    return this.roll(last.base + BigInt(tail.records));
  }

  private roll(base: bigint): { segment: Segment; point: SegmentPoint } {
    const path = segmentPath(this.path, base);
    closeSync(openSync(path, 'a'));
    return { segment: { base, path }, point: { bytes: 0, records: 0 } };
  }

  private expire(segments: readonly Segment[]): void {
    if (this.settings.retainBytes === null) return;
    const sizes = segments.map(({ path }) => statSync(path).size);
    let total = sizes.reduce((sum, size) => sum + size, 0);
    for (let at = 0; at < segments.length - 1 && total > this.settings.retainBytes; at += 1) {
      rmSync(segments[at]!.path);
      total -= sizes[at]!;
    }
  }
}

function cut(path: string, bytes: number): void {
  const file = openSync(path, 'r+');
  try {
    ftruncateSync(file, bytes);
  } finally {
    closeSync(file);
  }
}
