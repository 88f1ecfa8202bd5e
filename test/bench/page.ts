/**
 * The page under load, in a real Chromium: 5,000 products in the database, 500 reviews a second written as a worker writes them, the
 * scheduler's count of the products beside it, the console's event stream into the page. Prints what the list of products costs and, for
 * each view, how long frames took while everything streamed: the time from one animation frame to the next.
 *
 *   TEST_DATABASE_URL=... node dist/test/bench/page.js [--products 5000] [--reviews 500000] [--rate 500] [--seconds 30]
 *
 * The database is of its own and dropped at the end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { migrate } from '#commit-postgres';
import { keepProducts } from '../../apps/scheduler/keep-products.js';
import { startConsole } from '../page/console-process.js';
import { openBrowser, openPage } from '../page/open-browser.js';
import { fillReviews } from './support/fill-database.js';

const { values } = parseArgs({ options: { products: { type: 'string', default: '5000' }, reviews: { type: 'string', default: '500000' }, rate: { type: 'string', default: '500' }, seconds: { type: 'string', default: '30' } } });
const [products, reviews, rate, seconds] = [Number(values.products), Number(values.reviews), Number(values.rate), Number(values.seconds)];
const BATCHES = 4;
const KEEP_MS = 5_000;
const VIEWS = ['#/', '#/products', '#/products/prd-1', '#/pipeline'];

/** One commit: a part of a second's reviews over all products, their states a version on, the position moved. */
const COMMIT = `
WITH made AS MATERIALIZED (
  SELECT 'prd-' || (1 + floor(random() * $2))::int AS product_id, next_offset + n AS at_offset, random() < 0.1 AS negative
  FROM generate_series(1, $1::int) n, (SELECT next_offset FROM internal.stream_lease WHERE topic = 'reviews.v1' AND partition = 0) lease
), scored AS (
  INSERT INTO internal.review_score (topic, partition, "offset", reviewed_at, product_id, product_name, review_id, revision, rating, text, p_negative, p_negative_text, expected_negative, top_words, model_id)
  SELECT 'reviews.v1', 99, at_offset, clock_timestamp(), product_id, 'Product ' || substr(product_id, 5), 'l' || at_offset, 0, 3, 'It came as it was described, and the box was a little bent.', CASE WHEN negative THEN 0.9 ELSE 0.05 END, 0.1, 0.1, '[]', 'bench' FROM made
), states AS (
  UPDATE internal.entity_state e SET version = e.version + m.n, last_event_at = clock_timestamp() FROM (SELECT product_id, count(*) AS n FROM made GROUP BY 1) m WHERE e.stream = 'reviews' AND e.entity = m.product_id
)
UPDATE internal.stream_lease SET next_offset = next_offset + $1::int, high_watermark = next_offset + $1::int, accepted = accepted + $1::int, watermark = clock_timestamp(), committed_at = clock_timestamp() WHERE topic = 'reviews.v1' AND partition = 0`;
/** An open surge a second moves on. */
const MOVE = `UPDATE internal.surge SET observed = observed + 1, last_change_at = clock_timestamp() WHERE surge_id = (SELECT surge_id FROM internal.surge WHERE closed_at IS NULL ORDER BY random() LIMIT 1)`;

const server = process.env['DATABASE_URL'] ?? process.env['TEST_DATABASE_URL'];
if (server === undefined) throw new Error('set DATABASE_URL to a server where a database may be created');
const url = new URL(server);
url.pathname = `/bench_page_${process.pid}`;
const admin = new pg.Client({ connectionString: server });
await admin.connect();
await admin.query(`CREATE DATABASE bench_page_${process.pid}`);
try {
  await measure();
} finally {
  await admin.query(`DROP DATABASE bench_page_${process.pid} WITH (FORCE)`);
  await admin.end();
}

