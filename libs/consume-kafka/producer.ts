/** The producing end: acks from all replicas, order kept per key, topics made when they are absent. */
import kafkajs from 'kafkajs';
import { TidewatchError, type OutgoingMessage, type StreamProducer } from '#contracts';
import { registerCodecs } from './codecs.js';
import { kafkaConfig, noticeLogger, type KafkaClientSettings, type KafkaNotice } from './settings.js';

/** A request stays below the 1 MB that brokers take unless told otherwise; a single larger message travels alone. */
const REQUEST_BYTES = 768 * 1024;

export function createKafkaProducer(settings: KafkaClientSettings & { readonly onNotice?: KafkaNotice }): StreamProducer {
  return new KafkaProducer(settings);
}

class KafkaProducer implements StreamProducer {
  private readonly producer: kafkajs.Producer;
  private readonly admin: kafkajs.Admin;
  private readonly known = new Set<string>();

  constructor(private readonly settings: KafkaClientSettings & { readonly onNotice?: KafkaNotice }) {
    registerCodecs();
    const client = new kafkajs.Kafka(kafkaConfig(settings, noticeLogger(settings.onNotice ?? (() => undefined))));
    this.producer = client.producer({ allowAutoTopicCreation: false, createPartitioner: kafkajs.Partitioners.DefaultPartitioner, maxInFlightRequests: 1 });
    this.admin = client.admin();
  }

  async start(): Promise<void> {
    await this.told(async () => {
      await this.admin.connect();
      await this.producer.connect();
    });
  }

  async ensureTopic(topic: string, partitions: number): Promise<void> {
    await this.told(async () => {
      if (!(await this.admin.listTopics()).includes(topic)) await this.admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
      this.known.add(topic);
    });
  }

  async send(topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    if (messages.length === 0) return;
    await this.told(async () => {
      // kafkajs would ask for a missing topic again and again for half a minute.
      if (!this.known.has(topic) && !(await this.admin.listTopics()).includes(topic)) throw this.missing(topic);
      this.known.add(topic);
      for (const request of requests(messages)) await this.producer.send({ topic, acks: -1, messages: request });
    }, topic);
  }

  async stop(): Promise<void> {
    await Promise.all([this.producer.disconnect(), this.admin.disconnect()]);
  }

  private missing(topic: string): TidewatchError {
    return new TidewatchError('TOPIC_MISSING', `Topic ${topic} is not at ${this.settings.brokers.join(', ')}: expected it to exist before something is sent to it. Create it, or name another.`, { place: { topic } });
  }

  private async told(work: () => Promise<void>, topic: string | null = null): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof TidewatchError) throw error;
      const brokers = this.settings.brokers.join(', ');
      const type = typeOf(error);
      const options = { cause: error, ...(topic === null ? {} : { place: { topic } }) };
      if (topic !== null && type === 'UNKNOWN_TOPIC_OR_PARTITION') {
        this.known.delete(topic);
        throw this.missing(topic);
      }
      if (type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE') {
        throw new TidewatchError('SETTING_INVALID', `Kafka at ${brokers} refuses a message for ${topic ?? 'a topic'} as too large: expected less than its message.max.bytes. Send smaller messages, or raise that setting of the broker or topic.`, options);
      }
      throw new TidewatchError('BROKER_UNAVAILABLE', `Kafka at ${brokers} does not take messages: ${(error as Error).message}. Check that the broker runs and that KAFKA_BROKERS names it.`, options);
    }
  }
}

/** kafkajs wraps the broker's answer in what its retries came to. */
function typeOf(error: unknown): string | null {
  const { type, cause } = error as { type?: unknown; cause?: unknown };
  return typeof type === 'string' ? type : cause instanceof Error ? typeOf(cause) : null;
}

/** The messages in their order, cut where a request would grow too large. */
function requests(messages: readonly OutgoingMessage[]): kafkajs.Message[][] {
  const cut: kafkajs.Message[][] = [];
  let bytes = Infinity;
  for (const { key, value, timestamp } of messages) {
    const content = bufferOf(value);
    const keyBytes = bufferOf(key);
    const size = (content?.length ?? 0) + (keyBytes?.length ?? 0) + 32;
    if (bytes + size > REQUEST_BYTES) {
      cut.push([]);
      bytes = 0;
    }
    bytes += size;
    cut.at(-1)!.push({ key: keyBytes, value: content, ...(timestamp === undefined ? {} : { timestamp: String(timestamp) }) });
  }
  return cut;
}

/** What kafkajs takes: its partitioner hashes a Buffer as it is, and anything else as text. */
function bufferOf(content: Uint8Array | string | null): Buffer | null {
  if (content === null) return null;
  return typeof content === 'string' ? Buffer.from(content, 'utf8') : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}
