/** Lists page by page, the same for every route that answers with one: a walk misses and repeats nothing, and a cursor that cannot be meant is told. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { fillDatabase } from '../page/fill-database.js';
import { HOUR } from '../page/fixture-reviews.js';
import { useConsole } from '../page/use-console.js';
import { call } from './call.js';

type Row = Readonly<Record<string, unknown>>;
interface Page {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

const now = Date.now() - HOUR;
const place = (row: Row) => [row['topic'], row['partition'], row['offset']].map(String).join(' ');
/** What names a row of each list. */
const LISTS: Readonly<Record<string, (row: Row) => string>> = {
  '/api/surges?': (row) => String(row['surge_id']),
  '/api/surges?product=prd-003&': (row) => String(row['surge_id']),
  '/api/products?': (row) => String(row['product_id']),
  '/api/forecasts?': (row) => String(row['symbol']),
  '/api/dead-letters?': place,
  '/api/calendar?': (row) => String(row['event_id']),
  '/api/calendar?product=prd-001&from=2026-01-15T00:00:00Z&': (row) => String(row['event_id']),
  '/api/group-surges?': (row) => String(row['group_surge_id']),
  '/api/budgets?': (row) => `${String(row['scope'])} ${String(row['name'])}`,
  '/api/product-groups?': (row) => String(row['product_id']),
  '/api/views/dead_letters?': place,
  '/api/products/prd-020/reviews?': place,
  '/api/products/prd-020/reviews?aspect=login&p_negative.gte=0.5&': place,
};

