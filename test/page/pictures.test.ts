/**
 * The README's pictures of the page: light, dark and on a phone, from the fixture of these tests at a fixed moment. `npm run pictures` makes them anew;
 * every run takes them again and holds them against those that are committed: the same sizes, and nothing to complain of while they are taken.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { projectRoot } from '#load-config';
import { fillDatabase } from './fill-database.js';
import { openBrowser, openPage } from './open-browser.js';
import { useConsole } from './use-console.js';

const NOW = Date.UTC(2026, 10, 20, 15);
const WRITE = process.env['WRITE_PICTURES'] === '1';
const PATIENCE = { timeout: 15_000 };
const PICTURES: Readonly<Record<string, BrowserContextOptions>> = {
  'page.png': { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  'page-dark.png': { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  'page-phone.png': { viewport: { width: 390, height: 844 }, colorScheme: 'light', deviceScaleFactor: 2 },
};
/** Width and height stand in the first chunk of a PNG. */
const sizeOf = (png: Buffer): readonly [number, number] => [png.readUInt32BE(16), png.readUInt32BE(20)];

describe('the README’s pictures', () => {
  const { database, server } = useConsole();
  let browser: Browser;
  before(async () => {
    await fillDatabase(database, NOW, 140);
    browser = await openBrowser();
  });
  after(() => browser?.close());

  for (const [name, options] of Object.entries(PICTURES)) {
    it(`${name} shows the page as it is`, async () => {
      const { page, complaints } = await openPage(browser, server.url, { ...options, reducedMotion: 'reduce' });
      await page.locator('#connection[data-state=live]').waitFor(PATIENCE);
      await page.locator('.surge-plot canvas').first().waitFor(PATIENCE);
      assert.match(await page.locator('article.surge').first().innerText(), /Pocket Ledger[\s\S]*crashes on login/);
      const taken = await page.screenshot({ animations: 'disabled' });
      const path = join(projectRoot(), 'docs', name);
      if (WRITE) writeFileSync(path, taken);
      assert.deepEqual(sizeOf(readFileSync(path)), sizeOf(taken));
      assert.ok(readFileSync(join(projectRoot(), 'README.md'), 'utf8').includes(`docs/${name}`));
      assert.deepEqual(complaints, []);
      await page.context().close();
    });
  }
});
