/** A stream in topics of its own, consumed by both workers on real parts into a database of its own. */
import { Client } from 'pg';
import { createKafkaProducer } from '#consume-kafka';
import { createTestDatabase, dropTestDatabase } from '../../../libs/testkit/index.js';
import type { TestStream } from './messages.js';
import { until } from './until.js';
import { WorkerProcess } from './worker-process.js';

const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';
const PATIENCE_MS = 90_000;

export interface Run {
  readonly client: Client;
  close(): Promise<void>;
}

/** @param name of the topics, made unique here; @param settings of the workers beside where their parts are */
export async function consumeAll(name: string, stream: TestStream, partitions: number, settings: Readonly<Record<string, string>>): Promise<Run> {
  const mark = `${process.pid}-${Date.now()}`;
  const topics = { reviews: `${name}-reviews-${mark}`, quotes: `${name}-quotes-${mark}` };
  const producer = createKafkaProducer({ brokers: brokers.split(','), tls: false, sasl: null, clientId: 'flow-test' });
  await producer.start();
  for (const kind of ['reviews', 'quotes'] as const) {
    await producer.ensureTopic(topics[kind], partitions);
    await producer.send(topics[kind], stream[kind]);
  }
  await producer.stop();
  const database = await createTestDatabase();
  const environment = { DATABASE_URL: database.url, KAFKA_BROKERS: brokers, KAFKA_GROUP_PREFIX: `${name}-${mark}`, REVIEWS_TOPIC: topics.reviews, QUOTES_TOPIC: topics.quotes, ENCODER_THREADS: '1', ...settings };
  const workers = ['apps/review-worker/main.js', 'apps/quote-worker/main.js'].map((entry) => new WorkerProcess(entry, environment));
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    await Promise.all(workers.map((worker) => worker.ready));
    const total = stream.reviews.length + stream.quotes.length;
    await until('all messages to be consumed', async () => Number((await client.query<{ sum: string }>('select coalesce(sum(next_offset), 0)::text as sum from tidewatch.stream_positions')).rows[0]!.sum), (sum) => sum >= total, PATIENCE_MS);
  } catch (error) {
    throw new Error(`${String(error)}\n${workers.map((worker) => worker.lastOutput).join('\n')}`);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
  return { client, close: async () => { await client.end(); await dropTestDatabase(database.name); } };
}