describe('lists page by page', () => {
  const { database, server } = useConsole();
  before(async () => {
    const client = await fillDatabase(database, now, 30);
    await client.query(`INSERT INTO internal.dead_letter (topic, partition, "offset", code, reason, message_at, noted_at) SELECT 'ties', 0, n, 'invalid_json', 'x', now(), '2026-01-01' FROM generate_series(8, 12) n`);
    await client.query(`SELECT tidewatch.add_calendar_event('E' || n, 'sale', '2026-01-10', timestamptz '2026-01-10' + n * interval '1 day', CASE WHEN n % 3 = 0 THEN ARRAY['prd-001'] END, 2) FROM generate_series(1, 9) n`);
    await client.query(`SELECT tidewatch.set_alarm_budget(CASE WHEN n % 3 = 0 THEN 'group' ELSE 'product' END, 'N' || n, '1/week', 'Mia') FROM generate_series(1, 7) n`);
    await client.query(`SELECT tidewatch.set_product_group('prd-00' || n, 'G' || n % 2) FROM generate_series(1, 7) n`);
    await client.query(`INSERT INTO internal.group_surge (group_surge_id, group_name, opened_at) SELECT 'g' || n, 'G', '2026-01-01' FROM generate_series(1, 4) n`);
    await client.query(`INSERT INTO internal.group_surge_child (surge_id, group_surge_id) SELECT surge_id, 'g' || row_number() OVER (ORDER BY surge_id) FROM internal.surge`);
  });
  const page = async (path: string): Promise<Page> => {
    const answer = await call(server.url, path);
    assert.equal(answer.status, 200, `${path}: ${answer.text}`);
    return answer.body as unknown as Page;
  };
  async function walk(list: string, limit: number, between: () => Promise<unknown> = async () => undefined): Promise<Row[]> {
    const rows: Row[] = [];
    for (let cursor: string | null = ''; cursor !== null; await between()) {
      const found: Page = await page(`${list}limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`);
      assert.ok(found.rows.length <= limit && (found.next === null || found.rows.length === limit), list);
      rows.push(...found.rows);
      cursor = found.next;
    }
    return rows;
  }

  it('gives the same rows in the same order, whatever the size of a page', async () => {
    for (const [list, nameOf] of Object.entries(LISTS)) {
      const whole = (await page(`${list}limit=500`)).rows.map(nameOf);
      assert.ok(list.includes('product=prd-003') ? whole.length === 1 : whole.length > 2, `${list} has ${whole.length} rows`);
      assert.equal(new Set(whole).size, whole.length, list);
      for (const size of [1, 2, whole.length]) assert.deepEqual((await walk(list, size)).map(nameOf), whole, `${list} by ${size}`);
    }
  });

  it('orders as it says: open and worst surges first, products by alarm and rise, dead letters by their number and not its digits', async () => {
    const surges = (await page('/api/surges')).rows.map(({ closed_at: closed, severity, opened_at: opened }) => [closed === null ? 1 : 0, closed === null ? Number(severity) : 0, Date.parse(String(opened))]);
    assert.deepEqual(surges, surges.toSorted((a, b) => b[0]! - a[0]! || b[1]! - a[1]! || b[2]! - a[2]!));
    const products = (await page('/api/products')).rows.map((row) => [row['open_surge_id'] === null ? 0 : 1, Number(row['rise'])]);
    assert.deepEqual(products, products.toSorted((a, b) => b[0]! - a[0]! || b[1]! - a[1]!));
    const ties = (await page('/api/dead-letters?limit=500')).rows.filter(({ topic }) => topic === 'ties').map(({ offset }) => offset);
    assert.deepEqual(ties, ['12', '11', '10', '9', '8']);
  });

  it('finds the reviews that speak of an aspect: all of them and no other', async () => {
    const all = (await page('/api/products/prd-020/reviews?limit=500')) as Page & { aspects: string[] };
    const login = (await page('/api/products/prd-020/reviews?aspect=login&limit=500')).rows;
    const speaks = ({ aspects }: Row) => (aspects as string[]).includes('login');
    assert.deepEqual(login, all.rows.filter(speaks));
    assert.ok(login.length > 2 && login.length < all.rows.length && login.every((row) => /\blogin\b/.test(String(row['text']))));
    assert.ok(all.aspects.includes('battery'));
    const answer = await call(server.url, '/api/products/prd-020/reviews?aspect=teapot');
    assert.equal(answer.status, 400);
    assert.match(String(answer.body['detail']), /aspect: found "teapot", expected one of ads, battery, /);
  });

  it('shifts nothing when rows arrive meanwhile', async () => {
    const before = (await page('/api/dead-letters?limit=500')).rows.map(LISTS['/api/dead-letters?']!);
    let n = 0;
    const arrive = () => database.query(`INSERT INTO internal.dead_letter (topic, partition, "offset", code, reason, message_at) VALUES ('late', 0, ${(n += 1)}, 'invalid_json', 'x', now())`);
    assert.deepEqual((await walk('/api/dead-letters?', 3, arrive)).map(LISTS['/api/dead-letters?']!), before);
    assert.ok(n > 2);
  });

  it('says what is wrong with a cursor', async () => {
    const { next: foreign } = await page('/api/views/reviews_scored?limit=1');
    for (const list of Object.keys(LISTS).filter((each) => !each.includes('prd-003'))) {
      const { next } = await page(`${list}limit=1`);
      const parts = JSON.parse(Buffer.from(next!, 'base64url').toString()) as string[];
      const of = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const wrong: readonly (readonly [string, RegExp])[] = [
        ['cursor=%25%25', /cursor: expected the "next" of an earlier page, unchanged/], [`cursor=${of(null)}`, /unchanged/], [`cursor=${of([])}`, /unchanged/], [`cursor=${of([...parts, 'x'])}`, /unchanged/],
        [`cursor=${of(parts.map((_, n) => n))}`, /unchanged/], [`cursor=${foreign}`, /expected the "next"/], [`cursor=${next}&cursor=${next}`, /expected one text/], [`cursor=${of(['other', ...parts.slice(1)])}`, /of another list or of other filters/],
      ];
      for (const [query, detail] of wrong) {
        const answer = await call(server.url, `${list}limit=1&${query}`);
        assert.deepEqual([answer.status, answer.headers['content-type']], [400, 'application/problem+json; charset=utf-8'], `${list}${query}: ${answer.text}`);
        assert.match(String(answer.body['detail']), detail, `${list}${query}`);
      }
    }
    for (const list of ['/api/surges?', '/api/calendar?', '/api/dead-letters?', '/api/products?']) {
      const [digest, ...key] = JSON.parse(Buffer.from((await page(`${list}limit=1`)).next!, 'base64url').toString()) as string[];
      const forged = Buffer.from(JSON.stringify([digest, ...key.map(() => 'neither time nor number')])).toString('base64url');
      const answer = await call(server.url, `${list}limit=1&cursor=${forged}`);
      assert.deepEqual([answer.status, answer.body['title']], [400, 'Bad parameter'], answer.text);
      assert.match(String(answer.body['detail']), /invalid input syntax for type .*neither time nor number/);
    }
    const { next } = await page('/api/surges?limit=1');
    assert.match(String((await call(server.url, `/api/surges?product=prd-003&cursor=${next}`)).body['detail']), /of other filters/);
  });
});
