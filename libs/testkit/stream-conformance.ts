/**
 * What every implementation of StreamConsumer and StreamProducer promises, as one suite that runs over the real broker
 * and over local files alike: whatever passes here may carry Tidewatch's streams.
 */
import { after, afterEach, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { BatchVerdict, OutgoingMessage, StreamConsumer, StreamMessage, StreamProducer } from '#contracts';
import { StreamRecorder } from './stream-recorder.js';
import { until } from './until.js';

export type Notices = (level: string, message: string) => void;

export interface StreamUnderTest {
  producer(): StreamProducer;
  consumer(options: { group: string; topics: readonly string[]; fetchBytes?: number; onNotice?: Notices }): StreamConsumer;
  /** A member silent for this long would lose its partitions; null where there is no such rule. */
  readonly sessionTimeoutMs: number | null;
  /** Makes retention remove some of the oldest messages of partition 0, which holds many; resolves to the oldest that is left. */
  retain(topic: string): Promise<bigint>;
  close(): Promise<void>;
}

const PARTITIONS = 4;
const soon = () => Date.now() + 5_000;
const asText = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('utf8'));
const numbered = (count: number, key: (at: number) => string | null = (at) => `key-${at % 17}`, size = 0): OutgoingMessage[] =>
  Array.from({ length: count }, (_, at) => ({ key: key(at), value: `${at}`.padEnd(size, ' '), timestamp: 1_700_000_000_000 + at }));

