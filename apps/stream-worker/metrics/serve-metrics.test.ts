import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { serveMetrics, type MetricsServer } from './serve-metrics.js';

describe('serveMetrics', () => {
  const open: MetricsServer[] = [];
  const lines: string[] = [];
  const logger = { info: (_detail: unknown, text?: string) => lines.push(text ?? ''), warn: (_detail: unknown, text?: string) => lines.push(text ?? '') };
  let reason: string | null = null;
  const source = { text: async () => 'a_total 1\n', unready: () => reason };
  const serve = async (host: string, port: number | 'off' | null) => {
    const server = await serveMetrics('someone', { host, port }, logger, source);
    if (server !== null) open.push(server);
    return server;
  };
  after(() => Promise.all(open.map((server) => server.close())));

  it('serves metrics, life and readiness with its reason, and nothing else', async () => {
    const { url } = (await serve('127.0.0.1', 0))!;
    const get = async (path: string, method = 'GET') => {
      const answer = await fetch(`${url}${path}`, { method });
      return [answer.status, answer.headers.get('content-type'), await answer.text()];
    };
    assert.deepEqual(await get('/metrics'), [200, 'text/plain; version=0.0.4; charset=utf-8', 'a_total 1\n']);
    assert.deepEqual(await get('/livez'), [200, 'application/json', '{"ok":true}\n']);
    assert.deepEqual(await get('/readyz?verbose'), [200, 'application/json', '{"ok":true,"reasons":[]}\n']);
    reason = '5 messages wait';
    assert.deepEqual(await get('/readyz'), [503, 'application/json', '{"ok":false,"reasons":["5 messages wait"]}\n']);
    assert.deepEqual(await get('/readyz', 'HEAD'), [503, 'application/json', '']);
    assert.equal((await get('/'))[0], 404);
    assert.equal((await get('/metrics', 'POST'))[0], 405);
  });

  it('takes a free port when its own is taken, and says so', async () => {
    const port = Number(new URL(open[0]!.url).port);
    const { url } = (await serve('127.0.0.1', port))!;
    assert.notEqual(Number(new URL(url).port), port);
    assert.ok(lines.includes(`port ${port} is taken: metrics and probes are on ${new URL(url).port} instead`), lines.join('\n'));
    assert.equal((await fetch(`${url}/livez`)).status, 200);
  });

  it('serves nothing when it is off, and names the setting when the address is not of this machine', async () => {
    assert.equal(await serve('127.0.0.1', 'off'), null);
    await assert.rejects(serve('192.0.2.1', 0), /192\.0\.2\.1:0.*METRICS_HOST/);
  });
});
