/** Looking closer: the reviews of a product narrowed and paged, and how a forecast was settled, by mouse and by keyboard. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { until } from '../../libs/testkit/until.js';
import { countProducts } from '../../apps/scheduler/keep-products.js';
import { fillDatabase } from './fill-database.js';
import { addSurge, HOUR, review, state } from './fixture-reviews.js';
import { insert } from './fixture-rows.js';
import { openBrowser, openPage } from './open-browser.js';
import { useConsole } from './use-console.js';

const PATIENCE = { timeout: 15_000 };
const count = (page: Page, what: string) => page.locator(what).count();
/** Waits until the list has been drawn by the filters as they are: every item is like that, and there is one. */
const allShow = (page: Page, wanted: string) => until(`every review is so that ${wanted}`, () => page.evaluate<boolean>(`(() => { const all = [...document.querySelectorAll('.review')]; return all.length > 0 && all.every((each) => ${wanted}); })()`));

describe('the page, looked at closely', () => {
  const { database, server } = useConsole();
  let browser: Browser;
  before(async () => {
    await fillDatabase(database, Date.now(), 200);
    browser = await openBrowser();
  });
  after(() => browser?.close());

  it('shows only the reviews that one asks for, and older ones on request', async () => {
    await database.query("UPDATE internal.review_score SET rating = 5, p_negative_text = 0.97 WHERE review_id = (SELECT review_id FROM tidewatch.reviews_scored WHERE product_id = $1 AND app_version = '4.2.0' AND region = 'DE' AND known_words = 1 LIMIT 1)", ['prd-003']);
    const { page, complaints } = await openPage(browser, `${server.url}/#/products/prd-003`);
    await page.locator('.review').first().waitFor(PATIENCE);
    assert.equal(await count(page, '.review'), 50);
    await page.getByRole('button', { name: 'Older reviews' }).click();
    await until('older reviews are there', async () => (await count(page, '.review')) > 50);
    await page.getByRole('combobox', { name: 'Aspect' }).selectOption('login');
    await allShow(page, "/ · about .*login/.test(each.querySelector('.source').textContent)");
    await page.getByRole('combobox', { name: 'Aspect' }).selectOption('any aspect');
    await page.getByRole('combobox', { name: 'Version' }).selectOption('4.2.0');
    await allShow(page, "each.querySelector('.source').textContent.includes('version 4.2.0')");
    await page.getByRole('combobox', { name: 'Region' }).selectOption('DE');
    await allShow(page, "each.querySelector('.source').textContent.includes('DE') && each.querySelector('.source').textContent.includes('version 4.2.0')");
    await page.getByRole('combobox', { name: 'Stars' }).selectOption('4 to 5 stars');
    await allShow(page, "/[45] of 5 stars/.test(each.querySelector('.source').textContent)");
    await page.getByLabel('negative only').check();
    await page.getByText('No review is like that.').waitFor(PATIENCE);
    assert.equal(await count(page, '.review'), 0);
    await page.getByRole('combobox', { name: 'Stars' }).selectOption('any stars');
    await allShow(page, "each.classList.contains('negative')");
    await page.getByLabel('negative only').uncheck();
    await page.getByLabel('hardly read').check();
    await allShow(page, "each.querySelector('.doubt')?.textContent.includes('The model knows 38 % of its words')");
    await page.getByLabel('hardly read').uncheck();
    await until('others are shown again, without that remark', () => page.evaluate<boolean>("[...document.querySelectorAll('.review')].some((each) => each.querySelector('.doubt') === null)"));
    await page.getByLabel('stars contradict').check();
    await allShow(page, "each.querySelector('.doubt')?.textContent.includes('Its stars say the opposite of its text.')");
    await page.getByLabel('stars contradict').uncheck();
    await page.getByText('Model and history').click();
    assert.match(await page.locator('.curious').innerText(), /moved the newest 50 scores by [\d.]+ percentage points on average[\s\S]*norm 2\.5, after [\d,]+ reviews[\s\S]*reviews-2026-11-a1b2c3/);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('opens the very surge that a link names, and says so where there is none', async () => {
    const [surge] = await database.query<{ id: string }>("SELECT surge_id AS id FROM tidewatch.surges WHERE closed_at IS NULL ORDER BY severity LIMIT 1");
    const { page, complaints } = await openPage(browser, `${server.url}/#/surges/${encodeURIComponent(surge!.id)}`);
    await page.locator(`article.surge[data-surge="${surge!.id}"] .surge-plot canvas`).waitFor(PATIENCE);
    assert.equal(await count(page, 'article.surge'), 1);
    await page.getByRole('button', { name: 'Acknowledge' }).waitFor(PATIENCE);
    assert.deepEqual(complaints, []);
    await page.context().close();
    const lost = await openPage(browser, `${server.url}/#/surges/nothing`, {}, /404/);
    await lost.page.getByText('There is no surge nothing.').waitFor(PATIENCE);
    assert.deepEqual(lost.complaints, []);
    await lost.page.context().close();
  });

  it('shows how a forecast was settled when its bar is clicked, or its time in the table is chosen', async () => {
    const { page, complaints } = await openPage(browser, `${server.url}/#/forecasts/ACME`);
    const plot = page.locator('.past-plot .u-over');
    await plot.waitFor(PATIENCE);
    await plot.click({ position: { x: 60, y: 60 } });
    const answer = page.getByRole('region', { name: 'How the chosen forecast was settled' });
    await answer.waitFor(PATIENCE);
    const clicked = await answer.innerText();
    assert.match(clicked, /Made .+one bar ahead[\s\S]*Started from[\s\S]*bar \d+[\s\S]*50 %: [\d.,]+ – [\d.,]+; 90 %[\s\S]*Came[\s\S]*a return of[\s\S]*what the forecast held possible: (in the (50|90) % band|outside)[\s\S]*walk/);
    await page.locator('.settled tbody button').first().focus();
    await page.keyboard.press('Enter');
    await until('another forecast is shown', async () => (await answer.innerText()) !== clicked);
    await page.getByRole('button', { name: '+5', exact: true }).click();
    await answer.waitFor({ state: 'hidden', ...PATIENCE });
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('puts symbols whose bands do not hold first, and finds one by its name', async () => {
    const { page, complaints } = await openPage(browser, `${server.url}/#/forecasts`);
    const cards = page.locator('article.fan');
    await cards.first().waitFor(PATIENCE);
    const off = (await cards.allInnerTexts()).map((text) => /too (narrow|wide)/.test(text));
    assert.deepEqual(off, off.toSorted((a, b) => Number(b) - Number(a)));
    await page.getByText(`8 symbols: first the ${off.filter(Boolean).length} with bands that are too narrow or too wide`).waitFor(PATIENCE);
    await page.getByRole('searchbox').fill('bor');
    await until('one is left', async () => (await cards.count()) === 1);
    assert.match(await cards.first().innerText(), /^BOREAL/);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('tells of all products and all open surges, however few a list shows', async () => {
    const client = await database.connect();
    const now = Date.now();
    const calm = Array.from({ length: 80 }, (_, n) => ({ id: `calm-${n}`, name: `Calm ${n}` }));
    await insert(client, 'review_score', calm.map((product) => review(product, now - HOUR, 'Nothing to complain of.', 0.03)));
    await insert(client, 'entity_state', calm.map((product) => state(product, 1, now - HOUR)));
    await countProducts(client, calm.map(({ id }) => id));
    for (const product of calm.slice(0, 30)) await addSurge(client, { product, startedAt: now - 3 * HOUR, openedAt: now - 2 * HOUR, closedAt: null, lastAt: now - HOUR, observed: 9, expected: 1, severity: 2, statuses: ['opened'], quotes: [] });
    const [all] = await database.query<{ share: number; reviews: string }>('SELECT sum(negatives_7d)::float8 / sum(reviews_7d) AS share, sum(reviews_7d) AS reviews FROM tidewatch.products');
    const { page, complaints } = await openPage(browser, server.url);
    await page.getByRole('heading', { level: 1, name: '32 open surges' }).waitFor(PATIENCE);
    const figures = page.locator('.figures');
    await until('the totals have come', async () => (await figures.innerText()).includes('104 products'));
    assert.match(await figures.innerText(), new RegExp(`^Open surges\\s+32\\s[\\s\\S]*\\s${(100 * all!.share).toFixed(1)} %\\s+of ${Number(all!.reviews).toLocaleString('en-GB')} reviews, 104 products`));
    assert.equal(await count(page, 'article.surge:not([data-status=closed])'), 32);
    assert.match(await page.title(), /^\(32\) /);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});
