/** The test broker through our ports, with a short session timeout, for the conformance suite and the tests beside it. */
import kafkajs from 'kafkajs';
import { createKafkaConsumer, createKafkaProducer, type KafkaConsumerSettings } from '#consume-kafka';
import type { StreamUnderTest } from './stream-conformance.js';

export const SESSION_TIMEOUT_MS = 3_000;

/** Addresses of the broker that the test runner started. */
export function testBrokers(): string[] {
  const brokers = process.env['TEST_KAFKA_BROKERS'];
  if (brokers === undefined) throw new Error('TEST_KAFKA_BROKERS is not set: run this file by "node test/run-tests.mjs all test/kafka".');
  return brokers.split(',');
}

export const clientSettings = (brokers = testBrokers()) => ({ brokers, tls: false, sasl: null, clientId: 'tidewatch-test' });

export const consumerSettings = (groupId: string, topics: readonly string[], more: Partial<KafkaConsumerSettings> = {}): KafkaConsumerSettings =>
  ({ ...clientSettings(), groupId, topics, onNotice: () => undefined, sessionTimeoutMs: SESSION_TIMEOUT_MS, ...more });

export async function kafkaStream(): Promise<StreamUnderTest> {
  const admin = new kafkajs.Kafka({ brokers: testBrokers(), logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  return {
    producer: () => createKafkaProducer(clientSettings()),
    consumer: ({ group, topics, fetchBytes, onNotice }) =>
      createKafkaConsumer(consumerSettings(group, topics, { ...(fetchBytes === undefined ? {} : { fetchBytes }), ...(onNotice === undefined ? {} : { onNotice }) })),
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
    retain: async (topic) => {
      await admin.fetchTopicMetadata({ topics: [topic] });
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '437' }] });
      return 437n;
    },
    close: () => admin.disconnect(),
  };
}
