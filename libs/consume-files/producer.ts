/**
 * The producing end over local files: keys spread as Kafka spreads them, messages of one key in order, several producing
 * processes side by side. A message counts as stored when the operating system has it: it outlives the process, not a power cut.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TidewatchError, type OutgoingMessage, type StreamProducer } from '#contracts';
import { PartitionWriter, type WriterSettings } from './partition-writer.js';
import { partitionOfKey } from './partitioner.js';
import { encodeRecord, MAX_RECORD_BYTES } from './record.js';
import { partitionCount, topicFolder, topicMissing } from './segments.js';

export interface FileProducerSettings {
  readonly folder: string;
  /** A segment is closed once it is this long. */
  readonly segmentBytes?: number;
  /** Bytes kept per partition: older segments are removed, read or not. Absent: all is kept. */
  readonly retainBytes?: number | null;
}

const SEGMENT_BYTES = 16 * 1024 * 1024;
const LOCK_POLL_MS = 2;
const LOCK_WAIT_MS = 10_000;

export function createFileProducer(settings: FileProducerSettings): StreamProducer {
  const writing: WriterSettings = { folder: settings.folder, segmentBytes: settings.segmentBytes ?? SEGMENT_BYTES, retainBytes: settings.retainBytes ?? null };
  return new FileProducer(writing);
}

class FileProducer implements StreamProducer {
  private readonly topics = new Map<string, PartitionWriter[]>();
  private turn = 0;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly settings: WriterSettings) {}

  async start(): Promise<void> {
    mkdirSync(this.settings.folder, { recursive: true });
  }

  async ensureTopic(topic: string, partitions: number): Promise<void> {
    const target = topicFolder(this.settings.folder, topic);
    if (existsSync(target)) return;
    // Made aside and renamed: a topic appears with all its partitions or not at all.
    const arriving = join(this.settings.folder, `.${topic}-arriving-${process.pid}`);
    rmSync(arriving, { recursive: true, force: true });
    for (let partition = 0; partition < partitions; partition += 1) mkdirSync(join(arriving, String(partition)), { recursive: true });
    try {
      renameSync(arriving, target);
    } catch (error) {
      // Another process made it meanwhile.
      if (!existsSync(target)) throw error;
      rmSync(arriving, { recursive: true, force: true });
    }
  }

  /** Calls are carried out one after the other: what is sent first lies first. */
  send(topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    const sent = this.last.then(() => this.append(topic, messages));
    this.last = sent.catch(() => undefined);
    return sent;
  }

  async stop(): Promise<void> {
    await this.last;
  }

  private async append(topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    const writers = this.writersOf(topic);
    const now = Date.now();
    const parts: Buffer[][] = writers.map(() => []);
    for (const message of messages) {
      const record = encodeRecord(message, now);
      if (record.length > MAX_RECORD_BYTES) throw new TidewatchError('SETTING_INVALID', `A message for ${topic} has ${record.length} bytes: expected at most ${MAX_RECORD_BYTES}. Nothing of this batch was stored.`, { place: { topic } });
      const partition = message.key === null ? (this.turn = (this.turn + 1) % writers.length) : partitionOfKey(message.key, writers.length);
      parts[partition]!.push(record);
    }
    for (const [partition, records] of parts.entries()) {
      if (records.length > 0) await this.appendTo(topic, partition, writers[partition]!, records);
    }
  }

  private async appendTo(topic: string, partition: number, writer: PartitionWriter, records: readonly Buffer[]): Promise<void> {
    const deadline = Date.now() + LOCK_WAIT_MS;
    try {
      while (!writer.tryAppend(records)) {
        if (Date.now() > deadline) throw new Error(`another process has held its lock for more than ${LOCK_WAIT_MS / 1000} s; is one stopped?`);
        await sleep(LOCK_POLL_MS);
      }
    } catch (error) {
      if (error instanceof TidewatchError) throw error;
      throw new TidewatchError('BROKER_UNAVAILABLE', `${topic}/${partition} in the file log at ${this.settings.folder} takes no messages: ${(error as Error).message}. Check that the disk has room and the folder can be written.`, { cause: error, place: { topic, partition } });
    }
  }

  private writersOf(topic: string): PartitionWriter[] {
    const known = this.topics.get(topic);
    if (known !== undefined) return known;
    const count = partitionCount(this.settings.folder, topic);
    if (count === null || count === 0) throw topicMissing(this.settings.folder, topic);
    const writers = Array.from({ length: count }, (_, partition) => new PartitionWriter(this.settings, topic, partition));
    this.topics.set(topic, writers);
    return writers;
  }
}
