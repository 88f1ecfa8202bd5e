/**
 * Services that go away under a working review worker: it goes on by itself, everything is in the tables once, and the
 * log says what happened. BAD_LUCK_SECONDS is how long they stay away.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import type { StreamProducer } from '#contracts';
import { migrate } from '#commit-postgres';
import { projectRoot } from '#load-config';
import { startKafka, startPostgres } from '#local-services';
import { createTestDatabase, dropTestDatabase } from '../../libs/testkit/index.js';
import { assertOnce, awaySeconds, producerAt, REVIEW_WORKER, reviews, rows, scoredSoFar, untilSaid, workerEnvironment } from './support/bad-luck.js';
import { until } from './support/until.js';
import { WorkerProcess } from './support/worker-process.js';

const sharedBrokers = process.env['TEST_KAFKA_BROKERS'] ?? '';
const MESSAGES = 3_000;
const mark = `${process.pid}-${Date.now()}`;

/** Sends in slices until all is sent, whatever breaks meanwhile. */
async function sendAll(producer: StreamProducer, topic: string): Promise<void> {
  const slice = 100;
  for (let from = 0; from < MESSAGES; from += slice) {
    const messages = reviews(from, from + slice);
    await producer.send(topic, messages);
    await sleep(50);
  }
}

async function withProducer(brokers: string, topic: string, work: (producer: StreamProducer) => Promise<void>): Promise<void> {
  const producer = producerAt(brokers);
  await producer.start();
  await producer.ensureTopic(topic, 4);
  try {
    await work(producer);
  } finally {
    await producer.stop();
  }
}

describe('a review worker whose services go away', () => {
  it('waits for a database that was killed in mid batch and writes everything once', async () => {
    const home = mkdtempSync(join(tmpdir(), 'tidewatch-bad-luck-'));
    let postgres = await startPostgres({ home, port: 0 });
    await migrate(postgres.url);
    const topic = `database-${mark}`;
    const worker = new WorkerProcess(REVIEW_WORKER, workerEnvironment(postgres.url, sharedBrokers, topic));
    try {
      await withProducer(sharedBrokers, topic, async (producer) => {
        const sending = sendAll(producer, topic);
        await until('rows to come', () => scoredSoFar(postgres.url), (scored) => scored > 100, 60_000);
        const [found] = await rows<{ folder: string }>(postgres.url, `select current_setting('data_directory') as folder`);
        const port = Number(new URL(postgres.url).port);
        process.kill(Number(readFileSync(join(found!.folder, 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
        await untilSaid(worker, /trying again: /);
        await sleep(awaySeconds * 1_000);
        assert.ok(worker.alive, worker.lastOutput);
        await postgres.stop(Date.now());
        postgres = await startPostgres({ home, port });
        await sending;
        await assertOnce(postgres.url, MESSAGES, worker);
      });
      assert.ok(worker.alive);
    } finally {
      await worker.stop();
      await postgres.stop(Date.now() + 5_000);
      rmSync(home, { recursive: true, force: true });
    }
  });

  it('waits for a broker that was killed and takes everything once', async () => {
    const home = mkdtempSync(join(tmpdir(), 'tidewatch-bad-luck-'));
    const jarHome = join(projectRoot(), '.tidewatch');
    let kafka = await startKafka({ home, jarHome, port: 0 });
    const database = await createTestDatabase();
    const topic = `broker-${mark}`;
    const { brokers } = kafka;
    const worker = new WorkerProcess(REVIEW_WORKER, workerEnvironment(database.url, brokers, topic));
    try {
      await withProducer(brokers, topic, async (producer) => {
        await producer.send(topic, reviews(0, MESSAGES / 2));
        await until('rows to come', () => scoredSoFar(database.url), (scored) => scored > 100, 60_000);
        await kafka.stop(Date.now());
        await untilSaid(worker, new RegExp(`Kafka at ${brokers} is in trouble: .*Trying again until it answers; nothing is lost`));
        await sleep(awaySeconds * 1_000);
        assert.ok(worker.alive, worker.lastOutput);
        kafka = await startKafka({ home, jarHome, port: Number(brokers.split(':')[1]) });
        await producer.send(topic, reviews(MESSAGES / 2, MESSAGES));
        await assertOnce(database.url, MESSAGES, worker);
      });
      assert.ok(worker.alive);
    } finally {
      await worker.stop();
      await kafka.stop(Date.now() + 5_000);
      await dropTestDatabase(database.name);
      rmSync(home, { recursive: true, force: true });
    }
  });

  it('repeats the commit while the disk is full', async () => {
    const database = await createTestDatabase();
    const topic = `disk-${mark}`;
    const worker = new WorkerProcess(REVIEW_WORKER, workerEnvironment(database.url, sharedBrokers, topic));
    try {
      await withProducer(sharedBrokers, topic, async (producer) => {
        const sending = sendAll(producer, topic);
        await until('rows to come', () => scoredSoFar(database.url), (scored) => scored > 100, 60_000);
        await rows(database.url, `create function public.full() returns trigger language plpgsql as $$ begin raise exception 'no space left on device' using errcode = '53100'; end $$;
          create trigger full_disk before insert on internal.review_score for each row execute function public.full()`);
        await untilSaid(worker, /the database cannot take the batch now, trying again: .*no space left on device/);
        const stuck = await scoredSoFar(database.url);
        await sleep(awaySeconds * 1_000);
        assert.equal(await scoredSoFar(database.url), stuck);
        await rows(database.url, 'drop function public.full() cascade');
        await sending;
        await assertOnce(database.url, MESSAGES, worker);
      });
      assert.ok(worker.alive);
    } finally {
      await worker.stop();
      await dropTestDatabase(database.name);
    }
  });
});
