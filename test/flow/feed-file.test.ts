/** A real file through the real commands: as many scored rows as valid lines, and the very numbers that `score --history` gives. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Client } from 'pg';
import { createKafkaProducer } from '#consume-kafka';
import { compiledFile, projectRoot } from '#load-config';
import { createTestDatabase, dropTestDatabase } from '../../libs/testkit/index.js';
import { until } from './support/until.js';
import { WorkerProcess } from './support/worker-process.js';

const file = join(projectRoot(), '../shared/data/reviews/googleplay_netflix_2024.jsonl.gz');

describe('feeding a file of real reviews', () => {
  const mark = `${process.pid}-${Date.now()}`;
  let database: { name: string; url: string };
  let environment: Record<string, string>;

  before(async () => {
    database = await createTestDatabase();
    environment = { DATABASE_URL: database.url, KAFKA_BROKERS: process.env['TEST_KAFKA_BROKERS'] ?? '', KAFKA_GROUP_PREFIX: `file-${mark}`, REVIEWS_TOPIC: `file-reviews-${mark}`, TIDEWATCH_HOME: join(projectRoot(), '.tidewatch', `file-${mark}`) };
    const producer = createKafkaProducer({ brokers: environment['KAFKA_BROKERS']!.split(','), tls: false, sasl: null, clientId: 'file-test' });
    await producer.start();
    await producer.ensureTopic(environment['REVIEWS_TOPIC']!, 4);
    await producer.stop();
  });

  after(() => dropTestDatabase(database.name));

  it('ends with exactly as many scored rows as the file has valid lines, with the probabilities that score --history gives for the file', { skip: existsSync(file) ? false : `${file} is absent: THE REAL REVIEWS WERE NOT FED` }, async () => {
    const lines = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n').length;
    const fed = spawnSync(process.execPath, [compiledFile('apps/cli/main.js'), 'feed', 'reviews', file, '--speed', 'max', '--json'], { env: { ...process.env, ...environment }, encoding: 'utf8' });
    assert.equal(fed.status, 0, fed.stderr);
    const summary = JSON.parse(fed.stdout) as { sent: number; refused: number };
    assert.equal(summary.sent + summary.refused, lines);
    const worker = new WorkerProcess('apps/review-worker/main.js', environment);
    await worker.ready;
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      const scored = await until('all rows to be scored', async () => Number((await client.query<{ n: string }>('select count(*) as n from tidewatch.reviews_scored')).rows[0]!.n), (n) => n >= summary.sent, 60_000);
      assert.equal(scored, summary.sent);
      const offline = spawnSync(process.execPath, [compiledFile('apps/cli/main.js'), 'score', file, '--history'], { encoding: 'utf8', maxBuffer: 1 << 28 });
      assert.equal(offline.status, 0, offline.stderr);
      const expected = offline.stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { reviewId: string; productId: string; pNegative: number; pNegativeText: number });
      const { rows } = await client.query<{ product_id: string; review_id: string; p_negative: number; p_negative_text: number }>('select product_id, review_id, p_negative, p_negative_text from tidewatch.reviews_scored');
      const found = new Map(rows.map((row) => [`${row.product_id} ${row.review_id}`, [row.p_negative, row.p_negative_text]]));
      assert.deepEqual(found, new Map(expected.map((one) => [`${one.productId} ${one.reviewId}`, [one.pNegative, one.pNegativeText]])));
    } finally {
      await worker.stop();
      await client.end();
    }
  });
});
