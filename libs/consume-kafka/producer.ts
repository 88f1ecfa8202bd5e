/** The producing end: acks from all replicas, order kept per key, topics made when they are absent. */
import kafkajs from 'kafkajs';
import { TidewatchError, type OutgoingMessage, type StreamProducer } from '#contracts';
import { registerCodecs } from './codecs.js';
import { kafkaConfig, noticeLogger, type KafkaClientSettings, type KafkaNotice } from './settings.js';

export function createKafkaProducer(settings: KafkaClientSettings & { readonly onNotice?: KafkaNotice }): StreamProducer {
  registerCodecs();
  const client = new kafkajs.Kafka(kafkaConfig(settings, noticeLogger(settings.onNotice ?? (() => undefined))));
  const producer = client.producer({ allowAutoTopicCreation: false, createPartitioner: kafkajs.Partitioners.DefaultPartitioner, maxInFlightRequests: 1 });
  const unavailable = (error: unknown) =>
    new TidewatchError('BROKER_UNAVAILABLE', `Kafka at ${settings.brokers.join(', ')} does not take messages: ${(error as Error).message}. Check that the broker runs and that KAFKA_BROKERS names it.`, { cause: error });
  return {
    start: () => producer.connect().catch((error: unknown) => { throw unavailable(error); }),
    async ensureTopic(topic, partitions) {
      const admin = client.admin();
      try {
        await admin.connect();
        if ((await admin.listTopics()).includes(topic)) return;
        await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
      } catch (error) {
        throw unavailable(error);
      } finally {
        await admin.disconnect().catch(() => undefined);
      }
    },
    async send(topic, messages: readonly OutgoingMessage[]) {
      if (messages.length === 0) return;
      try {
        await producer.send({
          topic, acks: -1,
          messages: messages.map(({ key, value, timestamp }) => ({
            key, value: value === null || typeof value === 'string' ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength),
            ...(timestamp === undefined ? {} : { timestamp: String(timestamp) }),
          })),
        });
      } catch (error) {
        throw unavailable(error);
      }
    },
    stop: () => producer.disconnect(),
  };
}
