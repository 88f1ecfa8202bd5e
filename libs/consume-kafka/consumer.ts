/**
 * The consuming end on kafkajs (Kafka's classic group protocol): batches, manual positions, heartbeats during long work.
 * The broker's committed offsets are only for lag tools; the position that counts is the lease in Postgres, so every
 * verdict of the handler is carried out here: advance, seek, or leave the partition alone until the next join.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type EachBatchPayload } from 'kafkajs';
import { TidewatchError, type ConsumerHandlers, type MessageBatch, type PartitionRange, type StreamConsumer, type TopicPartition } from '#contracts';
import { Assignment } from './assignment.js';
import { registerCodecs } from './codecs.js';
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
const FETCH_WAIT_MS = 50;
const PARTITIONS_SIDE_BY_SIDE = 16;
const TOPIC_POLL_MS = 2_000;

export function createKafkaConsumer(settings: KafkaConsumerSettings): StreamConsumer {
  return new KafkaConsumer(settings);
}

class KafkaConsumer implements StreamConsumer {
  private readonly client: kafkajs.Kafka;
  private readonly admin: kafkajs.Admin;
  private readonly consumer: kafkajs.Consumer;
  private readonly assignment = new Assignment();
  private readonly stopping = new AbortController();
  private readonly sessionTimeoutMs: number;
  private adminUp: Promise<void> | null = null;
  private stopped: Promise<void> | null = null;
  private started = false;
  private trouble = false;

  constructor(private readonly settings: KafkaConsumerSettings) {
    registerCodecs();
    this.sessionTimeoutMs = settings.sessionTimeoutMs ?? SESSION_TIMEOUT_MS;
    this.client = new kafkajs.Kafka(kafkaConfig(settings, noticeLogger(settings.onNotice)));
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
    const { onNotice, topics } = this.settings;
    for (const topic of topics) await this.untilTopicExists(topic);
    if (this.stopping.signal.aborted) return;
    this.consumer.on('consumer.group_join', ({ payload: { memberAssignment } }) => {
      const { assigned, revoked } = this.assignment.joined(memberAssignment);
      if (this.trouble) onNotice('info', 'Kafka answers again');
      this.trouble = false;
      this.consumer.resume(Object.entries(memberAssignment).map(([topic, partitions]) => ({ topic, partitions: [...partitions] })));
      if (revoked.length > 0) handlers.revoked(revoked);
      handlers.assigned(assigned);
    });
    this.consumer.on('consumer.crash', ({ payload: { error } }) => {
      this.assignment.abortAll();
      if (!this.trouble) onNotice('warn', `Kafka at ${this.settings.brokers.join(', ')} is in trouble: ${error.message}. Trying again until it answers; nothing is lost meanwhile`);
      this.trouble = true;
    });
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [...topics], fromBeginning: true });
    this.started = true;
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_SIDE_BY_SIDE,
      eachBatch: (payload) => this.eachBatch(payload, handlers),
    });
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
    const late = setTimeout(() => this.assignment.abortAll(), Math.max(0, deadline - Date.now()));
    if (this.started) {
      await Promise.race([this.consumer.stop().then(() => this.consumer.disconnect()), sleep(Math.max(100, deadline + 200 - Date.now()), undefined, { ref: false })]).catch(() => undefined);
    }
    clearTimeout(late);
    this.assignment.abortAll();
    if (this.adminUp !== null) await this.admin.disconnect().catch(() => undefined);
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

  private async eachBatch(payload: EachBatchPayload, handlers: ConsumerHandlers): Promise<void> {
    const { batch } = payload;
    const partition: TopicPartition = { topic: batch.topic, partition: batch.partition };
    const signal = this.assignment.signal(partition);
    if (batch.messages.length === 0 || signal.aborted) return;
    const beat = setInterval(() => { payload.heartbeat().catch(() => undefined); }, Math.floor(this.sessionTimeoutMs / 5));
    try {
      const verdict = await handlers.batch(await this.toBatch(partition, batch), signal);
      // After a rejoin the new lease decides, whatever this batch came to.
      if (this.assignment.signal(partition) !== signal) return;
      if (verdict.kind === 'advance') {
        payload.resolveOffset(String(verdict.next - 1n));
        this.assignment.read(partition, verdict.next);
        await this.consumer.commitOffsets([{ ...partition, offset: String(verdict.next) }]).catch((error: Error) => {
          this.settings.onNotice('info', `the position of ${batch.topic}/${batch.partition} was not reported to Kafka: ${error.message}`);
        });
      } else if (verdict.kind === 'seek') {
        this.assignment.read(partition, verdict.to);
        this.consumer.seek({ ...partition, offset: String(verdict.to) });
      } else if (!this.stopping.signal.aborted) {
        this.consumer.pause([{ topic: batch.topic, partitions: [batch.partition] }]);
      }
    } finally {
      clearInterval(beat);
    }
  }

  private async toBatch(partition: TopicPartition, batch: EachBatchPayload['batch']): Promise<MessageBatch> {
    const first = BigInt(batch.firstOffset()!);
    // Only a jump can hide offsets that retention removed; then the broker is asked for its oldest.
    const jumped = this.assignment.next(partition) !== first;
    const range = jumped ? (await this.ranges(partition.topic).catch(() => [])).find((candidate) => candidate.partition === partition.partition) : undefined;
    return {
      ...partition,
      highWatermark: BigInt(batch.highWatermark),
      lowWatermark: range?.low ?? null,
      messages: batch.messages.map(({ key, value, offset, timestamp }) => ({ ...partition, key, value, offset: BigInt(offset), timestamp: Number(timestamp) })),
    };
  }
}
