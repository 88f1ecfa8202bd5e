export { createKafkaConsumer, type KafkaConsumerSettings } from './consumer.js';
export { createKafkaProducer } from './producer.js';
export type { KafkaClientSettings, KafkaNotice } from './settings.js';
