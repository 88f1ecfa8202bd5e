/** Every public view over HTTP: pages that miss and repeat nothing, exports that stream, filters, and text that stays text in a spreadsheet. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import { VIEW_KEYS } from '../../apps/console/views/view-keys.js';
import { fillDatabase } from '../page/fill-database.js';
import { HOUR, PRODUCTS, review } from '../page/fixture-reviews.js';
import { insert } from '../page/fixture-rows.js';
import { useConsole } from '../page/use-console.js';
import { call } from './call.js';

const now = Date.now() - HOUR;
interface Page {
  readonly rows: Record<string, unknown>[];
  readonly next: string | null;
}

describe('the public views over HTTP', () => {
  const { database, server } = useConsole();
  before(async () => {
    await fillDatabase(database, now, 60);
  });
  const page = async (path: string): Promise<Page> => {
    const answer = await call(server.url, path);
    assert.equal(answer.status, 200, answer.text);
    return answer.body as unknown as Page;
  };

  it('answers lists and pages under an ETag, and with 304 and no body who has them already', async () => {
    for (const path of ['/api/surges', '/api/products?limit=5', '/api/forecasts/ACME', '/api/dead-letters', '/api/views/surges?limit=3', '/api/openapi.json', '/main.js']) {
      const first = await call(server.url, path);
      const etag = first.headers.etag;
      assert.ok(first.status === 200 && etag !== undefined, `${path} has no ETag`);
      const again = await call(server.url, path, { headers: { 'if-none-match': etag } });
      assert.deepEqual([again.status, again.text], [304, ''], path);
    }
  });

  it('gives every view that there is, under a key that no two rows share and that is never null', async () => {
    const views = await database.query<{ name: string }>("SELECT relname AS name FROM pg_class WHERE relnamespace = 'tidewatch'::regnamespace AND relkind = 'v' ORDER BY 1");
    assert.deepEqual(Object.keys(VIEW_KEYS).sort(), views.map(({ name }) => name));
    for (const [name, { columns }] of Object.entries(VIEW_KEYS)) {
      const [row] = await database.query<{ rows: number; keys: number; missing: number }>(`SELECT count(*)::int AS rows, count(DISTINCT (${columns.join(', ')}))::int AS keys, (count(*) FILTER (WHERE ${columns.map((column) => `${column} IS NULL`).join(' OR ')}))::int AS missing FROM tidewatch."${name}"`);
      assert.deepEqual([row!.keys, row!.missing], [row!.rows, 0], name);
      const { rows, next } = await page(`/api/views/${name}?limit=2`);
      assert.deepEqual([rows.length, next === null], [Math.min(row!.rows, 2), row!.rows <= 2], name);
      if (next !== null) await page(`/api/views/${name}?limit=2&cursor=${next}`);
    }
  });

  it('pages through all rows, newest first, missing and repeating none while others arrive', async () => {
    const ids: string[] = [];
    const times: string[] = [];
    let cursor: string | null = null;
    do {
      const found: Page = await page(`/api/views/reviews_scored?limit=500${cursor === null ? '' : `&cursor=${cursor}`}`);
      ids.push(...found.rows.map((row) => String(row['review_id'])));
      times.push(...found.rows.map((row) => String(row['reviewed_at'])));
      if (cursor === null) await insert(await database.connect(), 'review_score', [review(PRODUCTS[1]!, Date.now(), 'Arrived meanwhile.', 0.1)]);
      cursor = found.next;
    } while (cursor !== null);
    const [{ n } = { n: 0 }] = await database.query<{ n: number }>("SELECT count(*)::int AS n FROM tidewatch.reviews_scored WHERE text <> 'Arrived meanwhile.'");
    assert.ok(n > 1_500);
    assert.deepEqual([ids.length, new Set(ids).size], [n, n]);
    assert.deepEqual(times, times.toSorted().toReversed());
    assert.match(times[0]!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/);
  });

  it('filters by any column, in pages and exports alike', async () => {
    const { rows } = await page('/api/views/reviews_scored?product_id=prd-003&p_negative.gte=0.5&rating.null=false&limit=500');
    assert.ok(rows.length > 10 && rows.every((row) => row['product_id'] === 'prd-003' && Number(row['p_negative']) >= 0.5));
    const lines = (await call(server.url, '/api/views/reviews_scored/export?format=jsonl&product_id=prd-003&p_negative.gte=0.5')).text.trimEnd().split('\n');
    assert.deepEqual(new Set(lines.map((line) => (JSON.parse(line) as { review_id: string }).review_id)), new Set(rows.map((row) => row['review_id'])));
    assert.equal((await call(server.url, '/api/views/surges/export?format=jsonl&product_id=nobody')).text, '');
  });

  it('says what is wrong with a view, a filter, a value, a cursor', async () => {
    const { next } = await page('/api/views/surges?limit=1');
    const cases: readonly (readonly [string, number, RegExp])[] = [
      ['/api/views/entity_state', 404, /no public view "entity_state"/], ['/api/views/surges%3B', 404, /no public view/],
      ['/api/views/surges?colour=red', 400, /filter on "colour", expected one of surge_id, /], ['/api/views/surges?severity.like=1', 400, /"severity.like", expected column=value/],
      ['/api/views/surges?contributors=x', 400, /JSON column .null only/], ['/api/views/surges?severity=red', 400, /invalid input syntax for type .*red/], ['/api/views/surges?opened_at.gte=yesteryear', 400, /yesteryear/],
      ['/api/views/surges?severity=1&severity=2', 400, /one text/], ['/api/views/surges?limit=501', 400, /limit/],
      ['/api/views/surges?cursor=%25%25', 400, /cursor: expected the "next"/], ['/api/views/surges?cursor=bnVsbA', 400, /cursor: expected the "next"/], [`/api/views/surges?cursor=${next}&status=closed`, 400, /of other filters/], [`/api/views/models?cursor=${next}`, 400, /cursor/],
      ['/api/views/surges/export', 400, /csv or jsonl/], ['/api/views/surges/export?format=csv&severity=x', 400, /invalid input syntax/],
    ];
    for (const [path, status, detail] of cases) {
      const answer = await call(server.url, path);
      assert.equal(answer.status, status, `${path}: ${answer.text}`);
      assert.match(String(answer.body['detail']), detail, path);
    }
  });

  it('leaves hostile text text: no formula in a spreadsheet, no broken line, no lost character', async () => {
    const hostile = ['=HYPERLINK("http://evil.example","x")', '+1+1', '-2+3', '@SUM(A1)', '\t=1', '\r=1', ' =1', '\u200b=1', '\uff1d1', '<script>alert(1)</script>', '[a](javascript:alert(1))', '\u001b[31mred\u001b[0m', '\u202eevil', `e${'\u0301'.repeat(10_000)}`, 'two\nlines, "quoted"', 'plain'];
    await insert(await database.connect(), 'review_score', hostile.map((text, n) => review({ id: '=cmd', name: '+name' }, now + n, text, 0.5, { title: n === 0 ? '@title' : null })));
    const answer = await call(server.url, '/api/views/reviews_scored/export?format=csv&product_id=%3Dcmd');
    assert.match(String(answer.headers['content-type']), /^text\/csv; charset=utf-8; header=present/);
    assert.equal(answer.headers['content-disposition'], 'attachment; filename="reviews_scored.csv"');
    const rows = parse(answer.text, { columns: true, record_delimiter: '\r\n' }) as unknown as Record<string, string>[];
    assert.equal(rows.length, hostile.length);
    const byOffset = rows.toSorted((a, b) => Number(a['offset']) - Number(b['offset']));
    for (const [n, row] of byOffset.entries()) {
      assert.equal(row['text']!.replace(/^'/, ''), hostile[n]);
      assert.equal(row['text']!.startsWith("'"), n < 9, JSON.stringify(hostile[n]!.slice(0, 20)));
      assert.deepEqual([row['product_id'], row['product_name']], ["'=cmd", "'+name"]);
      assert.match(row['reviewed_at']!, /^\d{4}-\d\d-\d\dT/);
    }
    const numbers = parse((await call(server.url, '/api/views/quotes/export?format=csv&log_return.lt=0')).text, { columns: true }) as unknown as Record<string, string>[];
    assert.ok(numbers.length > 10 && numbers.every((row) => Number(row['log_return']) < 0), 'a negative number stays a number');
  });
});

describe('an export of more than fits', () => {
  const { database, server } = useConsole();
  const ROWS = 200_000;
  before(async () => {
    const client = await database.connect();
    await client.query(`INSERT INTO internal.quote_bar (symbol, at, bar, topic, partition, "offset", close, model_id)
      SELECT 'S' || n % 50, now() - n * interval '1 second', n, 'quotes.v1', 0, n, 10 + n % 7, 'm' FROM generate_series(1, ${ROWS}) n`);
  });

  it('streams: reads on in the database only as its receiver reads on, and all rows come in the end', async () => {
    const answer = await fetch(`${server.url}/api/views/quotes/export?format=jsonl`);
    let bytes = 0;
    let lines = 0;
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      if (bytes === 0) await untilItWaits();
      bytes += chunk.length;
      for (const byte of chunk) if (byte === 10) lines += 1;
    }
    assert.equal(lines, ROWS);
    assert.ok(bytes > 50_000_000, `${bytes} bytes: more than sockets hold`);
  });

  /** An export that buffered would read to the end, and its transaction would be gone. */
  async function untilItWaits(): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const [row] = await database.query<{ state: string; rested: number }>("SELECT state, extract(epoch FROM clock_timestamp() - state_change)::float8 AS rested FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'fetch%' AND state <> 'idle'");
      assert.ok(row !== undefined, 'the export has read to its end, though nobody reads it');
      if (row.state === 'idle in transaction' && row.rested > 1) return;
      assert.ok(Date.now() < deadline, `it still reads: ${row.state}, ${row.rested} s`);
      await sleep(50);
    }
  }

  it('ends when its receiver goes, and leaves no session behind; a third beside two is told to wait', async () => {
    const gone = [new AbortController(), new AbortController()];
    const running = await Promise.all(gone.map(({ signal }) => fetch(`${server.url}/api/views/quotes/export?format=csv`, { signal })));
    assert.equal((await call(server.url, '/api/views/quotes/export?format=csv')).status, 503);
    for (const each of gone) each.abort();
    await Promise.all(running.map((answer) => answer.text().catch(() => '')));
    const deadline = Date.now() + 10_000;
    for (;;) {
      const answer = await call(server.url, '/api/views/quotes/export?format=csv&symbol=nobody');
      if (answer.status === 200) break;
      assert.ok(Date.now() < deadline, answer.text);
    }
    const [row] = await database.query<{ n: number }>("SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'fetch%' AND state <> 'idle'");
    assert.equal(row!.n, 0);
  });
});
