export { startPostgres, type LocalPostgres, type LocalPostgresSettings } from './postgres.js';
export { startKafka, type LocalKafka, type LocalKafkaOptions } from './kafka.js';
export { kafkaRequirements, type KafkaRequirements } from './kafka-jars.js';