async function measure(): Promise<void> {
  await migrate(url.href);
  const pool = new pg.Pool({ connectionString: url.href, max: 4 });
  pool.on('error', () => undefined); // a session that is still ending when its database is dropped
  await pool.query('SET synchronous_commit = off');
  const client = await pool.connect();
  await fillReviews(client, reviews, products);
  // what the law of Zipf left without a review
  await client.query(`INSERT INTO internal.entity_state (stream, entity, version, model_id, snapshot_id, label, last_event_at, format, hidden, tracker, checksum, summary)
    SELECT 'reviews', 'prd-' || n, 1, 'bench', 0, 'Product ' || n, now(), 1001, decode(repeat('ab', 1500), 'hex'), decode(repeat('cd', 2500), 'hex'), 0, '{}' FROM generate_series(1, ${products}) n ON CONFLICT DO NOTHING`);
  client.release();
  await pool.query('VACUUM ANALYZE');
  const console_ = await startConsole(url.href);
  const browser = await openBrowser();
  const stop = new AbortController();
  let written = 0;
  const turns: number[] = [];
  const every = async (ms: number, work: () => Promise<unknown>): Promise<void> => {
    for (let next = performance.now(); !stop.signal.aborted; ) {
      await work();
      next += ms;
      await sleep(Math.max(0, next - performance.now()), undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const load = [
    every(1_000 / BATCHES, async () => {
      await pool.query(COMMIT, [rate / BATCHES, products]);
      written += rate / BATCHES;
    }),
    every(1_000, () => pool.query(MOVE)),
    every(KEEP_MS, async () => {
      const begun = performance.now();
      const counted = await keepProducts({ pool });
      turns.push(performance.now() - begun);
      if (turns.length === 1) console.log(`all ${counted} products counted in ${turns[0]!.toFixed(0)} ms`);
    }),
  ];
  try {
    await Promise.race([sleep(2 * KEEP_MS), ...load]);
    await askProducts(console_.url);
    const begun = performance.now();
    const before = written;
    for (const view of VIEWS) await Promise.race([watchFrames(browser, console_.url, view), ...load]);
    console.log(`${((written - before) / ((performance.now() - begun) / 1_000)).toFixed(0)} reviews a second meanwhile; a turn of counting took ${middle(turns.slice(1)).toFixed(0)} ms in the middle, ${Math.max(...turns).toFixed(0)} ms at most`);
  } finally {
    stop.abort();
    await Promise.allSettled(load);
    await browser.close();
    await console_.stop();
    await pool.end();
  }
}

function middle(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

async function askProducts(page: string): Promise<void> {
  for (const path of ['/api/products?limit=60', '/api/products?limit=500', '/api/products?limit=100&name=99']) {
    const took: number[] = [];
    for (let n = 0; n < 11; n += 1) {
      const begun = performance.now();
      await (await fetch(`${page}${path}`)).arrayBuffer();
      took.push(performance.now() - begun);
    }
    console.log(`${path}: ${middle(took).toFixed(1)} ms in the middle, ${Math.max(...took).toFixed(1)} ms at most`);
  }
}

async function watchFrames(browser: Browser, page: string, view: string): Promise<void> {
  const { page: tab, complaints } = await openPage(browser, `${page}/${view}`);
  await tab.locator('#connection[data-state=live]').waitFor({ timeout: 20_000 });
  // the first drawing is no streaming
  await sleep(3_000);
  const frames = await framesOf(tab, seconds * 1_000);
  const over = (ms: number) => `${((100 * frames.filter((frame) => frame > ms).length) / frames.length).toFixed(2)} % over ${ms} ms`;
  console.log(`${view}: ${frames.length} frames in ${seconds} s, longest ${Math.max(...frames).toFixed(0)} ms, ${over(50)}, ${over(100)}${complaints.length === 0 ? '' : `; complaints: ${complaints.join('; ')}`}`);
  await tab.context().close();
}

function framesOf(tab: Page, ms: number): Promise<number[]> {
  return tab.evaluate<number[]>(`new Promise((done) => {
  const frames = [];
  const begun = performance.now();
  let last = begun;
  const frame = () => {
    const now = performance.now();
    frames.push(now - last);
    last = now;
    if (now - begun < ${ms}) requestAnimationFrame(frame);
    else done(frames);
  };
  requestAnimationFrame(frame);
})`);
}