export function streamConformance(name: string, open: () => Promise<StreamUnderTest>): void {
  describe(`${name} as a stream`, () => {
    let stream: StreamUnderTest;
    let producer: StreamProducer;
    let topic = '';
    let group = '';
    const running: StreamConsumer[] = [];

    before(async () => {
      stream = await open();
      producer = stream.producer();
      await producer.start();
    });
    after(async () => {
      await producer?.stop();
      await stream?.close();
    });
    afterEach(async () => {
      await Promise.all(running.splice(0).map((consumer) => consumer.stop(soon())));
    });

    async function newTopic(partitions = PARTITIONS): Promise<void> {
      const tag = randomBytes(4).toString('hex');
      topic = `conformance-${tag}`;
      group = `group-${tag}`;
      await producer.ensureTopic(topic, partitions);
    }
    async function consume(recorder: StreamRecorder, options: { fetchBytes?: number } = {}): Promise<StreamConsumer> {
      const consumer = stream.consumer({ group, topics: [topic], ...options });
      running.push(consumer);
      await consumer.start(recorder);
      return consumer;
    }
    const untilTaken = (recorder: StreamRecorder, count: number) => until(`${count} messages are taken`, () => recorder.all().length >= count, () => recorder.all().length);

    it('delivers each partition in order, without a hole, with keys, values and times as they were sent', async () => {
      await newTopic();
      const sent = numbered(2_000);
      for (let at = 0; at < sent.length; at += 500) await producer.send(topic, sent.slice(at, at + 500));
      const recorder = new StreamRecorder();
      await consume(recorder);
      await untilTaken(recorder, sent.length);
      assert.ok(recorder.taken.size > 1, 'several partitions');
      for (const messages of recorder.taken.values()) {
        messages.forEach(({ offset }, at) => assert.equal(offset, BigInt(at)));
        const numbers = messages.map(({ value }) => Number(asText(value)));
        assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
      }
      const byNumber = recorder.all().sort((a, b) => a.timestamp - b.timestamp);
      assert.deepEqual(byNumber.map((m) => ({ key: asText(m.key), value: asText(m.value), timestamp: m.timestamp })), sent);
      const homes = new Map<string, Set<number>>();
      for (const { key, partition } of recorder.all()) homes.set(asText(key)!, (homes.get(asText(key)!) ?? new Set()).add(partition));
      assert.ok([...homes.values()].every((partitions) => partitions.size === 1), 'a key has one partition');
      for (const batch of recorder.batches) assert.ok(batch.highWatermark > batch.messages.at(-1)!.offset);
    });

    it('carries absent, empty, 1 MB and arbitrary bytes unharmed', async () => {
      await newTopic(1);
      const large = randomBytes(1_000_000);
      const odd = Buffer.from([0xff, 0x00, 0xc3, 0x28]);
      await producer.send(topic, [{ key: null, value: 'no key' }, { key: 'tombstone', value: null }, { key: '', value: '' }, { key: 'large', value: large }, { key: 'ünï🌊', value: odd }]);
      const recorder = new StreamRecorder();
      await consume(recorder, { fetchBytes: 64 * 1024 });
      await untilTaken(recorder, 5);
      const [noKey, tombstone, empty, big, bytes] = recorder.all() as [StreamMessage, StreamMessage, StreamMessage, StreamMessage, StreamMessage];
      assert.equal(noKey.key, null);
      assert.equal(tombstone.value, null);
      assert.deepEqual([empty.key?.length, empty.value?.length], [0, 0]);
      assert.ok(large.equals(big.value!));
      assert.equal(asText(bytes.key), 'ünï🌊');
      assert.ok(odd.equals(bytes.value!));
      assert.ok(Math.abs(noKey.timestamp - Date.now()) < 60_000, 'the clock of the producer or broker');
    });

    it('carries keys that are no text, each with one partition, the one of the same key given as text', async () => {
      await newTopic();
      const keys = [Buffer.from([0xff, 0xfe, 0x00]), Uint8Array.of(0x80), 'kettle', new TextEncoder().encode('kettle'), Buffer.from([0xff, 0xfe, 0x00])];
      for (const key of keys) await producer.send(topic, [{ key, value: 'x' }]);
      const recorder = new StreamRecorder();
      await consume(recorder);
      await untilTaken(recorder, keys.length);
      const homes = new Map<string, number[]>();
      for (const { key, partition } of recorder.all()) homes.set(Buffer.from(key!).toString('hex'), [...(homes.get(Buffer.from(key!).toString('hex')) ?? []), partition]);
      assert.deepEqual([...homes.keys()].sort(), ['6b6574746c65', '80', 'fffe00']);
      for (const [key, partitions] of homes) assert.deepEqual([partitions.length, new Set(partitions).size], [key === '80' ? 1 : 2, 1]);
    });

    it('spreads messages without a key over the partitions', async () => {
      await newTopic();
      for (let at = 0; at < 40; at += 1) await producer.send(topic, numbered(1, () => null));
      const recorder = new StreamRecorder();
      await consume(recorder);
      await untilTaken(recorder, 40);
      assert.equal(recorder.taken.size, PARTITIONS);
    });

    it('gives one batch at a time per partition, other partitions beside it', async () => {
      await newTopic();
      await producer.send(topic, numbered(400));
      let release = (): void => undefined;
      const gate = new Promise<void>((done) => { release = done; });
      let heldPartition: number | null = null;
      const recorder = new StreamRecorder(new Map(), async (batch) => {
        heldPartition ??= batch.partition;
        if (batch.partition === heldPartition) await gate;
        return null;
      });
      await consume(recorder);
      await until('the other partitions are taken', () => recorder.taken.size === PARTITIONS - 1, () => recorder.taken.size);
      const others = () => [...recorder.taken].reduce((sum, [key, messages]) => sum + (key.endsWith(`/${heldPartition}`) ? 0 : messages.length), 0);
      const before = others();
      await producer.send(topic, numbered(400));
      await until('the other partitions go on', () => others() >= before * 2, others);
      release();
      await untilTaken(recorder, 800);
      assert.equal(recorder.mostInFlightOfOne, 1);
    });

    it('keeps batches near the size asked for', async () => {
      await newTopic(1);
      for (let at = 0; at < 20; at += 1) await producer.send(topic, numbered(10, () => 'k', 5_000));
      const recorder = new StreamRecorder();
      await consume(recorder, { fetchBytes: 100_000 });
      await untilTaken(recorder, 200);
      assert.ok(recorder.batches.length >= 8, String(recorder.batches.length));
    });

    it('fetches again from where a seek says, back and ahead', async () => {
      await newTopic(1);
      await producer.send(topic, numbered(100, () => 'k'));
      const seen: [bigint, bigint][] = [];
      const steps = [10n, 90n, 0n];
      const recorder = new StreamRecorder(new Map(), async (batch): Promise<BatchVerdict | null> => {
        seen.push([batch.messages[0]!.offset, batch.messages.at(-1)!.offset]);
        const to = steps.shift();
        return to === undefined ? null : { kind: 'seek', to };
      });
      await consume(recorder);
      await untilTaken(recorder, 100);
      assert.ok(seen[1]![0] <= 10n && seen[1]![1] >= 10n, `asked for 10, got ${seen[1]!.join()}`);
      assert.ok(seen[2]![0] <= 90n && seen[2]![1] >= 90n, `asked for 90, got ${seen[2]!.join()}`);
      assert.deepEqual(recorder.all().map(({ offset }) => offset), Array.from({ length: 100 }, (_, at) => BigInt(at)));
    });

    it('leads a seek behind the end to the oldest message, with the end said', async () => {
      await newTopic(1);
      await producer.send(topic, numbered(5, () => 'k'));
      let asked = false;
      const recorder = new StreamRecorder(new Map(), async (): Promise<BatchVerdict | null> => {
        if (asked) return null;
        asked = true;
        return { kind: 'seek', to: 1_000n };
      });
      await consume(recorder);
      await untilTaken(recorder, 5);
      assert.equal(recorder.batches.at(-1)!.messages[0]!.offset, 0n);
      assert.equal(recorder.batches.at(-1)!.highWatermark, 5n);
    });

    it('says which offsets are left when retention removed those that a seek asks for', async () => {
      await newTopic(1);
      for (let at = 0; at < 10; at += 1) await producer.send(topic, numbered(100, () => 'k', 200));
      const low = await stream.retain(topic);
      assert.ok(low > 0n && low < 1_000n, String(low));
      const asking = stream.consumer({ group: `${group}-asks`, topics: [topic] });
      running.push(asking);
      const [range] = await asking.ranges(topic);
      assert.deepEqual([range!.low, range!.high], [low, 1_000n]);
      let asked = false;
      const recorder = new StreamRecorder(new Map(), async (): Promise<BatchVerdict | null> => {
        if (asked) return null;
        asked = true;
        return { kind: 'seek', to: 3n };
      });
      await consume(recorder);
      await untilTaken(recorder, Number(1_000n - low));
      const answer = recorder.batches[1]!;
      assert.deepEqual([answer.messages[0]!.offset, answer.lowWatermark], [low, low]);
    });

    it('gives nothing more of a partition that was left, while the others go on', async () => {
      await newTopic();
      await producer.send(topic, numbered(200));
      let left: number | null = null;
      const recorder = new StreamRecorder(new Map(), async (batch): Promise<BatchVerdict | null> => {
        left ??= batch.partition;
        return batch.partition === left ? { kind: 'leave' } : null;
      });
      await consume(recorder);
      await until('the others are taken', () => recorder.taken.size === PARTITIONS - 1, () => recorder.taken.size);
      const before = recorder.all().length;
      await producer.send(topic, numbered(200));
      await until('the others go on', () => recorder.all().length >= before * 2, () => recorder.all().length);
      assert.equal(recorder.batches.filter(({ partition }) => partition === left).length, 1);
    });

    it('assigns a fenced partition again, and gives its messages again, since nobody else was given it', async () => {
      await newTopic();
      await producer.send(topic, numbered(200));
      let fenced: number | null = null;
      let times = 0;
      const recorder = new StreamRecorder(new Map(), async (batch): Promise<BatchVerdict | null> => {
        fenced ??= batch.partition;
        if (batch.partition !== fenced || times === 2) return null;
        times += 1;
        return { kind: 'fenced' };
      });
      await consume(recorder);
      await until('all is taken', () => recorder.all().length === 200, () => recorder.all().length);
      assert.deepEqual(recorder.assignments.slice(-2), [[{ topic, partition: fenced! }], [{ topic, partition: fenced! }]]);
    });

    it('finishes the batch in flight when stopped in time, then gives none', async () => {
      await newTopic(1);
      await producer.send(topic, numbered(50, () => 'k'));
      let finish = (): void => undefined;
      const gate = new Promise<void>((done) => { finish = done; });
      let aborted = false;
      const recorder = new StreamRecorder(new Map(), async (_batch, signal) => {
        await gate;
        aborted = signal.aborted;
        return null;
      });
      const consumer = await consume(recorder);
      await until('a batch is in flight', () => recorder.batches.length === 1);
      const stopped = consumer.stop(soon());
      assert.equal(consumer.stop(soon()), stopped, 'stopping twice is stopping once');
      finish();
      await stopped;
      assert.equal(aborted, false);
      const taken = recorder.all().length;
      assert.ok(taken > 0);
      await producer.send(topic, numbered(50, () => 'k'));
      const witness = new StreamRecorder();
      group = `${group}-witness`;
      await consume(witness);
      await untilTaken(witness, 100);
      assert.equal(recorder.all().length, taken);
    });

    it('tells a batch that outlasts the deadline to give up, and returns in time', async () => {
      await newTopic(1);
      await producer.send(topic, numbered(5, () => 'k'));
      let told = false;
      const recorder = new StreamRecorder(new Map(), (_batch, signal) => new Promise((done) => {
        signal.addEventListener('abort', () => {
          told = true;
          done({ kind: 'leave' });
        });
      }));
      const consumer = await consume(recorder);
      await until('a batch is in flight', () => recorder.batches.length === 1);
      const began = Date.now();
      await consumer.stop(began + 300);
      assert.ok(told);
      assert.ok(Date.now() - began < 2_000, `${Date.now() - began} ms`);
    });

    it('lets the next consumer of the group go on, each message taken once', async () => {
      await newTopic();
      const positions = new Map<string, bigint>();
      await producer.send(topic, numbered(300));
      const first = new StreamRecorder(positions);
      const consumer = await consume(first, { fetchBytes: 2_000 });
      await until('something is taken', () => first.all().length > 0);
      await consumer.stop(soon());
      await producer.send(topic, numbered(300));
      const second = new StreamRecorder(positions);
      await consume(second);
      await until('all is taken', () => first.all().length + second.all().length >= 600, () => first.all().length + second.all().length);
      assert.equal(first.all().length + second.all().length, 600);
    });

    it('keeps its partitions through a batch longer than the session timeout', async () => {
      await newTopic(1);
      await producer.send(topic, numbered(10, () => 'k'));
      const began = Date.now();
      const long = (stream.sessionTimeoutMs ?? 500) * 1.5;
      const recorder = new StreamRecorder(new Map(), async () => {
        if (recorder.batches.length === 1) await until('the session timeout has passed', () => Date.now() - began > long, undefined, long * 2);
        return null;
      });
      await consume(recorder);
      await untilTaken(recorder, 10);
      await producer.send(topic, numbered(10, () => 'k'));
      await untilTaken(recorder, 20);
      assert.equal(recorder.assignments.length, 1);
      assert.deepEqual(recorder.revocations, []);
      assert.equal(recorder.all().length, 20);
    });

    it('answers with ranges, and names a topic that is missing', async () => {
      await newTopic();
      await producer.send(topic, numbered(100));
      await producer.ensureTopic(topic, PARTITIONS + 1);
      const consumer = stream.consumer({ group, topics: [topic] });
      running.push(consumer);
      const ranges = await consumer.ranges(topic);
      assert.deepEqual(ranges.map(({ partition, low }) => [partition, low]), Array.from({ length: PARTITIONS }, (_, at) => [at, 0n]));
      assert.equal(ranges.reduce((sum, { high }) => sum + high, 0n), 100n);
      await assert.rejects(consumer.ranges(`${topic}-absent`), { code: 'TOPIC_MISSING' });
      await assert.rejects(producer.send(`${topic}-absent`, numbered(1)), { code: 'TOPIC_MISSING' });
    });

    it('waits for a topic that is missing, names it, and goes on once it is there', async () => {
      await newTopic();
      topic = `${topic}-later`;
      const notices: string[] = [];
      const recorder = new StreamRecorder();
      const consumer = stream.consumer({ group, topics: [topic], onNotice: (level, message) => notices.push(`${level} ${message}`) });
      running.push(consumer);
      const started = consumer.start(recorder);
      await until('the topic is named', () => notices.some((notice) => notice.startsWith('warn') && notice.includes(topic)), () => notices);
      await producer.ensureTopic(topic, 2);
      await producer.send(topic, numbered(10));
      await started;
      await untilTaken(recorder, 10);
      assert.deepEqual(recorder.assignments.at(-1)!.map(({ partition }) => partition).sort(), [0, 1]);
    });

    it('can be stopped while it waits for a topic', async () => {
      const consumer = stream.consumer({ group: 'group-nothing', topics: [`absent-${randomBytes(4).toString('hex')}`] });
      const started = consumer.start(new StreamRecorder());
      await consumer.stop(soon());
      await started;
    });

    it('shows a message within a quarter of a second of its sending', async () => {
      await newTopic(1);
      const recorder = new StreamRecorder();
      await consume(recorder);
      await producer.send(topic, numbered(1, () => 'k'));
      await untilTaken(recorder, 1);
      const waits: number[] = [];
      for (let at = 0; at < 20; at += 1) {
        const began = performance.now();
        await producer.send(topic, numbered(1, () => 'k'));
        await untilTaken(recorder, at + 2);
        waits.push(performance.now() - began);
      }
      waits.sort((a, b) => a - b);
      assert.ok(waits[10]! < 250, waits.map(Math.round).join());
    });
  });
}
