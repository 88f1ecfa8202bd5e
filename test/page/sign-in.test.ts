/** The page of a console that listens beyond its machine: nothing is shown before a token, everything after it, across a restart. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { createToken } from '../api/token.js';
import { addSurge, HOUR, PRODUCTS, state } from './fixture-reviews.js';
import { insert } from './fixture-rows.js';
import { openBrowser, openPage } from './open-browser.js';
import { useConsole } from './use-console.js';

const PATIENCE = { timeout: 10_000 };
const EXPECTED = /401|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/;

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

describe('the page where a token is needed', () => {
  const { database, server } = useConsole({ PAGE_HOST: '0.0.0.0' });
  before(async () => {
    const client = await database.connect();
    await insert(client, 'entity_state', [state(PRODUCTS[4]!, 100, Date.now())]);
    await addSurge(client, { product: PRODUCTS[4]!, startedAt: Date.now() - 5 * HOUR, openedAt: Date.now() - 3 * HOUR, closedAt: null, lastAt: Date.now(), observed: 9, expected: 2.5, severity: 3, statuses: ['opened'], quotes: [] });
  });

  it('asks for one, refuses a wrong one, then shows and acts, and a restart of the console signs nobody out', async () => {
    const { page, complaints } = await openPage(browser, server.url, {}, EXPECTED);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor(PATIENCE);
    assert.doesNotMatch(await page.locator('body').innerText(), /Lumen/);
    assert.equal(await page.locator('#token:focus').count(), 1);
    await page.keyboard.type('tw_wrong');
    await page.keyboard.press('Enter');
    await page.getByText('expected a token that is valid').waitFor(PATIENCE);
    await page.locator('#token').fill(createToken(database.url, 'write'));
    await page.keyboard.press('Enter');
    const card = page.locator('article.surge', { has: page.getByRole('heading', { name: 'Lumen Desk Lamp' }) });
    await card.waitFor(PATIENCE);
    await server.stop();
    await page.locator('#connection[data-state=lost]').waitFor(PATIENCE);
    await server.restart();
    await page.locator('#connection[data-state=live]').waitFor(PATIENCE);
    await card.getByRole('textbox', { name: 'Your name' }).fill('Mia');
    await card.getByRole('button', { name: 'Acknowledge', exact: true }).click();
    await card.getByText(/Acknowledged by Mia, /).waitFor(PATIENCE);
    assert.equal(await page.evaluate('document.cookie'), '');
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});
