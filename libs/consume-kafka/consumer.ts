/**
 * The consuming end on kafkajs (Kafka's classic group protocol): batches, manual positions, heartbeats during long work.
 * The broker's committed offsets are only for lag tools; the position that counts is the lease in Postgres, so every
 * verdict of the handler is carried out here: advance, seek, or leave the partition alone until the next join, or, when
 * another had its lease, until the group has confirmed that it is this member's still.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type EachBatchPayload } from 'kafkajs';
import { TidewatchError, type BatchVerdict, type ConsumerHandlers, type PartitionRange, type StreamConsumer, type TopicPartition } from '#contracts';
import { Assignment } from './assignment.js';
import { registerCodecs } from './codecs.js';
import type { LaneClient } from './lane.js';
import { PositionReporter } from './reporter.js';
import { kafkaConfig, noticeLogger, type KafkaClientSettings, type KafkaNotice } from './settings.js';

export interface KafkaConsumerSettings extends KafkaClientSettings {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly onNotice: KafkaNotice;
  /** A member silent for this long loses its partitions. */
  readonly sessionTimeoutMs?: number;
  /** Bytes fetched at most per partition: the size of a batch. */
  readonly fetchBytes?: number;
}

const SESSION_TIMEOUT_MS = 15_000;
const FETCH_BYTES = 1024 * 1024;
/** With a minimum of bytes (64 KiB or 40 ms) a tenth of the CPU at 1,500 messages a second was saved, but single messages waited for the broker's timer. */
const FETCH_WAIT_MS = 50;
const PARTITIONS_SIDE_BY_SIDE = 16;
const TOPIC_POLL_MS = 1_000;
const RUN_AGAIN_MS = 3_000;
/** For leaving the group once the deadline has passed. */
const LEAVE_MS = 300;

export function createKafkaConsumer(settings: KafkaConsumerSettings): StreamConsumer {
  return new KafkaConsumer(settings);
}

class KafkaConsumer implements StreamConsumer {
  private readonly client: kafkajs.Kafka;
  private readonly admin: kafkajs.Admin;
  private readonly consumer: kafkajs.Consumer;
  private readonly lanes: LaneClient;
  private readonly assignment: Assignment;
  private readonly reporter: PositionReporter;
  private readonly stopping = new AbortController();
  private readonly sessionTimeoutMs: number;
  private adminUp: Promise<void> | null = null;
  private stopped: Promise<void> | null = null;
  private handlers: ConsumerHandlers | null = null;
  private trouble = false;

  constructor(private readonly settings: KafkaConsumerSettings) {
    registerCodecs();
    this.lanes = this.laneClient();
    this.assignment = new Assignment(this.lanes);
    this.reporter = new PositionReporter(
      (positions) => this.consumer.commitOffsets(positions),
      (error) => settings.onNotice('info', `a position was not reported to Kafka: ${error.message}`),
    );
    this.sessionTimeoutMs = settings.sessionTimeoutMs ?? SESSION_TIMEOUT_MS;
    this.client = new kafkajs.Kafka(kafkaConfig(settings, noticeLogger(settings.onNotice, (text) => this.inTrouble(text))));
    this.admin = this.client.admin();
    this.consumer = this.client.consumer({
      groupId: settings.groupId,
      sessionTimeout: this.sessionTimeoutMs,
      rebalanceTimeout: Math.max(this.sessionTimeoutMs, 10_000),
      heartbeatInterval: Math.floor(this.sessionTimeoutMs / 5),
      maxBytesPerPartition: settings.fetchBytes ?? FETCH_BYTES,
      minBytes: 1,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      retry: { retries: 5, maxRetryTime: 5_000, restartOnFailure: () => Promise.resolve(!this.stopping.signal.aborted) },
    });
  }

