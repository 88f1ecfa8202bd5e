/** Workers and scheduler as processes: their metrics are as Prometheus wants them and count what was done; their probes judge progress. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { Client } from 'pg';
import type { StreamProducer } from '#contracts';
import { createKafkaProducer } from '#consume-kafka';
import { createTestDatabase, dropTestDatabase } from '../../libs/testkit/index.js';
import { makeStream } from './support/messages.js';
import { until } from './support/until.js';
import { WorkerProcess } from './support/worker-process.js';

const mark = `${process.pid}-${Date.now()}`;
const reviews = `metrics-reviews-${mark}`;
const quotes = `metrics-quotes-${mark}`;
/** A worker is unready at half of it, and leaves at the whole. */
const STALL_SECONDS = 20;
/** No other may appear: labels never grow with products or symbols. */
const LABELS = ['chore', 'code', 'le', 'outcome', 'partition', 'stage', 'topic'];

describe('the metrics and probes of workers and scheduler', () => {
  const stream = makeStream(11, 300, 120);
  const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';
  let database: { name: string; url: string };
  let producer: StreamProducer;
  let review: WorkerProcess;
  let quote: WorkerProcess;
  let scheduler: WorkerProcess;

  before(async () => {
    database = await createTestDatabase();
    producer = createKafkaProducer({ brokers: brokers.split(','), tls: false, sasl: null, clientId: 'metrics-test' });
    await producer.start();
    for (const topic of [reviews, quotes]) await producer.ensureTopic(topic, 2);
    const environment = { DATABASE_URL: database.url, KAFKA_BROKERS: brokers, KAFKA_GROUP_PREFIX: `metrics-${mark}`, REVIEWS_TOPIC: reviews, QUOTES_TOPIC: quotes, ENCODER_THREADS: '1', STALL_SECONDS: String(STALL_SECONDS) };
    [review, quote, scheduler] = ['review-worker', 'quote-worker', 'scheduler'].map((name) => new WorkerProcess(`apps/${name}/main.js`, environment)) as [WorkerProcess, WorkerProcess, WorkerProcess];
    await Promise.all([review.ready, quote.ready, scheduler.ready]);
    await producer.send(reviews, stream.reviews);
    await producer.send(quotes, stream.quotes);
  });

  after(async () => {
    await Promise.all([review, quote, scheduler].map((each) => each.stop()));
    await producer.stop();
    await dropTestDatabase(database.name);
  });

  const scrape = async (from: WorkerProcess) => (await fetch(`${from.metrics}/metrics`)).text();
  const sum = (text: string, name: string, labels = '') => text.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(labels)).reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);
  const done = (from: WorkerProcess, messages: number) => until(`${messages} messages to be counted`, () => scrape(from), (text) => sum(text, 'tidewatch_worker_messages_total') === messages, 60_000);

  it('count every message, dead letter and commit, time every stage of their flow, and know that nothing waits', async () => {
    const text = await done(review, stream.reviews.length);
    assert.equal(sum(text, 'tidewatch_worker_dead_letters_total'), stream.expected.malformed);
    assert.ok(sum(text, 'tidewatch_worker_commits_total', 'outcome="committed"') > 0);
    assert.equal(sum(text, 'tidewatch_worker_commits_total', 'outcome="fenced"'), 0);
    const committed = sum(text, 'tidewatch_worker_commits_total', 'outcome="committed"');
    for (const stage of ['decode', 'encode', 'state', 'detect', 'commit']) assert.equal(sum(text, 'tidewatch_worker_stage_seconds_count', `stage="${stage}"`), committed, stage);
    assert.equal(sum(text, 'tidewatch_worker_produce_to_commit_seconds_count'), committed);
    assert.equal(sum(text, 'tidewatch_worker_lag_messages'), 0);
    const bars = await done(quote, stream.quotes.length);
    assert.deepEqual([...bars.matchAll(/stage_seconds_count\{stage="(\w+)"\} [1-9]/g)].map(([, stage]) => stage).sort(), ['commit', 'decode', 'forecast', 'state']);
  });

  it('are as Prometheus wants them, with no label that grows', async () => {
    for (const from of [review, quote, scheduler]) {
      const text = await until('a chore or a stage', () => scrape(from), (seen) => /^tidewatch_\w+_seconds_count/m.test(seen), 30_000);
      const { status, stdout, stderr, error } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
      assert.equal(error, undefined, 'promtool cannot be run: THE METRICS WERE NOT CHECKED. Install it (Debian: apt-get install prometheus)');
      assert.equal(`${stdout}${stderr}`, '');
      assert.equal(status, 0);
      const labels = new Set([...text.matchAll(/^tidewatch_\w+\{([^}]*)\}/gm)].flatMap(([, inside]) => [...inside!.matchAll(/(\w+)="/g)].map(([, label]) => label!)));
      assert.deepEqual([...labels].filter((label) => !LABELS.includes(label)), []);
    }
  });

  it('answer that they live and are ready, once they have joined', async () => {
    for (const from of [review, quote, scheduler]) {
      assert.equal((await fetch(`${from.metrics}/livez`)).status, 200);
      await until(`${from.entry} to be ready`, async () => (await fetch(`${from.metrics}/readyz`)).status, (status) => status === 200, 30_000);
    }
  });

  it('are unready while messages wait and cannot be committed, alive all the same, and ready again once they can', async () => {
    const status = async (probe: string) => (await fetch(`${quote.metrics}/${probe}`).catch(() => assert.fail(`it does not answer; it said: ${quote.lastOutput}`))).status;
    const blocking = new Client({ connectionString: database.url });
    await blocking.connect();
    try {
      await blocking.query('BEGIN');
      await blocking.query('LOCK TABLE internal.stream_lease IN ACCESS EXCLUSIVE MODE');
      await producer.send(quotes, [{ key: 'NONE', value: '{' }]);
      await until('the quote worker to be unready', () => status('readyz'), (seen) => seen === 503, STALL_SECONDS * 1000);
      assert.match(await (await fetch(`${quote.metrics}/readyz`)).text(), /1 messages wait and nothing was committed for \d+ s/, quote.lastOutput);
      assert.equal(await status('livez'), 200);
      await blocking.query('ROLLBACK');
      await until('the quote worker to be ready', () => status('readyz'), (seen) => seen === 200, 30_000);
    } finally {
      await blocking.end();
    }
  });
});
