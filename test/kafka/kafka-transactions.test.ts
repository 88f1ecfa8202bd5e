/** Behind a transactional producer the log holds markers and aborted messages too: the position goes over them, so that nothing waits when nothing is left to read. */
import { after, afterEach, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import kafkajs from 'kafkajs';
import { createKafkaConsumer } from '#consume-kafka';
import type { StreamConsumer } from '#contracts';
import { consumerSettings, testBrokers } from '../../libs/testkit/kafka-stream.js';
import { StreamRecorder } from '../../libs/testkit/stream-recorder.js';
import { until } from '../../libs/testkit/until.js';
import { ProgressWatch } from '../../apps/stream-worker/progress-watch.js';

const STALL_MS = 60_000;
const BIG = 'x'.repeat(400);

describe('a transactional producer', () => {
  const client = new kafkajs.Kafka({ brokers: testBrokers(), logLevel: kafkajs.logLevel.NOTHING });
  const admin = client.admin();
  let producer: kafkajs.Producer;
  let topic = '';
  const running: StreamConsumer[] = [];

  before(async () => {
    await admin.connect();
  });
  after(() => admin.disconnect());
  afterEach(async () => {
    await Promise.all(running.splice(0).map((consumer) => consumer.stop(Date.now() + 5_000)));
    await producer.disconnect();
  });

  async function begin(): Promise<void> {
    topic = `transactions-${randomBytes(4).toString('hex')}`;
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1 }] });
    producer = client.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
  }
  async function transaction(values: readonly string[], end: 'commit' | 'abort'): Promise<void> {
    const open = await producer.transaction();
    await open.send({ topic, messages: values.map((value) => ({ key: 'k', value })) });
    await open[end]();
  }
  async function consume(recorder: StreamRecorder, fetchBytes?: number): Promise<void> {
    const consumer = createKafkaConsumer(consumerSettings(`${topic}-group`, [topic], fetchBytes === undefined ? {} : { fetchBytes }));
    running.push(consumer);
    await consumer.start(recorder);
  }
  /** Until the position is `end`, and that is where the partition ends: a marker is written after the transaction was told to be over. */
  const reaches = (recorder: StreamRecorder, end: bigint) =>
    until('the position is the end of the partition', async () => recorder.positions.get(`${topic}/0`) === end && BigInt((await admin.fetchTopicOffsets(topic))[0]!.high) === end, () => [String(recorder.positions.get(`${topic}/0`)), String(end)]);

  it('leaves the position at the very end, behind the marker of a commit and behind an aborted transaction', async () => {
    await begin();
    const recorder = new StreamRecorder();
    await consume(recorder);
    await transaction(['a', 'b'], 'commit');
    await reaches(recorder, 3n);
    await transaction(['not', 'this'], 'abort');
    await reaches(recorder, 6n);
    await transaction(['c'], 'commit');
    await reaches(recorder, 8n);
    assert.deepEqual(recorder.texts(), ['a', 'b', 'c']);
  });

  it('does so where the marker comes with a fetch of its own', async () => {
    await begin();
    for (let n = 0; n < 6; n += 1) await transaction([`${n}${BIG}`], n % 3 === 2 ? 'abort' : 'commit');
    const recorder = new StreamRecorder();
    await consume(recorder, 300);
    await reaches(recorder, 12n);
    assert.deepEqual(recorder.texts().map((text) => text[0]), ['0', '1', '3', '4']);
    assert.ok(recorder.batches.some(({ messages }) => messages.length === 0), 'a fetch without a message');
  });

  it('leaves nothing waiting, so that an idle worker is not taken for a stalled one, after a restart too', async () => {
    await begin();
    await transaction(['a'], 'commit');
    const watch = new ProgressWatch(STALL_MS, 0);
    const watched = (positions: Map<string, bigint>) => {
      const recorder = new StreamRecorder(positions);
      const take = recorder.batch.bind(recorder);
      recorder.batch = (batch, signal) => watch.handing(batch, async () => {
        const verdict = await take(batch, signal);
        if (verdict.kind === 'advance') watch.committed({ lease: { topic, partition: 0, epoch: 1n, nextOffset: batch.begin }, nextOffset: verdict.next, highWatermark: batch.highWatermark, reviews: [], quotes: [] } as never, 0);
        return verdict;
      });
      return recorder;
    };
    const positions = new Map<string, bigint>();
    const first = watched(positions);
    await consume(first);
    await reaches(first, 2n);
    assert.deepEqual([watch.lag(), watch.verdict(STALL_MS + 1)], [0n, null]);
    await running.pop()!.stop(Date.now() + 5_000);
    // another worker had committed up to the marker, and no further
    positions.set(`${topic}/0`, 1n);
    await consume(watched(positions));
    await transaction(['b'], 'commit');
    await reaches(first, 4n);
    assert.equal(watch.lag(), 0n);
  });
});
