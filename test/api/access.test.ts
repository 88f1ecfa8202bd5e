/** Who may do what, at a console on loopback and at one that listens everywhere, over a real database. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { before, describe, it } from 'node:test';
import { addSurge, HOUR, PRODUCTS, state } from '../page/fixture-reviews.js';
import { insert } from '../page/fixture-rows.js';
import { startConsole } from '../page/console-process.js';
import { pageSession } from '../page/page-session.js';
import { useConsole } from '../page/use-console.js';
import { bearer, call, json } from './call.js';
import { createToken, tidewatchToken } from './token.js';

const READS = ['/api/surges', '/api/products', '/api/forecasts', '/api/pipeline', '/api/dead-letters', '/api/health', '/api/stream', '/metrics'];
const OPEN = ['/livez', '/readyz', '/api/session', '/', '/main.js'];

describe('a console on loopback', () => {
  const { database, server } = useConsole({ KAFKA_BROKERS: '', STREAM_FOLDER: '' });

  it('reads for anybody on this machine, and changes nothing for anybody without token or session', async () => {
    for (const path of [...READS.filter((path) => path !== '/api/stream'), ...OPEN]) assert.equal((await call(server.url, path)).status, 200, path);
    for (const path of ['/api/surges/x/acknowledge', '/api/reviews', '/api/quotes']) {
      const answer = await call(server.url, path, { method: 'POST', headers: json, body: '{"by":"Mia"}' });
      assert.equal(answer.status, 401, path);
      assert.equal(answer.headers['www-authenticate'], 'Bearer realm="tidewatch"');
      assert.match(String(answer.body['detail']), /tidewatch token create --role (write|ingest)/);
    }
  });

  it('reads for nobody whom a proxy or another name stands for', async () => {
    assert.equal((await call(server.url, '/api/surges', { headers: { 'x-forwarded-for': '10.0.0.7' } })).status, 401);
    assert.equal((await call(server.url, '/api/surges', { headers: { host: 'rebound.example' } })).status, 401);
  });

  it('gives its own page a session that changes things, and that no script reads and no other origin uses', async () => {
    const cookie = await pageSession(server.url);
    const given = await call(server.url, '/api/session', { method: 'POST', headers: { ...json, origin: server.url }, body: '{}' });
    assert.match(String(given.headers['set-cookie']), /; Path=\/; HttpOnly; SameSite=Strict; Max-Age=2592000$/);
    const note = (headers: Record<string, string>) => call(server.url, '/api/surges/none/note', { method: 'POST', headers: { ...json, ...headers }, body: '{"by":"Mia","note":"x"}' });
    assert.equal((await note({ cookie })).status, 404);
    assert.equal((await note({ cookie, origin: 'http://127.0.0.1:9' })).status, 403);
    assert.equal((await note({ cookie: `${cookie}x` })).status, 401);
    assert.equal((await call(server.url, '/api/session', { method: 'POST', headers: json, body: '{}' })).status, 403, 'programs take tokens');
    assert.equal((await call(server.url, '/api/session', { method: 'POST', headers: { ...json, origin: 'https://evil.example' }, body: '{}' })).status, 403);
  });

  it('takes alarm budgets from who may write, keeps who said so, and says what it expected of those that make no sense', async () => {
    const token = bearer(createToken(database.url, 'write'));
    const set = (body: object, headers: Record<string, string> = token) => call(server.url, '/api/budgets', { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify({ by: 'Mia', scope: 'product', name: 'kettle', budget: '1/week', ...body }) });
    assert.equal((await set({}, {})).status, 401);
    const given = await set({});
    assert.deepEqual([given.status, (given.body as unknown as Record<string, unknown>[]).map(({ name, budget, set_by }) => [name, budget, set_by])], [200, [['kettle', '1/week', 'Mia']]]);
    for (const [body, expected] of [
      [{ budget: '0/week' }, /budget: found '0\/week', expected a number above zero and a period, such as 1\/quarter/], [{ budget: '-1/week' }, /found '-1\/week'/], [{ budget: '25/day' }, /no more than 24 a day/],
      [{ name: 'x'.repeat(10_000) }, /^name: .*1000/], [{ scope: 'group', name: 'x'.repeat(300) }, /name: found 300 characters, expected 1 to 200/], [{ scope: 'shop' }, /^scope: .*"product"\|"group"/], [{ sigma: 3 }, /sigma/],
    ] as const) {
      const answer = await set(body);
      assert.deepEqual([answer.status, String(answer.headers['content-type']).split(';')[0]], [400, 'application/problem+json']);
      assert.match(String(answer.body['detail']), expected);
    }
    assert.deepEqual((await set({ budget: null })).body, []);
  });

  it('says to browsers what they may not do, on every kind of answer', async () => {
    for (const path of ['/', '/main.js', '/api/surges', '/api/nothing', '/livez', '/metrics']) {
      const { headers } = await call(server.url, path);
      assert.match(String(headers['content-security-policy']), /default-src 'none'; script-src 'self'; style-src 'self';.*frame-ancestors 'none'/, path);
      assert.doesNotMatch(String(headers['content-security-policy']), /unsafe/);
      assert.deepEqual([headers['x-content-type-options'], headers['x-frame-options'], headers['x-powered-by']], ['nosniff', 'DENY', undefined], path);
    }
  });

  it('names the port that is taken, in one line and without a stack', async () => {
    const port = Number(new URL(server.url).port);
    await assert.rejects(startConsole(database.url, port), (error: Error) => {
      assert.match(error.message, new RegExp(`port ${port} of 127.0.0.1 is taken by another program: expected a free one; set PAGE_PORT`));
      assert.doesNotMatch(error.message, /\n\s+at |EADDRINUSE/);
      return true;
    });
  });

  it('refuses what is not HTTP and goes on', async () => {
    const answer = await new Promise<string>((done) => {
      let text = '';
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write('\x16\x03\x01 not http\r\n\r\n'));
      socket.on('data', (chunk: Buffer) => (text += chunk.toString())).once('close', () => done(text));
    });
    assert.match(answer, /^HTTP\/1\.1 400/);
    assert.equal((await call(server.url, '/livez')).status, 200);
  });

  it('tells of a path that cannot be decoded, of a method that is not there, of a wrong parameter; never a stack', async () => {
    const cases: readonly (readonly [string, string, number])[] = [['GET', '/api/products/%E0%A4%A', 400], ['GET', '/api/products/nothing', 404], ['PUT', '/api/products', 404], ['GET', '/api/surges?limit=0', 400], ['GET', '/api/surges?limit=9e9', 400], ['GET', '/api/surges?limit=1&limit=2', 400], ['GET', '/api/surges?product=a&product=b', 400], ['GET', `/api/products/${'x'.repeat(2_000)}`, 400], ['GET', '/api/products/a%00b', 400]];
    for (const [method, path, status] of cases) {
      const answer = await call(server.url, path, { method });
      assert.equal(answer.status, status, `${path}: ${answer.text}`);
      assert.match(String(answer.headers['content-type']), /^application\/problem\+json/, path);
      assert.doesNotMatch(answer.text, /\.js:\d|node_modules|\bat /, path);
    }
  });
});

describe('a console that listens beyond its machine', () => {
  const { database, server } = useConsole({ PAGE_HOST: '0.0.0.0', LOG_LEVEL: 'debug' });
  const url = () => server.url.replace(/\/\/[^:]+:/, '//127.0.0.1:');
  let read: string;
  let write: string;
  let ingest: string;
  let surgeId: string;
  before(async () => {
    read = createToken(database.url, 'read', '--name', 'Grafana');
    write = createToken(database.url, 'write', '--name', 'Mia');
    ingest = createToken(database.url, 'ingest', '--name', 'shop', '--expires', '30');
    const client = await database.connect();
    await insert(client, 'entity_state', [state(PRODUCTS[4]!, 100, Date.now())]);
    surgeId = await addSurge(client, { product: PRODUCTS[4]!, startedAt: Date.now() - 5 * HOUR, openedAt: Date.now() - 3 * HOUR, closedAt: null, lastAt: Date.now(), observed: 9, expected: 2.5, severity: 3, statuses: ['opened'], quotes: [] });
  });
  const note = (headers: Record<string, string>) => call(url(), `/api/surges/${surgeId}/note`, { method: 'POST', headers: { ...json, ...headers }, body: '{"by":"Mia","note":"seen"}' });

  it('reads nothing without a token, and only the probes and the page itself are open', async () => {
    for (const path of READS) assert.equal((await call(url(), path)).status, 401, path);
    for (const path of OPEN) assert.equal((await call(url(), path)).status, 200, path);
  });

  it('gives each role its own: what another role holds is refused by name', async () => {
    assert.equal((await call(url(), '/api/surges', { headers: bearer(read) })).status, 200);
    assert.equal((await call(url(), '/api/surges', { headers: bearer(write) })).status, 200);
    const refused = await call(url(), '/api/surges', { headers: bearer(ingest) });
    assert.equal(refused.status, 403);
    assert.match(String(refused.body['detail']), /role ingest, expected one of role read or write/);
    assert.deepEqual([(await note(bearer(read))).status, (await note(bearer(ingest))).status, (await note(bearer(write))).status], [403, 403, 200]);
    assert.equal((await call(url(), '/api/reviews', { method: 'POST', headers: { ...json, ...bearer(write) }, body: '[]' })).status, 403);
  });

  it('refuses mistyped tokens, and soon whoever tries many', async () => {
    const last = read.at(-1) === 'A' ? 'E' : 'A';
    for (const wrong of [`${read.slice(0, -1)}${last}`, `${read.slice(0, 14)}${write.slice(14)}`, 'x', '']) assert.equal((await call(url(), '/api/surges', { headers: bearer(wrong) })).status, 401, wrong);
    const many = await Promise.all(Array.from({ length: 60 }, () => call(url(), '/api/surges', { headers: bearer('tw_guess') })));
    const slowed = many.filter(({ status }) => status === 429);
    assert.ok(slowed.length > 20 && slowed.every(({ headers }) => Number(headers['retry-after']) > 0), `${slowed.length} of 60`);
    assert.equal((await call(url(), '/api/surges', { headers: bearer(read) })).status, 200, 'a valid token is not held up by it');
  });

  it('signs the page in with a token, whose cookie then reads and, from our page only, writes', async () => {
    const signIn = (token: string) => call(url(), '/api/session', { method: 'POST', headers: { ...json, origin: url() }, body: JSON.stringify({ token }) });
    assert.equal((await signIn('tw_wrong')).status, 401);
    assert.match(String((await signIn(ingest)).body['detail']), /role ingest/);
    const answer = await signIn(write);
    assert.deepEqual(answer.body, { access: 'write', local: false });
    const [cookie = ''] = String(answer.headers['set-cookie']).split(';');
    assert.equal((await call(url(), '/api/surges', { headers: { cookie } })).status, 200);
    assert.equal((await note({ cookie, origin: url() })).status, 200);
    assert.equal((await note({ cookie, origin: 'https://evil.example' })).status, 403);
  });

  it('ends a token within seconds of its revocation', async () => {
    const brief = createToken(database.url, 'read');
    assert.equal((await call(url(), '/api/surges', { headers: bearer(brief) })).status, 200);
    const listed = JSON.parse(tidewatchToken(database.url, 'list', '--json').out) as { token_id: string; last_used_at: string | null }[];
    const id = brief.split('_')[1]!;
    assert.notEqual(listed.find(({ token_id }) => token_id === id)!.last_used_at, null);
    assert.match(tidewatchToken(database.url, 'revoke', id).out, /is revoked/);
    assert.match(tidewatchToken(database.url, 'list').out, new RegExp(`${id}  read    revoked`));
    const deadline = Date.now() + 8_000;
    for (; (await call(url(), '/api/surges', { headers: bearer(brief) })).status !== 401; await sleep(200)) assert.ok(Date.now() < deadline, 'still taken');
    assert.equal(tidewatchToken(database.url, 'revoke', 'nobody').status, 1);
    assert.match(tidewatchToken(database.url, 'create', '--role', 'admin').err, /Allowed choices are read, write, ingest/);
  });

  it('keeps no secret in the database, shows no reader the hashes, and says none in its log', async () => {
    const [row] = await database.query<{ all: string }>('select string_agg(t::text, chr(10)) as all from internal.api_token t');
    const client = await database.connect();
    await client.query('set role tidewatch_reader');
    await assert.rejects(client.query('select * from internal.api_token'), /permission denied/);
    await assert.rejects(client.query(`select * from tidewatch.token_of('x')`), /permission denied/);
    const password = new URL(database.url).password;
    for (const token of [read, write, ingest]) {
      const secret = token.split('_').slice(2).join('_');
      assert.ok(!row!.all.includes(secret) && !server.said().includes(secret));
    }
    assert.ok(password !== '' && !server.said().includes(password));
    assert.match(server.said(), /"reads":"by token"/);
  });
});
