/**
 * Every compression that producers of other languages use. The broker itself recompresses a topic whose compression.type
 * says so, with the codecs of the Java client: what we read here was written by those.
 */
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import kafkajs from 'kafkajs';
import { createKafkaConsumer } from '#consume-kafka';
import { consumerSettings, testBrokers } from '../../libs/testkit/kafka-stream.js';
import { StreamRecorder } from '../../libs/testkit/stream-recorder.js';
import { until } from '../../libs/testkit/until.js';

type Codec = { decompress(data: Buffer): Promise<Buffer> };
const { CompressionTypes } = kafkajs;
const CompressionCodecs = kafkajs.CompressionCodecs as Record<number, () => Codec>;

const MESSAGES = [
  ...Array.from({ length: 3_000 }, (_, at) => Buffer.from(JSON.stringify({ reviewId: at, text: `the same words over and over, number ${at} ünïcödé 🌊` }))),
  Buffer.alloc(0),
  randomBytes(300_000),
  Buffer.from('abcdefgh'.repeat(90_000)),
];

describe('compressed messages', () => {
  const client = new kafkajs.Kafka({ brokers: testBrokers(), logLevel: kafkajs.logLevel.NOTHING });
  const admin = client.admin();
  const producer = client.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  before(async () => {
    await admin.connect();
    await producer.connect();
  });
  after(async () => {
    await admin.disconnect();
    await producer.disconnect();
  });

  /** Sends with one compression, lets the broker store with another, reads by our consumer; resolves to how many batches were decompressed as `stored`. */
  async function roundTrip(sent: kafkajs.CompressionTypes, topicCompression: string, stored: kafkajs.CompressionTypes): Promise<number> {
    const topic = `codec-${topicCompression}-${randomBytes(4).toString('hex')}`;
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1, configEntries: [{ name: 'compression.type', value: topicCompression }] }] });
    const recorder = new StreamRecorder();
    const consumer = createKafkaConsumer(consumerSettings(`${topic}-group`, [topic]));
    const genuine = CompressionCodecs[stored]!;
    let decompressed = 0;
    CompressionCodecs[stored] = () => ({ ...genuine(), decompress: (data: Buffer) => { decompressed += 1; return genuine().decompress(data); } });
    try {
      for (let at = 0; at < MESSAGES.length; at += 1_000) await producer.send({ topic, compression: sent, messages: MESSAGES.slice(at, at + 1_000).map((value) => ({ key: 'k', value })) });
      await consumer.start(recorder);
      await until('all is taken', () => recorder.all().length >= MESSAGES.length, () => recorder.all().length);
    } finally {
      CompressionCodecs[stored] = genuine;
      await consumer.stop(Date.now() + 5_000);
    }
    recorder.all().forEach(({ value }, at) => assert.ok(MESSAGES[at]!.equals(value!), `message ${at}`));
    return decompressed;
  }

  for (const name of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
    it(`by Java's ${name} are read`, async () => {
      const type = { gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy, lz4: CompressionTypes.LZ4, zstd: CompressionTypes.ZSTD }[name];
      assert.ok((await roundTrip(CompressionTypes.None, name, type)) > 0);
    });
  }

  for (const [name, type] of [['snappy', CompressionTypes.Snappy], ['lz4', CompressionTypes.LZ4]] as const) {
    it(`by our ${name} are read by Java, which stores them anew, and by us`, async () => {
      assert.ok((await roundTrip(type, 'gzip', CompressionTypes.GZIP)) > 0);
      assert.ok((await roundTrip(type, 'producer', type)) > 0);
    });
  }
});
