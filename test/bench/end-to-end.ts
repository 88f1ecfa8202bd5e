/**
 * Reviews from the first message consumed to the last row committed, beside what bounds it, interleaved in one run:
 * the engine alone (the same ONNX models, batched, from memory, one thread), raw kafkajs eachBatch over the same topic,
 * and a plain binary COPY of the very rows. Then produce-to-committed latency at half the rate reached.
 * Usage: node dist/test/bench/end-to-end.js [--reviews 200000] [--rounds 3] [--products 5000] [--partitions 4] [--data ../shared/data/reviews] [--rate N] [--json]
 * With --rate, the latency alone at that rate, without the rivals. Starts its own Postgres and Kafka; broker, database and worker share the machine.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import kafkajs from 'kafkajs';
import { Client } from 'pg';
import { createKafkaProducer } from '#consume-kafka';
import { createTestDatabase, dropTestDatabase } from '../../libs/testkit/index.js';
import { until } from '../flow/support/until.js';
import { WorkerProcess } from '../flow/support/worker-process.js';
import { copyRows } from './support/copy-rows.js';
import { drainTopic } from './support/drain-topic.js';
import { engineAlone } from './support/engine-alone.js';
import { median, percentile, sampleReviews } from './support/sample.js';
import { startServices } from './support/services.js';

const { values: options } = parseArgs({ options: { reviews: { type: 'string', default: '200000' }, rounds: { type: 'string', default: '3' }, products: { type: 'string', default: '5000' }, partitions: { type: 'string', default: '4' }, data: { type: 'string', default: '../shared/data/reviews' }, rate: { type: 'string' }, json: { type: 'boolean', default: false } } });
const count = Number(options.reviews);
const partitions = Number(options.partitions);
/** A fresh process is compiling its hot paths: half the rate of a warm one is more than it can do at first. */
const WARM_UP_SECONDS = 15;
const LOOK_MS = 20;
const SEND_MS = 10;
const say = (line: string) => process.stderr.write(`${line}\n`);

const services = await startServices();
const { brokers } = services;

const sample = (size: number) => sampleReviews({ folder: options.data, count: size, products: Number(options.products), seed: 11 });
const reviews = sample(count);
const topic = 'bench-reviews';
const producer = createKafkaProducer({ brokers: [brokers], tls: false, sasl: null, clientId: 'bench' });
await producer.start();
await producer.ensureTopic(topic, partitions);
for (let at = 0; at < count; at += 2_000) await producer.send(topic, reviews.slice(at, at + 2_000).map(({ message }) => message));
say(`${count} reviews of ${options.products} products in ${partitions} partitions`);

interface Sample { readonly perSecond: number; readonly cpuSeconds: number | null; readonly rssMb: number | null }
const results: Record<string, Sample[]> = {};

const rivals: Record<string, (round: number) => Promise<Sample>> = {
  tidewatch: (round) => tidewatch(round),
  'engine alone, one thread': async () => ({ perSecond: await engineAlone(reviews, 'models/reviews-v5'), cpuSeconds: null, rssMb: null }),
  'raw kafkajs eachBatch': (round) => rawKafkajs(round),
  'plain binary COPY': async () => ({ perSecond: await copyRows(reviews), cpuSeconds: null, rssMb: null }),
};
const rounds = options.rate === undefined ? Number(options.rounds) : 0;
for (let round = 0; round < rounds; round += 1) {
  for (const [name, rival] of Object.entries(rivals)) {
    const sample = await rival(round);
    (results[name] ??= []).push(sample);
    say(`round ${round + 1}: ${name.padEnd(26)} ${Math.round(sample.perSecond).toLocaleString('en').padStart(9)} reviews/s${sample.cpuSeconds === null ? '' : `   ${((sample.cpuSeconds * 1e5) / count).toFixed(1)} CPU s per 100,000 in the worker, ${sample.rssMb!.toFixed(0)} MB`}`);
  }
}
const rate = (name: string) => median(results[name]!.map(({ perSecond }) => perSecond));
const latency = await latencyAt(options.rate === undefined ? rate('tidewatch') / 2 : Number(options.rate));
const throughput = rounds === 0 ? null : {
  perSecond: Object.fromEntries(Object.keys(results).map((name) => [name, Math.round(rate(name))])),
  ratioToEngineAlone: Number((rate('tidewatch') / rate('engine alone, one thread')).toFixed(3)),
  workerCpuSecondsPer100k: Number(((median(results['tidewatch']!.map(({ cpuSeconds }) => cpuSeconds!)) * 1e5) / count).toFixed(2)),
  workerRssMb: Math.round(median(results['tidewatch']!.map(({ rssMb }) => rssMb!))),
};
if (options.json) console.log(JSON.stringify({ reviews: count, rounds, ...throughput, latencyMs: latency }));
else {
  if (throughput !== null) {
    console.log('\nmedians');
    for (const [name, value] of Object.entries(throughput.perSecond)) console.log(`  ${name.padEnd(26)} ${value.toLocaleString('en').padStart(9)} reviews/s`);
    console.log(`  ratio to the engine alone   ${throughput.ratioToEngineAlone}\n  worker CPU per 100,000      ${throughput.workerCpuSecondsPer100k} s, ${throughput.workerRssMb} MB resident`);
  }
  console.log(`  produce to committed        p50 ${latency.p50} ms, p99 ${latency.p99} ms at ${latency.perSecond} reviews/s, after ${WARM_UP_SECONDS} s of it`);
}
await producer.stop();
services.stop();