  async start(handlers: ConsumerHandlers): Promise<void> {
    const { topics } = this.settings;
    for (const topic of topics) await this.untilTopicExists(topic);
    if (this.stopping.signal.aborted) return;
    this.consumer.on('consumer.group_join', ({ payload: { memberAssignment } }) => {
      const { assigned, revoked } = this.assignment.joined(memberAssignment);
      this.answers();
      this.consumer.resume(Object.entries(memberAssignment).map(([topic, partitions]) => ({ topic, partitions: [...partitions] })));
      if (revoked.length > 0) handlers.revoked(revoked);
      handlers.assigned(assigned);
    });
    this.consumer.on('consumer.heartbeat', () => {
      this.answers();
      const regained = this.assignment.confirmed();
      if (regained.length === 0) return;
      for (const partition of regained) this.lanes.resume(partition);
      handlers.assigned(regained);
    });
    this.consumer.on('consumer.crash', ({ payload: { error, restart } }) => {
      this.assignment.abandon();
      if (this.stopping.signal.aborted) return;
      this.inTrouble(error.message);
      // kafkajs gives up on what it thinks final (a refused login, an unreadable batch): the cause may be mended outside.
      if (!restart) void this.runAgain();
    });
    // What holds no message (transaction markers, messages of aborted transactions) passes by eachBatch; it moves the position nonetheless.
    this.consumer.on('consumer.end_batch_process', ({ payload: { topic, partition, batchSize, firstOffset, lastOffset, highWatermark } }) => {
      if (batchSize > 0 || this.stopping.signal.aborted) return;
      this.assignment.offer({ topic, partition, begin: BigInt(firstOffset), end: BigInt(lastOffset) + 1n, messages: [], highWatermark: BigInt(highWatermark), lowWatermark: null });
    });
    this.handlers = handlers;
    await this.run().catch((error: unknown) => {
      this.inTrouble((error as Error).message);
      return this.runAgain();
    });
  }

  /** Said once, however long it lasts; before the first join, the wait for the topics says it. */
  private inTrouble(cause: string): void {
    if (this.trouble || this.handlers === null || this.stopping.signal.aborted) return;
    this.trouble = true;
    this.settings.onNotice('warn', `Kafka at ${this.settings.brokers.join(', ')} is in trouble: ${cause}. Trying again until it answers; nothing is lost meanwhile`);
  }

  private answers(): void {
    if (this.trouble) this.settings.onNotice('info', `Kafka at ${this.settings.brokers.join(', ')} answers again`);
    this.trouble = false;
  }

