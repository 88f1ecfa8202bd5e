/** Topics that are missing, made again, emptied by retention or made smaller: the worker says so and loses nothing it was given. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import kafkajs from 'kafkajs';
import type { OutgoingMessage, StreamProducer } from '#contracts';
import { compiledFile } from '#load-config';
import { createTestDatabase, dropTestDatabase } from '../../libs/testkit/index.js';
import { assertLeft, assertOnce, producerAt, REVIEW_WORKER, reviews, rows, scoredSoFar, untilSaid, workerEnvironment } from './support/bad-luck.js';
import { until } from './support/until.js';
import { WorkerProcess } from './support/worker-process.js';

const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';

describe('a review worker whose topic is not what it was', () => {
  const admin = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING }).admin();
  let producer: StreamProducer;
  let database: { name: string; url: string };
  let topic: string;
  let environment: Record<string, string>;
  let worker: WorkerProcess;
  let tests = 0;

  const start = (): WorkerProcess => (worker = new WorkerProcess(REVIEW_WORKER, environment));
  const makeAgain = async (partitions: number) => {
    await admin.deleteTopics({ topics: [topic] });
    await until('the topic to be gone', () => admin.listTopics(), (topics) => !topics.includes(topic), 20_000);
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
  };
  /** A producer of its own each time: one that knew the topic before would ask for partitions that are gone. */
  const send = async (from: number, to: number, also: readonly OutgoingMessage[] = []) => {
    const fresh = producerAt(brokers);
    await fresh.start();
    await fresh.send(topic, [...also, ...reviews(from, to)]);
    await fresh.stop();
  };
  const reset = (partition: number) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [compiledFile('apps/cli/main.js'), 'positions', 'reset', topic, '--partition', String(partition)], { env: { ...process.env, ...environment }, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return stdout;
  };

  const untilAt = async (offset: number, reader: WorkerProcess) => {
    await until(`position ${offset}`, async () => Number((await rows<{ at: string }>(database.url, 'select next_offset as at from tidewatch.stream_positions'))[0]?.at), (at) => at === offset, 30_000)
      .catch((error: unknown) => { throw new Error(`${String(error)}\n${reader.lastOutput}`); });
  };

  before(async () => {
    await admin.connect();
    producer = producerAt(brokers);
    await producer.start();
  });
  after(async () => {
    await producer.stop();
    await admin.disconnect();
  });
  beforeEach(async () => {
    database = await createTestDatabase();
    topic = `topic-${process.pid}-${Date.now()}-${tests++}`;
    environment = workerEnvironment(database.url, brokers, topic);
  });
  afterEach(async () => {
    await worker.stop();
    await dropTestDatabase(database.name);
  });

  it('waits for a topic that is missing, and says what to do', async () => {
    start();
    await untilSaid(worker, new RegExp(`Topic ${topic} is not at ${brokers}: expected it to exist. Create it, .* Waiting for it`));
    await producer.ensureTopic(topic, 2);
    await send(0, 300);
    await assertOnce(database.url, 300, worker);
  });

  it('leaves a topic that was made again to a person, and goes on after positions reset', async () => {
    await producer.ensureTopic(topic, 1);
    await send(0, 300, [{ key: null, value: 'old malformed' }]);
    await untilAt(301, start());
    await worker.stop();
    await makeAgain(1);
    await send(300, 400, [{ key: null, value: 'new malformed' }]);
    start();
    await assertLeft(worker, new RegExp(`The position of ${topic}/0 is 301, but the partition ends at 101: the topic was deleted and made again. Nothing was read. .*positions reset ${topic} --partition 0`));
    assert.equal(await scoredSoFar(database.url), 300);
    assert.match(reset(0), /position 301 is now 0/);
    // The same offsets a second time, and reviews of the same day: neither scores nor dead letters of old may be in the way.
    await untilAt(101, start());
    assert.equal(await scoredSoFar(database.url), 400);
    assert.deepEqual(await rows(database.url, `select topic like '%~%' as old, count(*)::int as n from tidewatch.reviews_scored group by 1 order by 1`), [{ old: false, n: 100 }, { old: true, n: 300 }]);
    assert.deepEqual(await rows(database.url, 'select payload from tidewatch.dead_letters order by noted_at'), [{ payload: 'old malformed' }, { payload: 'new malformed' }]);
    assert.deepEqual(await rows(database.url, 'select partition, from_offset, to_offset, reason from tidewatch.stream_gaps'), [{ partition: 0, from_offset: '301', to_offset: '0', reason: 'topic_recreated' }]);
  });

  it('notices a topic that is made again under its hands', async () => {
    await producer.ensureTopic(topic, 1);
    await send(0, 300);
    await untilAt(300, start());
    await makeAgain(1);
    await send(300, 400);
    await assertLeft(worker, new RegExp(`The position of ${topic}/0 is 300, but the partition ends at 100: .*positions reset ${topic} --partition 0`));
    reset(0);
    await untilAt(100, start());
    assert.equal(await scoredSoFar(database.url), 400);
  });

  it('records the offsets that retention removed, and scores the rest', async () => {
    await producer.ensureTopic(topic, 1);
    await send(0, 100);
    await assertOnce(database.url, 100, start());
    await worker.stop();
    await send(100, 300);
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '180' }] });
    await assertOnce(database.url, 220, start());
    assert.match(worker.lastOutput, new RegExp(`offsets 100 to 179 of ${topic}/0 are gone: .*Recorded in tidewatch.stream_gaps; lengthen retention.ms or add workers`));
    assert.deepEqual(await rows(database.url, 'select partition, from_offset, to_offset, missing, reason from tidewatch.stream_gaps'), [{ partition: 0, from_offset: '100', to_offset: '180', missing: '80', reason: 'retention' }]);
    assert.deepEqual(await rows(database.url, 'select next_offset from tidewatch.stream_positions'), [{ next_offset: '300' }]);
  });

  it('stops at a topic with fewer partitions than positions, and goes on once the positions are reset', async () => {
    await producer.ensureTopic(topic, 3);
    await send(0, 300);
    await assertOnce(database.url, 300, start());
    await worker.stop();
    await makeAgain(1);
    await send(300, 1_300);
    start();
    await assertLeft(worker, new RegExp(`${topic} has 1 partitions, but positions are stored for 3: expected partition 1, 2 too. .*Nothing was read. .*positions reset ${topic} --partition 1`));
    assert.equal(await scoredSoFar(database.url), 300);
    assert.match(reset(2), /forgotten/);
    assert.match(reset(1), /forgotten/);
    assert.match(reset(0), /is now 0/);
    start();
    await until('the new messages to be scored', () => scoredSoFar(database.url), (scored) => scored >= 1_300, 60_000);
    assert.deepEqual(await rows(database.url, 'select partition, next_offset from tidewatch.stream_positions'), [{ partition: 0, next_offset: '1000' }]);
    assert.equal(await scoredSoFar(database.url), 1_300);
  });
});