function workerEnvironment(databaseUrl: string, group: string, topicName: string): Record<string, string> {
  return { DATABASE_URL: databaseUrl, KAFKA_BROKERS: brokers, KAFKA_GROUP_PREFIX: group, REVIEWS_TOPIC: topicName };
}

function tidewatch(round: number): Promise<Sample> {
  return drainTopic('apps/review-worker/main.js', (url) => workerEnvironment(url, `bench-${round}`, topic), count, async (client) => {
    const { rows } = await client.query<{ scored: string }>('select count(*) as scored from tidewatch.reviews_scored');
    if (Number(rows[0]!.scored) !== count) throw new Error(`${rows[0]!.scored} rows scored; expected ${count}`);
  });
}

async function rawKafkajs(round: number): Promise<Sample> {
  const consumer = new kafkajs.Kafka({ clientId: 'raw', brokers: [brokers], logLevel: kafkajs.logLevel.NOTHING }).consumer({ groupId: `raw-${round}`, maxBytesPerPartition: 1_048_576 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let seen = 0;
  let begun = 0;
  const seconds = await new Promise<number>((done) => {
    void consumer.run({
      autoCommit: false, partitionsConsumedConcurrently: partitions,
      eachBatch: async ({ batch }) => {
        if (begun === 0) begun = performance.now();
        seen += batch.messages.length;
        if (seen >= count) done((performance.now() - begun) / 1000);
      },
    });
  });
  await consumer.disconnect();
  return { perSecond: count / seconds, cpuSeconds: null, rssMb: null };
}

/**
 * Sends at this rate, first to warm up and then for twenty seconds. A review's own time is when it was sent, and it counts as committed
 * when a look at the positions, every 20 ms, shows it: latencies come out too long by 10 ms in the mean. Looking and sending every
 * 5 ms took a quarter of a core from what is measured.
 */
async function latencyAt(perSecond: number): Promise<{ perSecond: number; p50: number; p99: number }> {
  const name = 'bench-latency';
  await producer.ensureTopic(name, partitions);
  const database = await createTestDatabase();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const worker = new WorkerProcess('apps/review-worker/main.js', workerEnvironment(database.url, 'bench-latency', name));
  await worker.ready;
  const seconds = WARM_UP_SECONDS + 20;
  const total = Math.floor(perSecond * seconds);
  const sent = total <= count ? reviews : sample(total);
  const committed: { at: number; next: Map<number, number> }[] = [];
  let watching = true;
  const watch = (async () => {
    while (watching) {
      const { rows } = await client.query<{ partition: number; next_offset: string }>({ name: 'positions', text: 'select partition, next_offset from internal.stream_lease' });
      committed.push({ at: Date.now(), next: new Map(rows.map((row) => [row.partition, Number(row.next_offset)])) });
      await sleep(LOOK_MS);
    }
  })();
  const begun = Date.now();
  for (let done = 0; done < total;) {
    const due = Math.min(total, Math.floor(((Date.now() - begun) / 1000) * perSecond));
    if (due > done) {
      const at = Date.now();
      await producer.send(name, sent.slice(done, due).map(({ at: stamp }) => stamp(at)));
      done = due;
    }
    await sleep(SEND_MS);
  }
  await until('the last review to be committed', async () => [...(committed.at(-1)?.next.values() ?? [])].reduce((a, b) => a + b, 0), (sum) => sum >= total, 60_000, 20);
  watching = false;
  await watch;
  const { rows } = await client.query<{ partition: number; offset: string; sent: Date }>('select partition, "offset", reviewed_at as sent from internal.review_score order by partition, "offset"');
  await worker.stop();
  await client.end();
  await dropTestDatabase(database.name);
  const cursor = new Map<number, number>();
  const latencies = rows.filter(({ sent }) => sent.getTime() - begun > WARM_UP_SECONDS * 1_000).map(({ partition, offset, sent }) => {
    let index = cursor.get(partition) ?? 0;
    while (index < committed.length - 1 && (committed[index]!.next.get(partition) ?? 0) <= Number(offset)) index += 1;
    cursor.set(partition, index);
    return committed[index]!.at - sent.getTime();
  });
  return { perSecond: Math.round(perSecond), p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
}
