/** The page in a real browser over a real database: what a support lead sees, and what a hostile review can not do. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { fillDatabase } from './fill-database.js';
import { addSurge, HOUR, PRODUCTS, review, state } from './fixture-reviews.js';
import { insert } from './fixture-rows.js';
import { openBrowser, openPage } from './open-browser.js';
import { useConsole } from './use-console.js';

const PATIENCE = { timeout: 10_000 };
const FIRST_LOAD_BYTES = 300_000;
const now = Date.now();
const lamp = PRODUCTS[4]!;

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

const sidewaysScroll = (page: Page) => page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
const shows = (page: Page, text: string) => page.getByText(text).first().waitFor(PATIENCE);

/** A session on the server's own database. */
async function withAdmin(work: (admin: pg.Client) => Promise<void>): Promise<void> {
  const admin = new pg.Client({ connectionString: process.env['TEST_DATABASE_URL'] });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

describe('the page over an empty database', () => {
  const { database, server } = useConsole();

  it('says in every view that nothing is there yet, without a complaint', async () => {
    const { page, complaints } = await openPage(browser, server.url);
    await shows(page, 'Nothing has been scored yet');
    await page.locator('#connection[data-state=live]').waitFor(PATIENCE);
    for (const [tab, text] of [['Products', 'No product has had a review yet.'], ['Forecasts', 'No forecast has been settled yet'], ['Pipeline', 'No partition has been taken yet']] as const) {
      await page.getByRole('link', { name: tab, exact: true }).click();
      await shows(page, text);
    }
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('shows a first review, then a surge, as they are committed: without a reload, and says the surge aloud', async () => {
    const { page, complaints } = await openPage(browser, server.url);
    await shows(page, 'Nothing has been scored yet');
    await page.evaluate('window.sameDocument = true');
    const client = await database.connect();
    await insert(client, 'review_score', [review(lamp, now - HOUR, 'It never turns on.', 0.93), review(lamp, now, 'The switch is scalding.', 0.91)]);
    await insert(client, 'entity_state', [state(lamp, 2, now)]);
    await shows(page, 'No surge is open');
    await shows(page, 'There has been no surge so far.');
    await addSurge(client, { product: lamp, startedAt: now - 5 * HOUR, openedAt: now - 3 * HOUR, closedAt: null, lastAt: now, observed: 21, expected: 2.5, severity: 7, statuses: ['opened', 'worsening'], quotes: ['I want a refund, it never turned on.'] });
    const card = page.locator('article.surge');
    await card.waitFor(PATIENCE);
    assert.match(await card.innerText(), /Lumen Desk Lamp[\s\S]*21 negative reviews between[\s\S]*where 2\.5 were expected, 8\.4 times the usual, so 11 to 28/);
    await card.locator('mark', { hasText: 'refund' }).waitFor(PATIENCE);
    await card.locator('.surge-plot canvas').waitFor(PATIENCE);
    assert.equal(await page.locator('#announce').textContent(), 'New surge: Lumen Desk Lamp, severity 7 of 10.');
    assert.match(await page.title(), /^\(1\) /);
    await client.query(`UPDATE internal.surge SET status = 'closed', closed_at = last_change_at`);
    await page.locator('article.surge[data-status=closed]').waitFor(PATIENCE);
    assert.equal(await page.evaluate('window.sameDocument'), true);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('says that the console is gone, and comes back by itself with what is new', async () => {
    const { page, complaints } = await openPage(browser, server.url, {}, /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/);
    await page.locator('#connection[data-state=live]').waitFor(PATIENCE);
    await server.stop();
    await page.locator('#connection[data-state=lost]').waitFor(PATIENCE);
    await shows(page, 'The console does not answer');
    await database.query(`UPDATE internal.entity_state SET label = 'Renamed Lamp'`);
    await server.restart();
    await page.locator('#connection[data-state=live]').waitFor(PATIENCE);
    await shows(page, 'Renamed Lamp');
    assert.equal(await page.locator('#trouble').isHidden(), true);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});

describe('the page over a busy database', () => {
  const { database, server } = useConsole();
  before(async () => {
    const client = await fillDatabase(database, now, 140);
    await client.query('ANALYZE');
  });

  it('puts the worst open surge first, and loads in less than 300 KB', async () => {
    const { page, complaints, received } = await openPage(browser, server.url);
    await page.locator('article.surge').first().waitFor(PATIENCE);
    await page.locator('.surge-plot canvas').first().waitFor(PATIENCE);
    assert.deepEqual(await page.locator('article.surge h3').allInnerTexts(), ['Pocket Ledger', 'Aurora Kettle 1.7', 'Lumen Desk Lamp', 'Drift Running Shoe']);
    assert.ok(received() > 50_000 && received() < FIRST_LOAD_BYTES, `${received()} bytes`);
    const time = page.locator('article.surge time').first();
    assert.match(String(await time.getAttribute('title')), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('shows known events beside the surge and on its product’s two weeks', async () => {
    const client = await database.connect();
    const event = { eventId: 'e', name: 'Spring <b>sale</b>', kind: 'sale', from: now - 9 * HOUR, until: now + HOUR, factor: 3, mute: true };
    await client.query("UPDATE internal.surge SET events = $1, muted = true WHERE product_id = $2 AND closed_at IS NULL", [JSON.stringify([event]), PRODUCTS[2]!.id]);
    await client.query("SELECT tidewatch.add_calendar_event($1, 'sale', $2, $3, ARRAY[$4], 3, true)", [event.name, new Date(event.from), new Date(event.until), PRODUCTS[2]!.id]);
    const { page, complaints } = await openPage(browser, server.url);
    const card = page.locator('article.surge').first();
    await card.locator('.known-events li').waitFor(PATIENCE);
    assert.match(await card.locator('.known').innerText(), /Known at the time\s+sale Spring <b>sale<\/b> .*3.0 times the usual volume expected, nobody is told\s+Muted/);
    assert.equal(await card.locator('.chip', { hasText: 'muted' }).count(), 1);
    await card.getByRole('link', { name: 'All reviews of this product' }).click();
    await page.locator('.known-events[aria-label="Known events"] li').waitFor(PATIENCE);
    assert.equal(await page.locator('.key .area-event').count(), 1);
    assert.deepEqual(complaints, []);
    await page.context().close();
    await client.query("UPDATE internal.surge SET events = '[]', muted = false");
    await client.query('SELECT tidewatch.remove_calendar_event(event_id) FROM tidewatch.calendar_events');
  });

  it('shows a surge over a group as one card with its products', async () => {
    const client = await database.connect();
    await client.query(`INSERT INTO internal.group_surge (group_surge_id, group_name, opened_at) VALUES ('group:g', 'Kitchen <i>range</i>', now())`);
    await client.query(`INSERT INTO internal.group_surge_child (surge_id, group_surge_id) SELECT surge_id, 'group:g' FROM internal.surge WHERE closed_at IS NULL`);
    const { page, complaints } = await openPage(browser, server.url);
    const card = page.locator('article.group-surge');
    await card.waitFor(PATIENCE);
    assert.match(await card.innerText(), /Kitchen <i>range<\/i>: one surge over 2 products, 2 still open\s+91 negative reviews since .* all together, so \d+ to \d+ too many \(90 % interval\)\.\s+Pocket Ledger severity 8, worsening\s+Aurora Kettle 1\.7 severity 5, easing/);
    assert.deepEqual(complaints, []);
    await page.context().close();
    await client.query('DELETE FROM internal.group_surge_child; DELETE FROM internal.group_surge');
  });

  it('can be used by keyboard alone: skip, unfold a surge, go to its product', async () => {
    const { page, complaints } = await openPage(browser, server.url);
    const closed = page.locator('article.surge[data-status=closed]').first();
    await closed.waitFor(PATIENCE);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.id'), 'skip');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate('document.activeElement.id'), 'content');
    const toggle = closed.locator('button.toggle');
    const focused = page.locator('article.surge[data-status=closed] button.toggle:focus');
    for (let step = 0; step < 40 && (await focused.count()) === 0; step += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await toggle.getAttribute('aria-expanded'), 'true');
    await closed.getByRole('link', { name: 'All reviews of this product' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Lumen Desk Lamp' }).waitFor(PATIENCE);
    await page.locator('.review').first().waitFor(PATIENCE);
    assert.equal(await page.evaluate('document.activeElement.id'), 'content');
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('says what the bands covered and whether the model beats a random walk', async () => {
    const { page, complaints } = await openPage(browser, `${server.url}/#/forecasts`);
    await page.locator('article.fan').nth(7).waitFor(PATIENCE);
    const boreal = page.locator('article.fan', { has: page.getByRole('heading', { name: 'BOREAL' }) });
    assert.match(await boreal.innerText(), /no skill against a random walk yet/);
    assert.match(await boreal.innerText(), /\+1\s+119 settled/);
    await boreal.getByRole('link', { name: 'BOREAL' }).click();
    await shows(page, 'Bands as stated, and what came');
    await shows(page, 'No directional skill in the last 119 forecasts');
    await page.getByRole('button', { name: '+5' }).click();
    assert.equal(await page.getByRole('button', { name: '+5' }).getAttribute('aria-pressed'), 'true');
    await page.locator('.past-plot canvas').waitFor(PATIENCE);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('fits a phone and a doubled text size in every view', async () => {
    for (const options of [{ viewport: { width: 360, height: 740 } }, { viewport: { width: 640, height: 450 }, colorScheme: 'dark' as const }]) {
      const { page, complaints } = await openPage(browser, server.url, options);
      for (const [hash, ready] of [['#/', 'article.surge canvas'], ['#/products', '.products.wide tbody tr'], [`#/products/${PRODUCTS[2]!.id}`, '.review'], ['#/forecasts', 'article.fan canvas'], ['#/forecasts/ACME', '.past-plot canvas'], ['#/pipeline', '.letters li']] as const) {
        await page.goto(`${server.url}/${hash}`);
        await page.locator(ready).first().waitFor(PATIENCE);
        assert.equal(await sidewaysScroll(page), 0, `${hash} at ${options.viewport.width}`);
      }
      assert.deepEqual(complaints, []);
      await page.context().close();
    }
  });

  it('says that the database is away, keeps what it knew, and goes on when it is back', async () => {
    const { page, complaints } = await openPage(browser, server.url, {}, /503/);
    await page.locator('article.surge').first().waitFor(PATIENCE);
    const late = await openPage(browser, `${server.url}/#/pipeline`, {}, /503/);
    const name = new URL(database.url).pathname.slice(1);
    await withAdmin(async (admin) => {
      await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
      try {
        await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
        await page.locator('#connection[data-state=trouble]').waitFor(PATIENCE);
        assert.match(await page.locator('#trouble').innerText(), /database.*What is shown is from/s);
        assert.equal(await page.locator('article.surge').count(), 4);
        await late.page.goto(`${server.url}/#/products/${lamp.id}`);
        await late.page.locator('.facts', { hasText: 'Postgres is away' }).waitFor(PATIENCE);
      } finally {
        await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
      }
    });
    await late.page.getByRole('heading', { level: 1, name: lamp.name }).waitFor(PATIENCE);
    assert.deepEqual(late.complaints, []);
    await late.page.context().close();
    await database.query(`UPDATE internal.entity_state SET label = 'Pocket Ledger Pro' WHERE label = 'Pocket Ledger'`);
    await page.locator('#connection[data-state=live]').waitFor(PATIENCE);
    await page.locator('article.surge h3', { hasText: 'Pocket Ledger Pro' }).waitFor(PATIENCE);
    assert.equal(await page.locator('#trouble').isHidden(), true);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('keeps hostile texts inert: markup, a script, control and direction characters, stacked marks, an endless word', async () => {
    const evil = { id: 'evil/../<b>&"%2e', name: '<img src=x onerror=alert(1)>‮gnp.exe' };
    const texts = ['<script>window.broken = 1</script><svg onload=alert(2)>', '[click](javascript:alert(3)) \u001b[31mred\u001b[0m \u0007', `Z${'\u0301\u0489'.repeat(5_000)} algo`, 'w'.repeat(20_000), '\u202e\u2066reversed \u05e9\u05dc\u05d5\u05dd'];
    const client = await database.connect();
    await insert(client, 'review_score', texts.map((text, n) => review(evil, now - n * 1000, text, 0.95, { title: n === 0 ? '<h1>big</h1>' : null, region: '"><i>', app_version: '{{7*7}}', top_words: [{ word: text.slice(0, 8), start: 0, end: 8, weight: 0.5 }, { word: 7, start: -1, end: 1e9, weight: 'x' }] })));
    await insert(client, 'entity_state', [state(evil, texts.length, now)]);
    await insert(client, 'dead_letter', [{ topic: 'reviews.v1', partition: 0, offset: 999_999, key: null, payload: Buffer.from('<script>alert(4)</script>\u0000\u001b]0;x\u0007'), code: 'invalid_json', reason: '<b onclick=alert(5)>bold</b>', message_at: new Date(now) }]);
    await addSurge(client, { product: evil, startedAt: now - 2 * HOUR, openedAt: now - HOUR, closedAt: null, lastAt: now, observed: 99, expected: 1, severity: 10, statuses: ['opened'], quotes: texts.map((text) => text.slice(0, 3_000)), contributors: [{ kind: 'term', value: '<u>t</u>', shareNow: 5, shareBefore: -1 }] });
    const { page, complaints } = await openPage(browser, server.url, { viewport: { width: 390, height: 844 } });
    await page.locator('article.surge h3', { hasText: '<img src=x onerror=alert(1)>' }).waitFor(PATIENCE);
    await page.locator('article.surge .surge-plot canvas').first().waitFor(PATIENCE);
    assert.equal(await sidewaysScroll(page), 0);
    await page.locator('article.surge').first().getByRole('link', { name: 'All reviews of this product' }).click();
    await page.locator('.review').nth(4).waitFor(PATIENCE);
    assert.equal(await sidewaysScroll(page), 0);
    assert.match(await page.locator('.reviews').innerText(), /<script>window\.broken = 1<\/script>/);
    await page.goto(`${server.url}/#/pipeline`);
    await shows(page, '<b onclick=alert(5)>bold</b>');
    assert.equal(await sidewaysScroll(page), 0);
    assert.equal(await page.evaluate('window.broken'), undefined);
    assert.equal(await page.locator('main script, main img, main h1 h1, main u, main i:not(.swatch):not(.meter i)').count(), 0);
    assert.doesNotMatch(await page.locator('main').innerText(), /[\u0000-\u0008\u001b\u202e]/);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});