  private async run(): Promise<void> {
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [...this.settings.topics], fromBeginning: true });
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_SIDE_BY_SIDE,
      eachBatch: (payload) => this.eachBatch(payload),
    });
  }

  private async runAgain(): Promise<void> {
    for (let running = false; !running && !this.stopping.signal.aborted; ) {
      await sleep(RUN_AGAIN_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.stopping.signal.aborted) return;
      running = await this.run().then(() => true, () => false);
    }
  }

  async ranges(topic: string): Promise<readonly PartitionRange[]> {
    try {
      this.adminUp ??= this.admin.connect();
      await this.adminUp;
      // Asked for by name, a missing topic would be asked for again and again for half a minute.
      if (!(await this.admin.listTopics()).includes(topic)) throw this.topicMissing(topic);
      const partitions = await this.admin.fetchTopicOffsets(topic);
      return partitions.map(({ partition, low, high }) => ({ topic, partition, low: BigInt(low), high: BigInt(high) })).sort((a, b) => a.partition - b.partition);
    } catch (error) {
      if (error instanceof TidewatchError) throw error;
      this.adminUp = null;
      throw new TidewatchError('BROKER_UNAVAILABLE', `Kafka at ${this.settings.brokers.join(', ')} does not answer: ${(error as Error).message}. Check that the broker runs and that KAFKA_BROKERS names it.`, { cause: error, place: { topic } });
    }
  }

  private topicMissing(topic: string): TidewatchError {
    return new TidewatchError('TOPIC_MISSING', `Topic ${topic} is not at ${this.settings.brokers.join(', ')}: expected it to exist. Create it, keyed by product or symbol, or name another with REVIEWS_TOPIC or QUOTES_TOPIC.`, { place: { topic } });
  }

  stop(deadline: number): Promise<void> {
    this.stopped ??= this.shutDown(deadline);
    return this.stopped;
  }

  private async shutDown(deadline: number): Promise<void> {
    this.stopping.abort();
    const time = new AbortController();
    const until = (moment: number) => sleep(Math.max(0, moment - Date.now()), undefined, { signal: time.signal }).catch(() => undefined);
    // While the last batches finish, the client goes on with its heartbeats, fetching nothing.
    for (const partition of this.assignment.partitions) this.lanes.pause(partition);
    await Promise.race([this.assignment.finish().then(() => this.reporter.flushed()), until(deadline)]);
    this.assignment.abandon();
    if (this.handlers !== null) await Promise.race([this.consumer.disconnect().catch(() => undefined), until(Math.max(deadline, Date.now()) + LEAVE_MS)]);
    // A connection that is still being made would outlive a disconnect.
    const adminDown = (this.adminUp ?? Promise.resolve()).catch(() => undefined).then(() => this.admin.disconnect()).catch(() => undefined);
    await Promise.race([adminDown, until(Math.max(deadline, Date.now()) + LEAVE_MS)]);
    time.abort();
  }

  private async untilTopicExists(topic: string): Promise<void> {
    for (let said = ''; !this.stopping.signal.aborted; ) {
      try {
        await this.ranges(topic);
        return;
      } catch (error) {
        if (!(error instanceof TidewatchError)) throw error;
        if (said !== error.code) this.settings.onNotice('warn', `${error.message} Waiting for it.`);
        said = error.code;
        await sleep(TOPIC_POLL_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
  }

  private async eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    if (batch.messages.length === 0 || payload.isStale() || this.stopping.signal.aborted) return;
    const { topic, partition } = batch;
    const messages = batch.messages.map(({ key, value, offset, timestamp }) => ({ topic, partition, key, value, offset: BigInt(offset), timestamp: Number(timestamp) }));
    const taken = this.assignment.offer({ topic, partition, begin: BigInt(batch.firstOffset()!), end: BigInt(batch.lastOffset()) + 1n, messages, highWatermark: BigInt(batch.highWatermark), lowWatermark: null });
    // Read, not committed: where the next fetch goes on. The position is the handler's.
    if (taken) payload.resolveOffset(batch.lastOffset());
  }

  /** What a lane may ask for; a client that restarts meanwhile joins anew, and then none of it matters. */
  private laneClient(): LaneClient {
    const onClient = (work: () => void) => {
      try {
        work();
      } catch (error) {
        this.settings.onNotice('info', `kafka client: ${(error as Error).message}`);
      }
    };
    const named = ({ topic, partition }: TopicPartition) => [{ topic, partitions: [partition] }];
    return {
      pause: (partition) => onClient(() => this.consumer.pause(named(partition))),
      resume: (partition) => onClient(() => this.consumer.resume(named(partition))),
      seek: (partition, offset) => onClient(() => this.consumer.seek({ ...partition, offset: String(offset) })),
      report: (partition, next) => this.reporter.report(partition, next),
      lowWatermark: async ({ topic, partition }) => (await this.ranges(topic).catch(() => [])).find((range) => range.partition === partition)?.low ?? null,
      handle: (batch, signal) => this.handlers!.batch(batch, signal).catch((error: unknown): BatchVerdict => {
        this.settings.onNotice('error', `the handler of ${batch.topic}/${batch.partition} threw at offset ${batch.begin}: ${String(error)}. The partition is left until the next join; a handler must answer with a verdict`);
        return { kind: 'leave' };
      }),
    };
  }
}
