/** Kafka through our ports, against a real broker. */
import { streamConformance } from '../../libs/testkit/stream-conformance.js';
import { kafkaStream } from '../../libs/testkit/kafka-stream.js';

streamConformance('Kafka', kafkaStream);
