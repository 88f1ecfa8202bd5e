/**
 * Reads one partition's segments from an offset on. Every batch gets a buffer of its own, since its messages are views
 * into it. A record that is not whole yet is simply not there; a removed segment is a jump ahead in the offsets.
 */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { StreamMessage } from '#contracts';
import { HEADER_BYTES, readRecord, recordEnd } from './record.js';
import { damaged, listSegments, topicFolder, type Segment } from './segments.js';

const SKIP_BYTES = 4 * 1024 * 1024;

export class PartitionReader {
  private readonly path: string;
  private file: { readonly segment: Segment; readonly handle: FileHandle; at: number } | null = null;
  private next = 0n;

  constructor(folder: string, private readonly topic: string, private readonly partition: number, private readonly fetchBytes: number) {
    this.path = join(topicFolder(folder, topic), String(partition));
  }

  get offset(): bigint {
    return this.next;
  }

  /** Goes to an offset; one that the files do not hold (any more, or not yet) leads to the oldest that they hold. */
  async seek(offset: bigint): Promise<void> {
    await this.close();
    const segments = listSegments(this.path);
    const segment = segments.findLast(({ base }) => base <= offset) ?? segments[0];
    if (segment === undefined) {
      this.next = 0n;
      return;
    }
    await this.enter(segment);
    while (this.next < offset && (await this.skip(offset)));
    if (this.next < offset) await this.enter(segments[0]!);
  }

  /** Whole records up to about `fetchBytes`, at least one if there is one; empty at the end. */
  async read(): Promise<StreamMessage[]> {
    for (;;) {
      const segments = listSegments(this.path);
      if (this.file === null) {
        if (segments[0] === undefined) return [];
        await this.enter(segments[0]);
      }
      const messages = await this.readHere();
      if (messages.length > 0) return messages;
      const following = segments.find(({ base }) => base > this.file!.segment.base);
      // Read once more first: the segment may have grown between the look into the folder and into the file.
      if (following === undefined) {
        if (segments[0] === undefined || !(await this.replaced())) return [];
        await this.enter(segments[0]);
        continue;
      }
      const rest = await this.readHere();
      if (rest.length > 0) return rest;
      await this.enter(following);
    }
  }

  async close(): Promise<void> {
    await this.file?.handle.close();
    this.file = null;
  }

  private async enter(segment: Segment): Promise<void> {
    const handle = await open(segment.path, 'r');
    await this.close();
    this.file = { segment, handle, at: 0 };
    this.next = segment.base;
  }

  /** The topic was deleted and made again while we had its file open. */
  private async replaced(): Promise<boolean> {
    const { handle, segment } = this.file!;
    const [held, there] = await Promise.all([handle.stat(), stat(segment.path).catch(() => null)]);
    return there === null || there.ino !== held.ino;
  }

  private async chunk(want: number): Promise<Buffer> {
    const { handle, at } = this.file!;
    const { size } = await handle.stat();
    const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(want, size - at)));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    return buffer.subarray(0, bytesRead);
  }

  /** Passes over records before `offset`; false when none is left in this segment. */
  private async skip(offset: bigint): Promise<boolean> {
    let chunk = await this.chunk(SKIP_BYTES);
    const first = recordEnd(chunk, 0);
    if (first !== null && first > chunk.length) chunk = await this.chunk(first);
    let at = 0;
    while (this.next < offset) {
      const end = recordEnd(chunk, at);
      if (end === null || end > chunk.length) break;
      at = end;
      this.next += 1n;
    }
    this.file!.at += at;
    return at > 0;
  }

  private async readHere(): Promise<StreamMessage[]> {
    const { segment, at: start } = this.file!;
    let chunk = await this.chunk(this.fetchBytes);
    if (chunk.length < HEADER_BYTES) return [];
    const first = recordEnd(chunk, 0)!;
    if (first > chunk.length) chunk = await this.chunk(first);
    const messages: StreamMessage[] = [];
    let at = 0;
    for (let read = readRecord(chunk, 0); read.kind !== 'incomplete'; read = readRecord(chunk, at)) {
      if (read.kind === 'invalid') {
        // At the very end, or blank, it is a write that a kill or a power cut spoiled: wait for the next writer.
        const blank = read.end === at + HEADER_BYTES;
        if (!blank && read.end < chunk.length && messages.length === 0) throw damaged(segment, start + at, this.topic, this.partition);
        break;
      }
      const { key, value, timestamp, end } = read.record;
      messages.push({ topic: this.topic, partition: this.partition, offset: this.next + BigInt(messages.length), key, value, timestamp });
      at = end;
    }
    this.file!.at = start + at;
    this.next += BigInt(messages.length);
    return messages;
  }
}
