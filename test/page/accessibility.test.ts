/** Every view by axe-core's rules, light and dark, at a desk and on a phone: nothing serious or critical, and nothing that only colour says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Browser } from 'playwright-core';
import { fillDatabase } from './fill-database.js';
import { openBrowser, openPage } from './open-browser.js';
import { useConsole } from './use-console.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PATIENCE = { timeout: 15_000 };
/** Address of each view, and what is on it once it is drawn. */
const VIEWS = [['', 'article.surge .surge-plot canvas'], ['products', 'table tbody tr'], ['products/prd-003', 'canvas'], ['forecasts', 'table tbody tr'], ['forecasts/ACME', 'canvas'], ['pipeline', 'table tbody tr']] as const;
const SCREENS = [['at a desk', { width: 1280, height: 900 }], ['on a phone', { width: 390, height: 844 }]] as const;

describe('the page for everybody', { concurrency: true }, () => {
  const { database, server } = useConsole();
  let browser: Browser;
  before(async () => {
    const now = Date.now();
    await fillDatabase(database, now, 200);
    browser = await openBrowser();
  });
  after(() => browser?.close());

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [where, viewport] of SCREENS) {
      it(`has no serious finding of axe-core, ${colorScheme}, ${where}`, async () => {
        const { page } = await openPage(browser, server.url, { colorScheme, viewport });
        const found: string[] = [];
        for (const [view, drawn] of VIEWS) {
          await page.evaluate(`location.hash = '#/${view}'`);
          await page.locator(drawn).first().waitFor(PATIENCE);
          await page.evaluate('Promise.all(document.getAnimations().map((each) => each.finished.catch(() => undefined)))');
          if (view === '') await page.evaluate(axe);
          const { violations } = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })');
          for (const { id, impact, help, nodes } of violations) {
            if (impact === 'serious' || impact === 'critical') found.push(`#/${view}: ${id} (${impact}): ${help}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary ?? ''}`).join(' | ')}`);
          }
        }
        assert.deepEqual(found, []);
        await page.context().close();
      });
    }
  }
});
