/** The served document: OpenAPI 3.1, complete, and true: each route is called and its answer held against what the document says of it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { z } from 'zod';
import { createKafkaProducer } from '#consume-kafka';
import { fillDatabase } from '../page/fill-database.js';
import { HOUR } from '../page/fixture-reviews.js';
import { openBrowser, openPage } from '../page/open-browser.js';
import { pageSession } from '../page/page-session.js';
import { useConsole } from '../page/use-console.js';
import { bearer, call, json, type Call } from './call.js';
import { createToken } from './token.js';

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly { readonly name: string }[];
  readonly tags?: readonly string[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: z.core.JSONSchema.JSONSchema }>> }>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const now = Date.now() - HOUR;
const TOPIC = `openapi-${process.pid}-${Date.now()}`;
let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

describe('the OpenAPI document', () => {
  const { database, server } = useConsole({ KAFKA_BROKERS: process.env['TEST_KAFKA_BROKERS'] ?? '' });
  let document: Document;
  let surge: string;
  let requests: Readonly<Record<string, { readonly path: string; readonly status: number; readonly call?: Call }>>;
  before(async () => {
    const client = await fillDatabase(database, now, 60);
    await client.query(`INSERT INTO internal.feed_silence (stream, silent_since) VALUES ('quotes', now() - interval '1 hour')`);
    await client.query("INSERT INTO internal.stale_symbol (symbol, silent_since, usual_bars, weeks, severity) VALUES ('ACME', now() - interval '1 day', 40, 4, 3)");
    await client.query("INSERT INTO internal.product_silence (product_id, silent_since, ordinary_seconds, budget_per_day) VALUES ('prd-002', now() - interval '9 days', 86400, 0.01)");
    await client.query("INSERT INTO internal.stream_gap (topic, partition, from_offset, to_offset, reason) VALUES ('reviews.v1', 0, 3, 7, 'retention')");
    await client.query(`SELECT tidewatch.add_calendar_event('Sale', 'sale', now() - interval '3 days', now() + interval '1 day', ARRAY['prd-003'], 2), tidewatch.add_calendar_event('Old', 'other', '2020-01-01', '2020-01-02', NULL, NULL, true)`);
    await client.query("SELECT tidewatch.set_alarm_budget('group', 'Apps', '1/month', 'Mia')");
    await client.query(`SELECT tidewatch.set_product_group(product_id, 'Apps') FROM internal.surge WHERE closed_at IS NULL`);
    await client.query(`INSERT INTO internal.group_surge (group_surge_id, group_name, opened_at) SELECT 'group:Apps', 'Apps', max(opened_at) FROM internal.surge WHERE closed_at IS NULL`);
    await client.query(`INSERT INTO internal.group_surge_child (surge_id, group_surge_id) SELECT surge_id, 'group:Apps' FROM internal.surge WHERE closed_at IS NULL`);
    const [old] = await database.query<{ event_id: string }>("SELECT event_id FROM tidewatch.calendar_events WHERE name = 'Old'");
    await client.query('UPDATE internal.dead_letter SET topic = $1 WHERE "offset" = 25', [TOPIC]);
    const producer = createKafkaProducer({ brokers: (process.env['TEST_KAFKA_BROKERS'] ?? '').split(','), tls: false, sasl: null, clientId: 'openapi-test' });
    await producer.start();
    await producer.ensureTopic(TOPIC, 2);
    await producer.stop();
    await client.query("UPDATE internal.stream_lease SET committed_at = now()");
    [surge] = (await database.query<{ id: string }>('SELECT surge_id AS id FROM internal.surge ORDER BY opened_at DESC')).map(({ id }) => encodeURIComponent(id)) as [string];
    document = (await call(server.url, '/api/openapi.json')).body as unknown as Document;
    const cookie = await pageSession(server.url);
    const write = (body: object): Call => ({ method: 'POST', headers: { ...json, cookie }, body: JSON.stringify({ by: 'Mia', ...body }) });
    const page: Call = { method: 'POST', headers: { ...json, origin: server.url }, body: '{}' };
    const refused = { method: 'POST', headers: { ...json, ...bearer(createToken(database.url, 'ingest')) }, body: '[{"reviewId":7}]' };
    requests = {
      'get /livez': { path: '/livez', status: 200 }, 'get /readyz': { path: '/readyz', status: 200 }, 'get /api/health': { path: '/api/health', status: 503 }, 'get /metrics': { path: '/metrics', status: 200 },
      'get /api/surges': { path: '/api/surges?limit=3', status: 200 }, 'get /api/surges/{id}': { path: `/api/surges/${surge}`, status: 200 },
      'get /api/products': { path: '/api/products', status: 200 }, 'get /api/products/{id}': { path: '/api/products/prd-003', status: 200 },
      'get /api/products/{id}/reviews': { path: '/api/products/prd-003/reviews?aspect=login&limit=3', status: 200 },
      'get /api/forecasts': { path: '/api/forecasts', status: 200 }, 'get /api/forecasts/{symbol}': { path: '/api/forecasts/ACME', status: 200 },
      'get /api/pipeline': { path: '/api/pipeline', status: 200 }, 'get /api/dead-letters': { path: '/api/dead-letters', status: 200 },
      'post /api/dead-letters/replay': { path: '/api/dead-letters/replay', status: 200, call: { ...write({}), body: JSON.stringify({ topic: TOPIC, partition: 1, offset: '25' }) } },
      'get /api/views': { path: '/api/views', status: 200 }, 'get /api/views/{view}': { path: '/api/views/surges?limit=2', status: 200 }, 'get /api/views/{view}/export': { path: '/api/views/surges/export?format=csv', status: 200 },
      'get /api/session': { path: '/api/session', status: 200 }, 'post /api/session': { path: '/api/session', status: 200, call: page }, 'delete /api/session': { path: '/api/session', status: 204, call: { method: 'DELETE' } },
      'post /api/surges/{id}/acknowledge': { path: `/api/surges/${surge}/acknowledge`, status: 200, call: write({}) }, 'post /api/surges/{id}/owner': { path: `/api/surges/${surge}/owner`, status: 200, call: write({ owner: 'Ann' }) },
      'post /api/surges/{id}/note': { path: `/api/surges/${surge}/note`, status: 200, call: write({ note: 'seen' }) }, 'post /api/surges/{id}/feedback': { path: `/api/surges/${surge}/feedback`, status: 200, call: write({ verdict: 'real' }) },
      'get /api/calendar': { path: '/api/calendar?product=prd-003&from=2020-01-01T00:00:00Z', status: 200 },
      'post /api/calendar': { path: '/api/calendar', status: 201, call: write({ name: 'Launch', kind: 'launch', from: '2026-01-01T00:00:00+01:00', until: '2026-01-02T00:00:00Z', factor: 1.5 }) },
      'delete /api/calendar/{id}': { path: `/api/calendar/${old!.event_id}`, status: 204, call: { method: 'DELETE', headers: { cookie, origin: server.url } } },
      'get /api/group-surges': { path: '/api/group-surges', status: 200 }, 'get /api/product-groups': { path: '/api/product-groups', status: 200 },
      'post /api/product-groups': { path: '/api/product-groups', status: 200, call: write({ group: 'Kettles', products: ['prd-001', 'prd-002'] }) },
      'get /api/budgets': { path: '/api/budgets', status: 200 }, 'post /api/budgets': { path: '/api/budgets', status: 200, call: write({ scope: 'product', name: 'prd-001', budget: '1/week' }) },
      'post /api/reviews': { path: '/api/reviews', status: 202, call: refused }, 'post /api/quotes': { path: '/api/quotes', status: 202, call: refused },
    };
  });

  it('is of version 3.1, without words of 3.0, and gives each operation a summary, a tag and its faults', () => {
    assert.equal(document.openapi, '3.1.0');
    assert.doesNotMatch(JSON.stringify(document), /"nullable"/);
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, { summary, tags, responses }] of Object.entries(operations)) {
        assert.ok(summary && tags?.length === 1 && 'application/problem+json' in (responses['default']?.content ?? {}), `${method} ${path}`);
      }
    }
  });

  it('is true: every route is in it, and answers as it says', async () => {
    const documented = Object.entries(document.paths).flatMap(([path, operations]) => Object.keys(operations).map((method) => `${method} ${path}`));
    assert.deepEqual(documented.filter((route) => route !== 'get /api/stream').sort(), Object.keys(requests).sort());
    for (const [route, { path, status, call: how }] of Object.entries(requests)) {
      const [method, template] = route.split(' ') as [string, string];
      const answer = await call(server.url, path, how);
      assert.equal(answer.status, status, `${route}: ${answer.text}`);
      const { content } = document.paths[template]![method]!.responses[String(status)] ?? document.paths[template]![method]!.responses['default']!;
      if (content === undefined) continue;
      const type = String(answer.headers['content-type']).split(';')[0]!;
      assert.ok(type in content, `${route} answers ${type}, documented are ${Object.keys(content).join(', ')}`);
      const told = type.endsWith('json') ? (JSON.parse(answer.text) as unknown) : answer.text;
      const held = z.fromJSONSchema(content[type]!.schema).safeParse(told);
      assert.ok(held.success, `${route}: ${held.error?.message}`);
      const rows = (told as { rows?: unknown }).rows ?? told;
      if (Array.isArray(rows)) assert.ok(rows.length > 0, `${route} gives nothing to hold against the document`);
    }
  });

  it('has every list in pages: those that answer with rows, and none answers with a bare array but the list of views', () => {
    const gets = Object.entries(document.paths).flatMap(([path, { get }]) => (get === undefined ? [] : [{ path, get, schema: get.responses['200']?.content?.['application/json']?.schema }]));
    assert.deepEqual(gets.filter(({ schema }) => schema?.type === 'array').map(({ path }) => path), ['/api/views']);
    const lists = gets.filter(({ schema }) => schema?.properties?.['rows'] !== undefined);
    assert.ok(lists.length >= 8);
    for (const { path, get, schema } of lists) {
      assert.ok(['limit', 'cursor'].every((name) => get.parameters?.some((parameter) => parameter.name === name)), `${path} cannot be paged`);
      assert.ok(schema?.properties?.['next'] !== undefined && schema.required?.includes('next'), path);
    }
  });

  it('documents no field that is not there: an answer with one more, or one less, is told', async () => {
    const { schema } = document.paths['/api/surges/{id}']!['get']!.responses['200']!.content!['application/json']!;
    const { body } = await call(server.url, `/api/surges/${surge}`);
    const holds = (value: unknown) => z.fromJSONSchema(schema).safeParse(value).success;
    assert.deepEqual([holds(body), holds({ ...body, more: 1 }), holds({ ...body, severity: 11 })], [true, false, false]);
    const { owner: _, ...less } = body;
    assert.equal(holds(less), false);
  });

  it('tags each answer, and says 304 to who has it', async () => {
    for (const path of ['/api/surges', '/api/products', '/api/forecasts', '/api/views', '/api/views/surges']) {
      const etag = String((await call(server.url, path)).headers['etag']);
      assert.match(etag, /^(W\/)?"/, path);
      const again = await call(server.url, path, { headers: { 'if-none-match': etag } });
      assert.deepEqual([again.status, again.text], [304, ''], path);
    }
  });

  it('can be read in a browser, from this host alone and under the page’s own policy', async () => {
    const { page, complaints } = await openPage(browser, `${server.url}/api/docs`);
    await page.getByText('/api/surges/{id}/acknowledge').waitFor({ timeout: 20_000 });
    await page.getByText('Up to 1,000 reviews into the stream').waitFor({ timeout: 10_000 });
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});
