/** A dead letter tried again from the page, by keyboard: through a real broker and a real worker, which refuses it once more. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { createKafkaProducer } from '#consume-kafka';
import { call, json } from '../api/call.js';
import { WorkerProcess } from '../flow/support/worker-process.js';
import { fillPipeline } from './fixture-quotes.js';
import { openBrowser, openPage } from './open-browser.js';
import { pageSession } from './page-session.js';
import { useConsole } from './use-console.js';

const PATIENCE = { timeout: 20_000 };
const mark = `${process.pid}-${Date.now()}`;
const TOPIC = `letters-${mark}`;

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

describe('trying a dead letter again', () => {
  const environment = { KAFKA_BROKERS: process.env['TEST_KAFKA_BROKERS'] ?? '', KAFKA_GROUP_PREFIX: mark, REVIEWS_TOPIC: TOPIC };
  const { database, server } = useConsole(environment);
  before(async () => {
    const client = await database.connect();
    await fillPipeline(client, Date.now());
    await client.query(`DELETE FROM internal.stream_lease`);
    await client.query(`UPDATE internal.dead_letter SET topic = $1, partition = 0`, [TOPIC]);
    const producer = createKafkaProducer({ brokers: environment.KAFKA_BROKERS.split(','), tls: false, sasl: null, clientId: 'letters-test' });
    await producer.start();
    await producer.ensureTopic(TOPIC, 1);
    await producer.stop();
  });

  it('sends it back, keeps the focus on its button, and shows the new dead letter that comes of it', async () => {
    const { page, complaints } = await openPage(browser, `${server.url}/#/pipeline`, { viewport: { width: 360, height: 740 } });
    const letter = page.locator('.letters > li', { hasText: 'offset 25' });
    const again = letter.getByRole('button', { name: 'Try again' });
    await again.focus(PATIENCE);
    await page.keyboard.press('Enter');
    await letter.getByText('Sent back. If it fails again').waitFor(PATIENCE);
    await letter.getByText('tried again').waitFor(PATIENCE);
    assert.equal(await page.locator('button:focus').count(), 1);
    assert.equal(await again.getAttribute('aria-disabled'), 'true');
    assert.equal(await page.locator('.letters > li', { hasText: 'tombstone' }).getByRole('button').count(), 0);
    const worker = new WorkerProcess('apps/review-worker/main.js', { ...environment, DATABASE_URL: database.url });
    await worker.ready;
    try {
      const anew = page.locator('.letters > li', { hasText: 'offset 0' });
      await anew.getByText('rating').first().waitFor({ timeout: 60_000 });
      assert.match(await anew.innerText(), /This one goes to eleven/);
    } finally {
      await worker.stop();
    }
    assert.equal(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'), 0);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('is refused where there is nothing to send, twice, and to strangers', async () => {
    const cookie = await pageSession(server.url);
    const post = (body: unknown, headers: Record<string, string> = { cookie }) => call(server.url, '/api/dead-letters/replay', { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });
    assert.deepEqual([(await post({ topic: TOPIC, partition: 0, offset: '17' })).status, (await post({ topic: TOPIC, partition: 0, offset: '25' })).status, (await post({ topic: TOPIC, partition: 0, offset: '4711' })).status], [409, 409, 404]);
    assert.deepEqual([(await post({ topic: TOPIC, partition: 0, offset: 2 })).status, (await post({ topic: "x' or 1=1", partition: 0, offset: '2' })).status, (await post({ topic: TOPIC, partition: 0, offset: '2' }, {})).status], [400, 400, 401]);
  });
});
