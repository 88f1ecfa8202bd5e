/** Sending over HTTP, with a real broker behind it: what was accepted is scored once, however often it is sent. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { before, describe, it } from 'node:test';
import { createKafkaProducer } from '#consume-kafka';
import { useConsole } from '../page/use-console.js';
import { pageSession } from '../page/page-session.js';
import { until } from '../flow/support/until.js';
import { WorkerProcess } from '../flow/support/worker-process.js';
import { bearer, call, json, type Answer } from './call.js';
import { createToken } from './token.js';

const mark = `${process.pid}-${Date.now()}`;
const REVIEWS = `api-reviews-${mark}`;
const QUOTES = `api-quotes-${mark}`;
const lines = { 'content-type': 'application/x-ndjson' };
const begun = Date.now();
const review = (n: number, more: Record<string, unknown> = {}) => ({ reviewId: `r${n}`, productId: `p${n % 3}`, text: `The lid leaks, number ${n}.`, reviewedAt: new Date(begun - n * 60_000).toISOString(), ...more });

describe('sending over HTTP', () => {
  const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';
  const environment = { KAFKA_BROKERS: brokers, KAFKA_GROUP_PREFIX: `api-${mark}`, REVIEWS_TOPIC: REVIEWS, QUOTES_TOPIC: QUOTES };
  const { database, server } = useConsole(environment);
  let ingest: Record<string, string>;
  before(async () => {
    ingest = bearer(createToken(database.url, 'ingest'));
    const producer = createKafkaProducer({ brokers: brokers.split(','), tls: false, sasl: null, clientId: 'api-test' });
    await producer.start();
    await producer.ensureTopic(REVIEWS, 2);
    await producer.stop();
  });
  const post = (path: string, body: string | Buffer, headers: Record<string, string>): Promise<Answer> => call(server.url, path, { method: 'POST', headers: { ...ingest, ...headers }, body });

  it('takes what the stream would take, says why it refuses the rest, and a repetition changes nothing', async () => {
    const body = [...Array.from({ length: 998 }, (_, n) => JSON.stringify(review(n))), '{"reviewId":"x","productId":7}', '{"broken'].join('\n');
    const answer = await post('/api/reviews', body, lines);
    assert.equal(answer.status, 202, answer.text);
    assert.equal(answer.body['accepted'], 998);
    const refused = answer.body['refused'] as { index: number; code: string; reason: string }[];
    assert.deepEqual(refused.map(({ index, code }) => [index, code]), [[998, 'wrong_type'], [999, 'invalid_json']]);
    assert.match(refused[0]!.reason, /Found productId 7 \(number\); expected a string/);
    assert.equal((await post('/api/reviews', body, lines)).body['accepted'], 998);
    assert.equal((await post('/api/reviews', JSON.stringify([review(0), review(1)]), json)).body['accepted'], 2);
    assert.equal((await post('/api/reviews', JSON.stringify(review(1_000)), json)).body['accepted'], 1);

    const worker = new WorkerProcess('apps/review-worker/main.js', { ...environment, DATABASE_URL: database.url });
    await worker.ready;
    try {
      const counts = () => database.query<{ scored: number; repeated: number; letters: number }>('select (select count(*)::int from tidewatch.reviews_scored) as scored, (select coalesce(sum(duplicates), 0)::int from tidewatch.stream_positions) as repeated, (select count(*)::int from tidewatch.dead_letters) as letters');
      const [last] = await until('all to be taken', counts, ([row]) => row!.scored + row!.repeated >= 1_999, 60_000);
      assert.deepEqual(last, { scored: 999, repeated: 1_000, letters: 0 });
    } finally {
      await worker.stop();
    }
  });

  it('refuses whole what is no list of items, and then sends nothing of it', async () => {
    const many = Array.from({ length: 1_001 }, (_, n) => review(n));
    const cases: readonly (readonly [string, Record<string, string>, number, RegExp])[] = [
      [JSON.stringify(many), json, 413, /found 1001 items, expected at most 1000/],
      ['[]', json, 400, /no item/], ['\n\n', lines, 400, /no item/], ['', json, 400, /neither an array/], ['"text"', json, 400, /neither an array/], ['[{', json, 400, /closing bracket/],
      ['a=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415, /application\/json/],
      ['[]', { ...json, 'content-encoding': 'gzip' }, 415, /without content-encoding/],
      [`[${' '.repeat(17 * 1024 * 1024)}]`, json, 413, /at most 16777216 bytes/],
    ];
    for (const [body, headers, status, detail] of cases) {
      const answer = await post('/api/reviews', body, headers);
      assert.equal(answer.status, status, `${body.slice(0, 40)}: ${answer.text}`);
      assert.match(String(answer.body['detail']), detail);
    }
  });

  it('says that the topic is missing, and that the same may be sent again', async () => {
    const answer = await post('/api/quotes', '{"symbol":"ACME","at":"2026-05-31T10:00:00Z","close":12.5}', json);
    assert.equal(answer.status, 503);
    assert.match(String(answer.body['detail']), new RegExp(`Topic ${QUOTES} is not at .*Send the same again`));
    assert.equal(answer.headers['retry-after'], '2');
  });

  it('takes nothing from the page’s session: sending is for tokens', async () => {
    const answer = await call(server.url, '/api/reviews', { method: 'POST', headers: { ...json, cookie: await pageSession(server.url) }, body: JSON.stringify(review(1)) });
    assert.equal(answer.status, 403);
  });

  it('refuses a body of 2 GB before it has come, announced or not, and answers others meanwhile', async () => {
    for (const announced of [true, false]) {
      const { status, sent } = await pour(server.url, { ...ingest, ...lines, ...(announced ? { 'content-length': String(2 ** 31) } : {}) });
      assert.equal(status, 413);
      assert.ok(sent < 2 ** 30, `${sent} bytes were taken`);
    }
    const { status, sent } = await pour(server.url, { ...lines, 'content-length': String(2 ** 31) });
    assert.equal(status, 401);
    assert.ok(sent < 2 ** 30, `${sent} bytes were taken from a stranger`);
    assert.equal((await call(server.url, '/livez')).status, 200);
  });
});

describe('sending over HTTP where no broker answers', () => {
  const { database, server } = useConsole({ KAFKA_BROKERS: '127.0.0.1:9' });

  it('gives up within seconds, with what to do', async () => {
    const begun = Date.now();
    const answer = await call(server.url, '/api/reviews', { method: 'POST', headers: { ...json, ...bearer(createToken(database.url, 'ingest')) }, body: JSON.stringify(review(1)) });
    assert.equal(answer.status, 503, answer.text);
    assert.match(String(answer.body['detail']), /Send the same again: what arrived twice counts once/);
    assert.ok(Date.now() - begun < 20_000);
  });
});

/** Writes zeros until it is answered or 2 GB are gone. */
function pour(url: string, headers: Record<string, string>): Promise<{ status: number; sent: number }> {
  const { hostname, port } = new URL(url);
  return new Promise((done, refuse) => {
    let sent = 0;
    let over = false;
    const chunk = Buffer.alloc(1024 * 1024, 0x20);
    const upload = request({ hostname, port, path: '/api/reviews', method: 'POST', agent: false, headers }, (answer) => {
      over = true;
      answer.resume();
      done({ status: answer.statusCode!, sent });
      upload.destroy();
    });
    upload.on('error', (error) => over || refuse(error));
    const write = () => {
      if (over || sent >= 2 ** 31) return;
      sent += chunk.length;
      if (upload.write(chunk)) setImmediate(write);
      else upload.once('drain', () => setTimeout(write, 1));
    };
    write();
  });
}
