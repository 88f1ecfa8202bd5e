/** Acting on a surge over HTTP and on the page: who may, what is refused, and that it can be done by keyboard. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { addSurge, HOUR, PRODUCTS, state } from './fixture-reviews.js';
import { insert } from './fixture-rows.js';
import { openBrowser, openPage } from './open-browser.js';
import { pageSession } from './page-session.js';
import { useConsole } from './use-console.js';

const PATIENCE = { timeout: 10_000 };
const now = Date.now();

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

describe('acting on a surge', () => {
  const { database, server } = useConsole();
  let surgeId: string;
  before(async () => {
    const client = await database.connect();
    const product = { id: 'kettle/1 & <b>', name: 'Aurora Kettle' };
    await insert(client, 'entity_state', [state(product, 100, now), state(PRODUCTS[4]!, 100, now)]);
    surgeId = await addSurge(client, { product, startedAt: now - 5 * HOUR, openedAt: now - 3 * HOUR, closedAt: null, lastAt: now, observed: 21, expected: 2.5, severity: 7, statuses: ['opened'], quotes: ['It leaks.'] });
    await addSurge(client, { product: PRODUCTS[4]!, startedAt: now - 5 * HOUR, openedAt: now - 3 * HOUR, closedAt: null, lastAt: now, observed: 9, expected: 2.5, severity: 3, statuses: ['opened'], quotes: [] });
  });

  let cookie: string;
  before(async () => {
    cookie = await pageSession(server.url);
  });

  async function post(action: string, body: unknown, { id = surgeId, headers = {} }: { id?: string; headers?: Record<string, string> } = {}): Promise<{ status: number; type: string | undefined; body: Record<string, unknown> }> {
    const { hostname, port } = new URL(server.url);
    return new Promise((done, refuse) => {
      const sent = request({ hostname, port, path: `/api/surges/${encodeURIComponent(id)}/${action}`, method: 'POST', headers: { 'content-type': 'application/json', cookie, ...headers } }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk)).on('end', () => done({ status: answer.statusCode!, type: answer.headers['content-type'], body: JSON.parse(text) as Record<string, unknown> }));
      });
      sent.on('error', refuse);
      sent.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  it('answers with the surge as it is then, and lets the first acknowledgement stand', async () => {
    const both = await Promise.all([post('acknowledge', { by: 'Mia' }), post('acknowledge', { by: 'Jon' })]);
    const [first, second] = both[0].status === 200 ? both : [both[1], both[0]];
    assert.equal(first.status, 200);
    assert.equal(second.status, 409);
    assert.match(second.type ?? '', /^application\/problem\+json/);
    const { acknowledged_by: who } = first.body;
    assert.ok(who === 'Mia' || who === 'Jon');
    assert.match(String(second.body['detail']), new RegExp(`^${who} has acknowledged it already`));
    const owned = await post('owner', { by: 'Mia', owner: 'Ann' });
    assert.deepEqual([owned.body['surge_id'], owned.body['owner'], (owned.body['actions'] as unknown[]).length], [surgeId, 'Ann', 2]);
    assert.equal((await post('owner', { by: 'Mia', owner: null })).body['owner'], null);
    assert.equal((await post('note', { by: 'Mia', note: 'asked the supplier' })).status, 200);
    const judged = await post('feedback', { by: 'Mia', verdict: 'expected', remark: 'launch week' });
    assert.equal(judged.body['feedback'], 'expected');
    const [newest] = judged.body['actions'] as Record<string, unknown>[];
    assert.deepEqual([newest!['action'], newest!['verdict'], newest!['text'], newest!['by']], ['feedback', 'expected', 'launch week', 'Mia']);
  });

  it('refuses with a problem that says what was expected, and writes nothing', async () => {
    const rows = () => database.query<{ n: string }>('SELECT count(*) AS n FROM internal.surge_action');
    const earlier = await rows();
    const cases: readonly (readonly [string, unknown, number, RegExp, { id?: string; headers?: Record<string, string> }?])[] = [
      ['note', { by: 'Mia', note: 'x' }, 404, /no surge 'nothing@2026'/, { id: 'nothing@2026' }],
      ['feedback', { by: 'Mia', verdict: 'maybe' }, 400, /verdict: .*real.*expected.*brigading.*false/],
      ['feedback', { verdict: 'real' }, 400, /by: /],
      ['note', { by: 'Mia', note: 'a\0b' }, 400, /note: expected text without U\+0000/],
      ['note', { by: 'Mia', note: 'x'.repeat(4_001) }, 400, /note: /],
      ['note', { by: 'Mia', note: 'x', surge: 1 }, 400, /surge/],
      ['note', '{"by": ', 400, /JSON/],
      ['note', [], 400, /body: /],
      ['note', 'x'.repeat(200_000), 413, /at most 65536 bytes/],
      ['note', 'by=Mia&note=x', 415, /application\/json/, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
      ['note', { by: 'Mia', note: 'x' }, 403, /another origin/, { headers: { origin: 'https://evil.example' } }],
      ['note', { by: 'Mia', note: 'x' }, 401, /not valid/, { headers: { host: 'rebound.example' } }],
      ['note', { by: 'Mia', note: 'x' }, 401, /not valid/, { headers: { 'x-forwarded-for': '10.1.1.1' } }],
      ['note', { by: 'Mia', note: 'x' }, 401, /tidewatch token create --role write/, { headers: { cookie: '' } }],
      ['delete', { by: 'Mia' }, 404, /./],
    ];
    for (const [action, body, status, detail, options] of cases) {
      const answer = await post(action, body, options);
      const what = `${action} ${JSON.stringify(body).slice(0, 60)} gave ${JSON.stringify(answer.body)}`;
      assert.equal(answer.status, status, what);
      assert.equal(answer.body['status'], status, what);
      assert.match(answer.type ?? '', /^application\/problem\+json/, what);
      assert.match(String(answer.body['detail']), detail, what);
    }
    assert.deepEqual(await rows(), earlier);
  });

  it('can be done on the page by keyboard alone, and is seen by who looks at it elsewhere', async () => {
    const other = await openPage(browser, server.url);
    const { page, complaints } = await openPage(browser, server.url);
    const card = page.locator('article.surge', { has: page.getByRole('heading', { name: 'Lumen Desk Lamp' }) });
    await card.getByText('Not acknowledged yet. Nobody owns it.').waitFor(PATIENCE);
    const button = (name: string) => card.getByRole('button', { name, exact: true });
    await button('Acknowledge').focus();
    await page.keyboard.press('Enter');
    await card.getByText('Say who you are first.').waitFor(PATIENCE);
    await page.keyboard.type('Mia <i>');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await card.getByText(/Acknowledged by Mia <i>, /).waitFor(PATIENCE);
    await card.getByText('Acknowledged.', { exact: true }).waitFor(PATIENCE); // others may be shown it before the sender has the answer
    assert.equal(await card.locator('button:focus').innerText(), 'Acknowledge', 'the pressed button keeps the focus');
    await page.keyboard.press('Enter');
    await card.getByText('the first one stands').waitFor(PATIENCE);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await card.getByText('Owner: Mia <i>.').waitFor(PATIENCE);
    await button('False alarm').focus();
    await page.keyboard.press('Enter');
    await card.locator('button[aria-pressed=true]', { hasText: 'False alarm' }).waitFor(PATIENCE);
    await card.getByRole('textbox', { name: 'Note' }).fill('<img src=x onerror=alert(1)>\u202egnp');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await card.locator('.log li', { hasText: 'noted: <img src=x onerror=alert(1)>' }).waitFor(PATIENCE);
    assert.equal(await card.getByRole('textbox', { name: 'Note' }).inputValue(), '');
    const seen = other.page.locator('article.surge', { has: other.page.getByRole('heading', { name: 'Lumen Desk Lamp' }) });
    await seen.locator('.log li').nth(3).waitFor(PATIENCE);
    assert.match(await seen.locator('.surge-state').innerText(), /Mia <i>, judged false/);
    assert.doesNotMatch(await seen.innerText(), /\u202e/);
    assert.equal(await page.locator('main img, main i:not(.swatch):not(.meter i)').count(), 0);
    assert.deepEqual([...complaints, ...other.complaints], []);
    await Promise.all([page.context().close(), other.page.context().close()]);
  });

  it('keeps what is being typed while the surge changes, and fits a phone', async () => {
    const { page, complaints } = await openPage(browser, server.url, { viewport: { width: 360, height: 740 } });
    const card = page.locator('article.surge', { has: page.getByRole('heading', { name: 'Aurora Kettle' }) });
    const note = card.getByRole('textbox', { name: 'Note' });
    await note.fill('half a sent');
    await database.query('UPDATE internal.surge SET observed = 33 WHERE surge_id = $1', [surgeId]);
    await card.getByText('33 negative reviews').waitFor(PATIENCE);
    assert.equal(await note.inputValue(), 'half a sent');
    assert.equal(await card.locator('textarea:focus').count(), 1);
    assert.equal(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'), 0);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});
