/** The calendar of known events on the page: added and taken out by keyboard, refused with a sentence, and it fits a phone. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { fillReviews } from './fixture-reviews.js';
import { openBrowser, openPage } from './open-browser.js';
import { useConsole } from './use-console.js';

const PATIENCE = { timeout: 10_000 };

describe('known events on the page', () => {
  const { database, server } = useConsole();
  let browser: Browser;
  before(async () => {
    await fillReviews(await database.connect(), Date.now());
    browser = await openBrowser();
  });
  after(() => browser?.close());
  const events = () => database.query<{ name: string; kind: string; from_at: Date; until_at: Date; products: string[] | null; factor: number | null; mute: boolean; added_by: string }>('select name, kind, from_at, until_at, products, factor, mute, added_by from tidewatch.calendar_events order by from_at');

  it('are added and taken out by keyboard', async () => {
    const { page, complaints } = await openPage(browser, `${server.url}/#/products`);
    const card = page.locator('.calendar');
    await card.getByText('None in the last two weeks').waitFor(PATIENCE);
    await card.getByLabel('Name', { exact: true }).focus();
    await page.keyboard.type('Black <i>Friday</i>');
    await page.keyboard.press('Tab');
    await page.keyboard.type('sale');
    await card.getByLabel('From').fill('2099-11-27T08:00');
    await card.getByLabel('Until').fill('2099-12-01T08:00');
    await card.getByLabel('Products').fill('kettle, toaster,');
    await card.getByLabel('Expect').fill('4');
    await page.keyboard.press('Enter');
    await card.getByText('Say who you are first.').waitFor(PATIENCE);
    await page.keyboard.type('Mia');
    await page.keyboard.press('Enter');
    await card.getByText('It is in the calendar.').waitFor(PATIENCE);
    await card.locator('.known-events li', { hasText: 'sale Black <i>Friday</i>' }).waitFor(PATIENCE);
    assert.deepEqual(await events(), [{ name: 'Black <i>Friday</i>', kind: 'sale', from_at: new Date('2099-11-27T07:00:00Z'), until_at: new Date('2099-12-01T07:00:00Z'), products: ['kettle', 'toaster'], factor: 4, mute: false, added_by: 'Mia' }], 'times are those of the browser’s zone');
    assert.equal(await card.getByLabel('Name', { exact: true }).inputValue(), '');
    await card.getByRole('button', { name: /^Remove Black/ }).focus();
    await page.keyboard.press('Enter');
    await card.getByText('is out of the calendar').waitFor(PATIENCE);
    assert.equal(await page.locator('.calendar h2:focus').count(), 1, 'the focus is not lost with the button');
    assert.deepEqual(await events(), []);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('are refused with the sentence of the API, and keep what was typed; on a phone nothing scrolls sideways', async () => {
    const { page } = await openPage(browser, `${server.url}/#/products`, { viewport: { width: 360, height: 740 } });
    const card = page.locator('.calendar');
    await card.getByLabel('Name', { exact: true }).fill('Launch');
    await card.getByLabel('From').fill('2099-11-27T08:00');
    await card.getByLabel('Until').fill('2099-11-26T08:00');
    await card.getByLabel('Your name').fill('Mia');
    await card.getByLabel('tell nobody').check();
    await card.getByRole('button', { name: 'Add event' }).click();
    await card.getByText(/until: found .*expected a time after from/).waitFor(PATIENCE);
    assert.equal(await card.getByLabel('Name', { exact: true }).inputValue(), 'Launch');
    assert.deepEqual(await events(), []);
    assert.equal(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'), 0);
    await page.context().close();
  });
});
