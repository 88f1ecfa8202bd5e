/** What only a broker has: a group whose members share partitions and take them over from each other. */
import { after, afterEach, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import kafkajs from 'kafkajs';
import { createKafkaConsumer, createKafkaProducer } from '#consume-kafka';
import type { BatchVerdict, StreamConsumer } from '#contracts';
import { clientSettings, consumerSettings, testBrokers } from '../../libs/testkit/kafka-stream.js';
import { StreamRecorder } from '../../libs/testkit/stream-recorder.js';
import { until } from '../../libs/testkit/until.js';

const PARTITIONS = 4;
const soon = () => Date.now() + 5_000;

describe('a Kafka group', () => {
  const producer = createKafkaProducer(clientSettings());
  const admin = new kafkajs.Kafka({ brokers: testBrokers(), logLevel: kafkajs.logLevel.NOTHING }).admin();
  const running: StreamConsumer[] = [];
  let topic = '';
  const notices: string[] = [];

  before(async () => {
    await producer.start();
    await admin.connect();
  });
  after(async () => {
    await producer.stop();
    await admin.disconnect();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((consumer) => consumer.stop(soon())));
    notices.length = 0;
  });

  async function newTopic(): Promise<void> {
    topic = `groups-${randomBytes(4).toString('hex')}`;
    await producer.ensureTopic(topic, PARTITIONS);
  }
  async function join(recorder: StreamRecorder): Promise<StreamConsumer> {
    const consumer = createKafkaConsumer(consumerSettings(`${topic}-group`, [topic], { onNotice: (level, message) => notices.push(`${level}: ${message}`) }));
    running.push(consumer);
    await consumer.start(recorder);
    return consumer;
  }
  const send = (count: number) => producer.send(topic, Array.from({ length: count }, (_, at) => ({ key: `key-${at}`, value: `${at}` })));
  const held = (recorder: StreamRecorder) => (recorder.assignments.at(-1) ?? []).map(({ partition }) => partition);
  const shared = (...members: StreamRecorder[]) => {
    const all = members.flatMap(held);
    return all.length === PARTITIONS && new Set(all).size === PARTITIONS && members.every((member) => held(member).length > 0);
  };

  it('shares its partitions between two members, announces every one held after each join, and takes each message once', async () => {
    await newTopic();
    const positions = new Map<string, bigint>();
    const first = new StreamRecorder(positions);
    await join(first);
    await until('the first member holds all', () => held(first).length === PARTITIONS, () => held(first));
    const second = new StreamRecorder(positions);
    const leaving = await join(second);
    await until('both share', () => shared(first, second), () => [held(first), held(second)].map(String));
    assert.deepEqual(first.revocations.flat().map(({ partition }) => partition).sort(), held(second).sort());
    assert.ok(first.assignments.length >= 2 && held(first).length === PARTITIONS / 2, 'those kept are announced again');
    await send(400);
    await until('all is taken', () => first.all().length + second.all().length === 400, () => [first.all().length, second.all().length]);
    assert.ok(first.all().length > 0 && second.all().length > 0);
    await leaving.stop(soon());
    await until('the first member holds all again', () => held(first).length === PARTITIONS, () => held(first));
    await send(400);
    await until('all is taken', () => first.all().length + second.all().length === 800, () => [first.all().length, second.all().length]);
    assert.deepEqual(notices.filter((notice) => notice.startsWith('error')), [], 'a rebalance is no error');
  });

  it('rebalances without waiting for a long batch: that batch is told, and what it says no longer counts', async () => {
    await newTopic();
    await send(40);
    const told: boolean[] = [];
    let joined = false;
    const first = new StreamRecorder(new Map(), async (_batch, signal) => {
      await until('the batch is told or a second member is there', () => signal.aborted || joined);
      told.push(signal.aborted);
      return signal.aborted ? { kind: 'leave' } : null;
    });
    await join(first);
    await until('batches are in flight', () => first.batches.length === PARTITIONS, () => first.batches.length);
    const second = new StreamRecorder(first.positions);
    await join(second);
    await until('both share', () => shared(first, second), () => [held(first), held(second)].map(String));
    joined = true;
    await until('all is taken', () => first.all().length + second.all().length === 40, () => [first.all().length, second.all().length]);
    assert.deepEqual(told.slice(0, PARTITIONS), Array(PARTITIONS).fill(true));
    assert.equal(first.mostInFlightOfOne, 1);
  });

  it('takes over what a left partition still held when a member joins anew', async () => {
    await newTopic();
    await send(40);
    const first: StreamRecorder = new StreamRecorder(new Map(), async (): Promise<BatchVerdict | null> => (first.assignments.length === 1 ? { kind: 'leave' } : null));
    await join(first);
    await until('all partitions were left', () => first.batches.length === PARTITIONS, () => first.batches.length);
    const second = new StreamRecorder(first.positions);
    await join(second);
    await until('all is taken', () => first.all().length + second.all().length === 40, () => [first.all().length, second.all().length]);
  });

  it('shows its position to lag tools', async () => {
    await newTopic();
    const recorder = new StreamRecorder();
    await join(recorder);
    await send(100);
    await until('all is taken', () => recorder.all().length === 100, () => recorder.all().length);
    const reported = async () => {
      const [offsets] = await admin.fetchOffsets({ groupId: `${topic}-group`, topics: [topic] });
      return offsets!.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
    };
    await until('the broker knows the position', async () => (await reported()) === 100);
  });

  it('spreads keys over partitions as the file log does', async () => {
    await newTopic();
    const { partitionOfKey } = await import('#consume-files');
    const recorder = new StreamRecorder();
    await join(recorder);
    const keys = [...Array.from({ length: 200 }, (_, at) => `product-${at}`), 'ünïcödé', '🌊', '', 'x'.repeat(99)];
    await producer.send(topic, keys.map((key) => ({ key, value: key })));
    await until('all is taken', () => recorder.all().length === keys.length, () => recorder.all().length);
    for (const { value, partition } of recorder.all()) assert.equal(partition, partitionOfKey(Buffer.from(value!).toString('utf8'), PARTITIONS));
  });

  it('refuses a message that the broker takes as too large, and says which setting', async () => {
    await newTopic();
    await assert.rejects(producer.send(topic, [{ key: 'k', value: Buffer.alloc(6_000_000) }]), { code: 'SETTING_INVALID', message: /message\.max\.bytes/ });
    await send(10);
  });

  it('cuts a large send into requests that a broker with default settings takes, in order', async () => {
    await newTopic();
    await admin.alterConfigs({ validateOnly: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name: 'max.message.bytes', value: '1048588' }] }] });
    await producer.send(topic, Array.from({ length: 500 }, (_, at) => ({ key: 'one', value: `${at}`.padEnd(10_000) })));
    const recorder = new StreamRecorder();
    await join(recorder);
    await until('all is taken', () => recorder.all().length === 500, () => recorder.all().length);
    assert.deepEqual(recorder.texts().map(Number), Array.from({ length: 500 }, (_, at) => at));
  });
});
