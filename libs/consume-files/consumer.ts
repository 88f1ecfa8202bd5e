/**
 * The consuming end over local files. One process of a group consumes all partitions of its topics; a second one waits
 * until the first is gone. A partition is read from its oldest record until the handler says where its position is, as
 * the position that counts is kept by the handler. A partition that was left stays left until this consumer starts again.
 */
import { existsSync, mkdirSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TidewatchError, type ConsumerHandlers, type PartitionRange, type StreamConsumer, type TopicPartition } from '#contracts';
import { tryLock } from './lock.js';
import { PartitionReader } from './partition-reader.js';
import { RangeReader, topicFolder } from './segments.js';
import { Signalled } from './signalled.js';

export interface FileConsumerSettings {
  readonly folder: string;
  readonly topics: readonly string[];
  /** Consumers of one group and topic exclude each other; absent: 'tidewatch'. */
  readonly groupId?: string;
  readonly onNotice?: (level: 'info' | 'warn' | 'error', message: string, detail?: Readonly<Record<string, unknown>>) => void;
  /** Bytes of a batch, about. */
  readonly fetchBytes?: number;
  /** How often the files are looked at when the file system reports no change. */
  readonly pollMs?: number;
}

const FETCH_BYTES = 1024 * 1024;
const POLL_MS = 200;
const WAIT_POLL_MS = 500;

export function createFileConsumer(settings: FileConsumerSettings): StreamConsumer {
  return new FileConsumer(settings);
}

class FileConsumer implements StreamConsumer {
  private readonly stopping = new AbortController();
  private readonly late = new AbortController();
  private readonly rangeReader: RangeReader;
  private readonly held: (() => void)[] = [];
  private loops: Promise<unknown> = Promise.resolve();
  private stopped: Promise<void> | null = null;

  constructor(private readonly settings: FileConsumerSettings) {
    this.rangeReader = new RangeReader(settings.folder);
  }

  async start(handlers: ConsumerHandlers): Promise<void> {
    const { topics } = this.settings;
    for (const topic of topics) {
      await this.untilTopicExists(topic);
      await this.untilAlone(topic);
    }
    if (this.stopping.signal.aborted) return;
    const partitions: TopicPartition[] = topics.flatMap((topic) => this.rangeReader.ranges(topic).map(({ partition }) => ({ topic, partition })));
    handlers.assigned(partitions);
    this.loops = Promise.all(partitions.map((partition) => this.consume(partition, handlers)));
  }

  async ranges(topic: string): Promise<readonly PartitionRange[]> {
    return this.rangeReader.ranges(topic);
  }

  stop(deadline: number): Promise<void> {
    this.stopped ??= this.shutDown(deadline);
    return this.stopped;
  }

  private async shutDown(deadline: number): Promise<void> {
    this.stopping.abort();
    const cancel = new AbortController();
    await Promise.race([this.loops, sleep(Math.max(0, deadline - Date.now()), undefined, { signal: cancel.signal }).catch(() => undefined)]);
    cancel.abort();
    this.late.abort();
    for (const release of this.held) release();
  }

  private notice(level: 'info' | 'warn' | 'error', message: string): void {
    this.settings.onNotice?.(level, message);
  }

  private async untilTopicExists(topic: string): Promise<void> {
    const path = topicFolder(this.settings.folder, topic);
    const missing = !existsSync(path);
    if (missing) this.notice('warn', `topic ${topic} is not in the file log at ${this.settings.folder} yet. Waiting for it; it appears when something is sent to it`);
    await this.until(() => existsSync(path));
    if (missing && !this.stopping.signal.aborted) this.notice('info', `topic ${topic} is there now`);
  }

  private async untilAlone(topic: string): Promise<void> {
    const locks = join(this.settings.folder, '.locks');
    mkdirSync(locks, { recursive: true });
    const path = join(locks, `${topic}.group-${this.settings.groupId ?? 'tidewatch'}`);
    let said = false;
    await this.until(() => {
      const release = tryLock(path);
      if (release !== null) this.held.push(release);
      else if (!said) this.notice('info', `another process consumes ${topic} from the file log. Standing by until it ends`);
      said = true;
      return release !== null;
    });
  }

  private async until(holds: () => boolean): Promise<void> {
    while (!this.stopping.signal.aborted && !holds()) await sleep(WAIT_POLL_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  private async consume(partition: TopicPartition, handlers: ConsumerHandlers): Promise<void> {
    const { folder, fetchBytes = FETCH_BYTES } = this.settings;
    const reader = new PartitionReader(folder, partition.topic, partition.partition, fetchBytes);
    const changed = new Signalled(this.settings.pollMs ?? POLL_MS, this.stopping.signal);
    const watcher = this.watch(join(topicFolder(folder, partition.topic), String(partition.partition)), () => changed.signal());
    let faulty = false;
    try {
      while (!this.stopping.signal.aborted) {
        try {
          if (!(await this.step(partition, reader, changed, handlers))) return;
          faulty = false;
        } catch (error) {
          if (!faulty) this.notice('error', error instanceof TidewatchError ? error.message : `${partition.topic}/${partition.partition} cannot be read from the file log: ${String(error)}. Trying again`);
          faulty = true;
          await changed.wait();
        }
      }
    } finally {
      watcher?.close();
      await reader.close();
    }
  }

  /** One batch; false when the handler leaves the partition. */
  private async step(partition: TopicPartition, reader: PartitionReader, changed: Signalled, handlers: ConsumerHandlers): Promise<boolean> {
    const messages = await reader.read();
    if (messages.length === 0) {
      await changed.wait();
      return true;
    }
    if (this.stopping.signal.aborted) return false;
    const { low, high } = this.rangeReader.range(partition.topic, partition.partition);
    const verdict = await handlers.batch({ ...partition, begin: messages[0]!.offset, end: messages.at(-1)!.offset + 1n, messages, lowWatermark: low, highWatermark: high }, this.late.signal).catch(async (error: unknown) => {
      await reader.seek(messages[0]!.offset);
      throw error;
    });
    if (verdict.kind === 'leave') return false;
    if (verdict.kind === 'fenced') {
      // The lock on the topic is still this process's: whoever took the lease has no right to it, or is gone.
      await reader.seek(messages[0]!.offset);
      await sleep(WAIT_POLL_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (!this.stopping.signal.aborted) handlers.assigned([partition]);
      return true;
    }
    const next = verdict.kind === 'advance' ? verdict.next : verdict.to;
    if (next !== reader.offset) await reader.seek(next);
    return true;
  }

  /** Where the file system cannot report changes, polling alone finds them. */
  private watch(path: string, onChange: () => void): FSWatcher | null {
    try {
      return watch(path, onChange).on('error', () => undefined);
    } catch {
      return null;
    }
  }
}
