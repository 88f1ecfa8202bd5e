/** The broker goes away and comes back: nothing is lost, it is said once, and it is said when it is over. */
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKafkaConsumer, createKafkaProducer } from '#consume-kafka';
import { TidewatchError } from '#contracts';
import { projectRoot } from '#load-config';
import { startKafka, type LocalKafka } from '#local-services';
import { clientSettings, consumerSettings } from '../../libs/testkit/kafka-stream.js';
import { StreamRecorder } from '../../libs/testkit/stream-recorder.js';
import { until } from '../../libs/testkit/until.js';

const TOPIC = 'loss';
const LONG_MS = 60_000;
/** A client that gives up after three seconds gives up as one that does after thirty. */
const SOON = { retries: 4 };

describe('the loss of the broker', () => {
  const home = mkdtempSync(join(tmpdir(), 'tidewatch-loss-'));
  const jarHome = join(projectRoot(), '.tidewatch');
  let broker: LocalKafka;
  before(async () => { broker = await startKafka({ home, jarHome, port: 0 }); });
  after(async () => {
    await broker.stop(Date.now() + 5_000);
    rmSync(home, { recursive: true, force: true });
  });

  it('in mid stream is waited out by consumer and producer, and each message is taken once', async () => {
    const brokers = [broker.brokers];
    const port = Number(broker.brokers.split(':')[1]);
    const notices: string[] = [];
    const recorder = new StreamRecorder();
    const producer = createKafkaProducer({ ...clientSettings(brokers), ...SOON });
    const consumer = createKafkaConsumer(consumerSettings('loss-group', [TOPIC], { brokers, ...SOON, onNotice: (level, message) => notices.push(`${level}: ${message}`) }));
    const said = (text: string) => notices.filter((notice) => notice.includes(text)).length;
    const send = (from: number, to: number) => producer.send(TOPIC, Array.from({ length: to - from }, (_, at) => ({ key: `key-${from + at}`, value: `${from + at}` })));
    await producer.start();
    await producer.ensureTopic(TOPIC, 2);
    await consumer.start(recorder);
    await send(0, 500);
    await until('the first part is taken', () => recorder.all().length === 500, () => recorder.all().length);

    await broker.stop(Date.now());
    // The producer gives up after a while; the fault says that trying again helps, and it does.
    const sendingOn = async (): Promise<void> => send(500, 1_000).catch((error: unknown) => {
      assert.ok(error instanceof TidewatchError && error.code === 'BROKER_UNAVAILABLE' && error.retryable, String(error));
      return sendingOn();
    });
    const sending = sendingOn();
    await until('the trouble is said', () => said('is in trouble') === 1, () => notices.join('\n'), LONG_MS);
    await assert.rejects(consumer.ranges(TOPIC), { code: 'BROKER_UNAVAILABLE' });
    broker = await startKafka({ home, jarHome, port });
    assert.equal(broker.brokers, brokers[0]);

    await sending;
    await until('the rest is taken', () => new Set(recorder.texts()).size >= 1_000, () => `${recorder.all().length}\n${notices.join('\n')}`, LONG_MS);
    assert.equal(new Set(recorder.texts()).size, 1_000);
    assert.equal(new Set(recorder.all().map(({ partition, offset }) => `${partition}/${offset}`)).size, recorder.all().length, 'each message once');
    assert.deepEqual([said('is in trouble'), said('answers again')], [1, 1]);
    assert.deepEqual(notices.filter((notice) => !notice.startsWith('info')).length, 1, notices.join('\n'));
    await consumer.stop(Date.now() + 5_000);
    await producer.stop();
  });

  it('before the start is waited out, and named', async () => {
    const brokers = [broker.brokers];
    const port = Number(broker.brokers.split(':')[1]);
    await broker.stop(Date.now());
    const notices: string[] = [];
    const recorder = new StreamRecorder();
    const consumer = createKafkaConsumer(consumerSettings('loss-group', [TOPIC], { brokers, ...SOON, onNotice: (level, message) => notices.push(`${level}: ${message}`) }));
    const started = consumer.start(recorder);
    await until('the broker is named', () => notices.some((notice) => notice.startsWith('warn') && notice.includes(brokers[0]!)), () => notices.join('\n'), LONG_MS);
    broker = await startKafka({ home, jarHome, port });
    await started;
    await until('the partitions are held', () => recorder.assignments.at(-1)?.length === 2, () => notices.join('\n'), LONG_MS);
    await consumer.stop(Date.now() + 5_000);
  });
});
