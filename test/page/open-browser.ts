/** A real Chromium for a test file. Where it is missing the tests fail and say what to install: a page that nobody looked at is not tested. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const PATH = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

export async function openBrowser(): Promise<Browser> {
  if (!existsSync(PATH)) throw new Error(`no Chromium at ${PATH}: install it (Debian: apt-get install chromium) or set CHROMIUM_PATH`);
  return chromium.launch({
    executablePath: PATH,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

export interface WatchedPage {
  readonly page: Page;
  /** Bytes received so far, bodies only; the event stream does not count. */
  readonly received: () => number;
  /** What the page complained about; empty when all is well. */
  readonly complaints: readonly string[];
}

/** A page whose complaints are kept: console errors and warnings, exceptions, refused or foreign requests. `expected` ones are left out. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}, expected: RegExp | null = null): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  let bytes = 0;
  const complain = (line: string) => {
    if (expected?.test(line) !== true) complaints.push(line);
  };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complain(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complain(`exception: ${error.stack ?? error.message}`));
  page.on('dialog', (dialog) => {
    complain(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin)) complain(`foreign request: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complain(`status ${response.status()}: ${response.url()}`);
    if (!response.url().endsWith('/api/stream')) void response.body().then((body) => (bytes += body.length), () => undefined);
  });
  await page.goto(url);
  return { page, complaints, received: () => bytes };
}
