/** The simulated feed's story, through a real broker and worker, watched on the page from calm to open, worse, easing and closed, without a reload. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { createKafkaProducer } from '#consume-kafka';
import { MAIN_SURGE, PRODUCTS, STORY_SPAN, type StoryMessage, storyStart, tellStory } from '#simulate-feed';
import { WorkerProcess } from '../flow/support/worker-process.js';
import { openBrowser, openPage } from './open-browser.js';
import { useConsole } from './use-console.js';

const BROKERS = process.env['TEST_KAFKA_BROKERS'] ?? '';
const TOPIC = `story-reviews-${process.pid}-${Date.now()}`;
const PATIENCE = { timeout: 30_000 };

function reviewsOf(start: number): StoryMessage[] {
  const told: StoryMessage[] = [];
  const story = tellStory({ seed: 1, start });
  for (let next = story.next().value; next.at < start + STORY_SPAN; next = story.next().value) if (next.stream === 'reviews') told.push(next);
  return told;
}

describe('the story of the simulated feed on the page', () => {
  const { database, server } = useConsole();
  const start = storyStart(Date.now());
  const told = reviewsOf(start);

  /** A worker and a browser on what is told of the story; gone before the database is. */
  async function watch(work: (page: Page, tellUntil: (moment: number) => Promise<void>) => Promise<void>): Promise<void> {
    const producer = createKafkaProducer({ brokers: BROKERS.split(','), tls: false, sasl: null, clientId: 'story-test' });
    const browser = await openBrowser();
    await producer.start();
    await producer.ensureTopic(TOPIC, 1);
    const worker = new WorkerProcess('apps/review-worker/main.js', { DATABASE_URL: database.url, KAFKA_BROKERS: BROKERS, KAFKA_GROUP_PREFIX: TOPIC, REVIEWS_TOPIC: TOPIC, ENCODER_THREADS: '1' });
    let sent = 0;
    try {
      await worker.ready;
      const { page, complaints } = await openPage(browser, server.url);
      await work(page, async (moment) => {
        const part = told.slice(sent).filter(({ at }) => at <= start + moment);
        await producer.send(TOPIC, part.map(({ key, value }) => ({ key, value })));
        sent += part.length;
      });
      assert.deepEqual(complaints, []);
    } finally {
      await Promise.all([browser.close(), worker.stop(), producer.stop()]);
    }
  }

  it('opens, worsens, eases and closes', () => watch(async (page, tellUntil) => {
    const card = (statuses: string) => page.locator(statuses.split(' ').map((status) => `article.surge[data-status=${status}]`).join(', ')).first();
    await page.getByText('Nothing has been scored yet').waitFor(PATIENCE);
    await page.evaluate('window.sameDocument = true');
    await tellUntil(MAIN_SURGE.from);
    await page.getByText('There has been no surge so far.').waitFor(PATIENCE);
    await tellUntil((MAIN_SURGE.from + MAIN_SURGE.until) / 2);
    await card('opened worsening').waitFor(PATIENCE);
    assert.match(await card('opened worsening').innerText(), new RegExp(PRODUCTS[MAIN_SURGE.product]!.name));
    await tellUntil(STORY_SPAN);
    await card('closed').waitFor(PATIENCE);
    assert.equal(await page.locator('article.surge').count(), 1);
    await page.getByText('No surge is open').waitFor(PATIENCE);
    const { rows } = await (await database.connect()).query<{ status: string }>('select distinct status from tidewatch.surge_transitions');
    assert.deepEqual(rows.map(({ status }) => status).sort(), ['closed', 'easing', 'opened', 'worsening']);
    assert.equal(await page.evaluate('window.sameDocument'), true);
  }));
});
