export { createFileConsumer, type FileConsumerSettings } from './consumer.js';
export { createFileProducer, type FileProducerSettings } from './producer.js';
export { partitionOfKey } from './partitioner.js';
