/** The whole flow on real parts: a stream in, every row where it belongs, however the stream is cut into partitions and batches. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Client } from 'pg';
import type { StreamProducer } from '#contracts';
import { createKafkaProducer } from '#consume-kafka';
import { createTestDatabase, dropTestDatabase } from '../../libs/testkit/index.js';
import { makeStream } from './support/messages.js';
import { until } from './support/until.js';
import { WorkerProcess } from './support/worker-process.js';

const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';
const mark = `${process.pid}-${Date.now()}`;
const stream = makeStream(7, 4_000, 200);

interface Run {
  readonly database: { readonly name: string; readonly url: string };
  readonly client: Client;
}

/** Sends the stream into topics with this many partitions, and consumes it with batches of at most this many bytes. */
async function consumeAll(producer: StreamProducer, name: string, partitions: number, fetchBytes: number): Promise<Run> {
  const topics = { reviews: `${name}-reviews-${mark}`, quotes: `${name}-quotes-${mark}` };
  await producer.ensureTopic(topics.reviews, partitions);
  await producer.ensureTopic(topics.quotes, partitions);
  await producer.send(topics.reviews, stream.reviews);
  await producer.send(topics.quotes, stream.quotes);
  const database = await createTestDatabase();
  const environment = { DATABASE_URL: database.url, KAFKA_BROKERS: brokers, KAFKA_GROUP_PREFIX: `${name}-${mark}`, REVIEWS_TOPIC: topics.reviews, QUOTES_TOPIC: topics.quotes, KAFKA_FETCH_BYTES: String(fetchBytes), ENCODER_THREADS: '1' };
  const workers = ['apps/review-worker/main.js', 'apps/quote-worker/main.js'].map((entry) => new WorkerProcess(entry, environment));
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    await Promise.all(workers.map((worker) => worker.ready));
    const total = stream.reviews.length + stream.quotes.length;
    await until('all messages to be consumed', async () => Number((await client.query<{ sum: string }>('select coalesce(sum(next_offset), 0)::text as sum from tidewatch.stream_positions')).rows[0]!.sum), (sum) => sum >= total, 90_000);
  } catch (error) {
    throw new Error(`${String(error)}\n${workers.map((worker) => worker.lastOutput).join('\n')}`);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
  return { database, client };
}

describe('reviews and quotes through Kafka into Postgres', () => {
  let producer: StreamProducer;
  let narrow: Run;
  let wide: Run;

  before(async () => {
    producer = createKafkaProducer({ brokers: brokers.split(','), tls: false, sasl: null, clientId: 'flow-test' });
    await producer.start();
    narrow = await consumeAll(producer, 'narrow', 1, 20_000);
    wide = await consumeAll(producer, 'wide', 4, 1_000_000);
  });

  after(async () => {
    await producer.stop();
    for (const run of [narrow, wide]) {
      await run.client.end();
      await dropTestDatabase(run.database.name);
    }
  });

  const value = async (run: Run, text: string) => Object.values((await run.client.query<Record<string, unknown>>(text)).rows[0] ?? {})[0];

  it('scores every valid review once, however often it came', async () => {
    assert.equal(Number(await value(wide, 'select count(*) from tidewatch.reviews_scored')), stream.expected.scored);
    assert.equal(Number(await value(wide, `select sum(duplicates) from tidewatch.stream_positions where topic like '%reviews%'`)), stream.expected.duplicates);
  });

  it('replaces a corrected score and does not step the state a second time', async () => {
    assert.ok(Number(await value(wide, 'select count(*) from tidewatch.reviews_scored where revision > 0')) > 0);
    assert.equal(Number(await value(wide, `select sum(version) from internal.entity_state where stream = 'reviews'`)), stream.expected.scored);
  });

  it('turns every malformed message into a dead letter with its bytes and a reason', async () => {
    assert.equal(Number(await value(wide, `select count(*) from tidewatch.dead_letters where topic like '%reviews%'`)), stream.expected.malformed);
    assert.equal(Number(await value(wide, `select count(*) from tidewatch.dead_letters where coalesce(reason, '') = '' or payload is null`)), 0);
    assert.ok(Number(await value(wide, `select count(*) from tidewatch.dead_letters where code = 'late_quote'`)) > 0);
  });

  it('opens and closes the surge that is in the stream, and no other', async () => {
    const { rows } = await wide.client.query<{ product_id: string; status: string; evidence: string }>('select product_id, status, (select count(*) from tidewatch.surge_evidence e where e.surge_id = s.surge_id)::text as evidence from tidewatch.surges s');
    assert.deepEqual([...new Set(rows.map((row) => row.product_id))], ['product-3']);
    assert.ok(rows.every((row) => Number(row.evidence) >= 3));
  });

  it('settles forecasts in the order of bars, with scores beside the random walks', async () => {
    assert.equal(Number(await value(wide, 'select count(*) from tidewatch.quotes')), stream.expected.bars);
    assert.ok(Number(await value(wide, `select count(*) from tidewatch.forecasts where status = 'settled' and crps is not null and crps_gaussian is not null`)) > 1_000);
    assert.equal(Number(await value(wide, `select count(*) from tidewatch.forecasts f join tidewatch.quotes q on q.symbol = f.symbol and q.bar = f.bar + f.horizon where f.status = 'settled' and f.settled_at <> q.at`)), 0);
  });

  it('keeps what fields it does not know', async () => {
    assert.ok(Number(await value(wide, `select count(*) from internal.review_score where extra @> '{"unknownField": {"kept": true}}'`)) > 0);
  });

  for (const [what, query] of Object.entries({
    'hidden states': `select stream, entity, version, model_id, label, last_event_at, md5(hidden) as hidden from internal.entity_state order by 1, 2`,
    // A product's tracker names its evidence by position, which the number of partitions decides; its verdicts are the surges below.
    'forecast trackers': `select entity, md5(tracker) as tracker from internal.entity_state where stream = 'quotes' order by 1`,
    'review scores': 'select product_id, review_id, revision, p_negative, p_negative_text, expected_negative, top_words from tidewatch.reviews_scored order by 1, 2',
    surges: 'select surge_id, seq, status, at, expected, observed, severity from internal.surge_transition order by 1, 2',
    forecasts: 'select symbol, bar, horizon, corrected, raw, actual, crps, pit from tidewatch.forecasts order by 1, 2, 3',
  })) {
    it(`gives the same ${what}, to the last bit, with one partition and small batches as with four and large ones`, async () => {
      const [one, four] = await Promise.all([narrow, wide].map(async (run) => (await run.client.query(query)).rows as unknown[]));
      assert.ok(one!.length > 0);
      assert.deepEqual(one, four);
    });
  }
});
