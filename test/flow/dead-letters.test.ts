/**
 * A rejected message on its whole way: table, `<topic>.dead-letter`, `tidewatch replay`, and either a score or a second dead
 * letter. The review that succeeds was sent with its producer's clock three days behind, so that it lay in the far future.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'node:test';
import { Client } from 'pg';
import type { StreamProducer } from '#contracts';
import { createKafkaConsumer, createKafkaProducer } from '#consume-kafka';
import { compiledFile, projectRoot } from '#load-config';
import { createTestDatabase, dropTestDatabase } from '../../libs/testkit/index.js';
import { until } from './support/until.js';
import { WorkerProcess } from './support/worker-process.js';

const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';
const mark = `${process.pid}-${Date.now()}`;
const topic = `dead-reviews-${mark}`;
const DAY = 86_400_000;
const review = { reviewId: 'r1', productId: 'kettle', text: 'stopped working after two days', reviewedAt: new Date(Date.now() - 3_600_000).toISOString() };

describe('a rejected message', () => {
  const kafka = { brokers: brokers.split(','), tls: false, sasl: null, clientId: 'dead-letter-test' };
  let database: { name: string; url: string };
  let client: Client;
  let producer: StreamProducer;
  let environment: Record<string, string>;
  let processes: WorkerProcess[];

  before(async () => {
    producer = createKafkaProducer(kafka);
    await producer.start();
    for (const name of [topic, `${topic}.dead-letter`]) await producer.ensureTopic(name, 1);
    database = await createTestDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
    environment = { DATABASE_URL: database.url, KAFKA_BROKERS: brokers, KAFKA_GROUP_PREFIX: `dead-${mark}`, REVIEWS_TOPIC: topic, ENCODER_THREADS: '1' };
    processes = ['apps/review-worker/main.js', 'apps/scheduler/main.js'].map((entry) => new WorkerProcess(entry, environment));
    await Promise.all(processes.map((each) => each.ready));
    await producer.send(topic, [
      { key: 'kettle', value: JSON.stringify(review), timestamp: Date.now() - 3 * DAY },
      { key: Buffer.of(0xff, 0xfe), value: '{"reviewId":' },
      { key: 'kettle', value: null },
    ]);
  });

  after(async () => {
    await Promise.all(processes.map((each) => each.stop()));
    await producer.stop();
    await client.end();
    await dropTestDatabase(database.name);
  });

  const rows = async (query: string) => (await client.query<Record<string, unknown>>(query)).rows;
  const letters = () => rows(`select "offset"::int as "offset", code, replayed_at is not null as replayed, published_at is not null as published from internal.dead_letter order by 1`);
  const allPublished = (count: number) => until(`${count} published dead letters`, letters, (seen) => seen.length === count && seen.every((letter) => letter['published'] === true), 60_000);

  it('lies in the table and, whole, in the topic of dead letters', async () => {
    const seen = await allPublished(3);
    assert.deepEqual(seen.map((letter) => letter['code']), ['far_future', 'invalid_json', 'tombstone']);
    const got: { key: Buffer | null; value: Record<string, unknown> }[] = [];
    const consumer = createKafkaConsumer({ ...kafka, groupId: `dead-look-${mark}`, topics: [`${topic}.dead-letter`], onNotice: () => undefined });
    await consumer.start({
      assigned: () => undefined,
      revoked: () => undefined,
      batch: async ({ messages }) => {
        for (const { key, value } of messages) got.push({ key: key === null ? null : Buffer.from(key), value: JSON.parse(Buffer.from(value!).toString()) as Record<string, unknown> });
        return { kind: 'advance', next: messages.at(-1)!.offset + 1n };
      },
    });
    try {
      await until('three messages in the dead-letter topic', async () => got.length, (count) => count >= 3, 30_000);
    } finally {
      await consumer.stop(Date.now() + 5_000);
    }
    assert.deepEqual(got.map(({ value }) => value['offset']), ['0', '1', '2']);
    assert.equal(got[0]!.value['payload'], JSON.stringify(review));
    assert.deepEqual(got[1]!.key, Buffer.of(0xff, 0xfe));
  });

  it('is scored after its replay when the cause is gone, and is rejected again when it is not', async () => {
    assert.deepEqual(await rows('select review_id from tidewatch.reviews_scored'), []);
    const replay = async () => JSON.parse((await promisify(execFile)(process.execPath, [compiledFile('apps/cli/main.js'), 'replay', '--dead-letters', '--topic', topic, '--json'], { cwd: projectRoot(), env: { ...process.env, ...environment } })).stdout) as unknown;
    assert.deepEqual(await replay(), { replayed: 2, tombstones: 1, refused: 0, left: 0, stopped: false });
    const seen = await allPublished(4);
    assert.deepEqual(seen.map(({ offset, code, replayed }) => [offset, code, replayed]), [[0, 'far_future', true], [1, 'invalid_json', true], [2, 'tombstone', false], [4, 'invalid_json', false]]);
    const scored = await until('the replayed review to be scored', () => rows('select review_id, product_id, text, "offset"::int as "offset" from tidewatch.reviews_scored'), (found) => found.length > 0, 30_000);
    assert.deepEqual(scored, [{ review_id: 'r1', product_id: 'kettle', text: review.text, offset: 3 }]);
  });
});
