/** Ten thousand that want the event stream at once: as many as there is room for are served, the others are told, and the console goes on. */
import assert from 'node:assert/strict';
import { request, type ClientRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, describe, it } from 'node:test';
import { useConsole } from '../page/use-console.js';
import { call } from './call.js';

const CLIENTS = 10_000;
const AT_ONCE = 250;

describe('many clients of the event stream', () => {
  const held: ClientRequest[] = [];
  // before the console's own end, so that it need not wait for them
  after(() => held.forEach((each) => each.destroy()));
  const { server } = useConsole();

  function listen(): Promise<number> {
    const { hostname, port } = new URL(server.url);
    return new Promise((done) => {
      const asked = request({ hostname, port, path: '/api/stream', agent: false }, (answer) => {
        answer.resume().on('error', () => undefined);
        if (answer.statusCode === 200) held.push(asked);
        done(answer.statusCode!);
      });
      asked.once('error', () => done(0));
      asked.end();
    });
  }

  /** Comes again when it was told to. */
  async function patiently(path: string): Promise<string> {
    for (const deadline = Date.now() + 15_000; ; await sleep(500)) {
      const { status, headers, text } = await call(server.url, path);
      if (status === 200) return text;
      assert.ok(Number(headers['retry-after']) > 0 && Date.now() < deadline, `${status} ${text}`);
    }
  }

  it('serves two hundred, tells the others when to come again, and still answers', async () => {
    const memory = async () => Number(/^process_resident_memory_bytes (\S+)/m.exec(await patiently('/metrics'))![1]);
    const earlier = await memory();
    const statuses = new Map<number, number>();
    for (let asked = 0; asked < CLIENTS; asked += AT_ONCE) {
      for (const status of await Promise.all(Array.from({ length: AT_ONCE }, listen))) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    const of = (status: number) => statuses.get(status) ?? 0;
    assert.ok(of(200) > 100 && of(200) <= 200, JSON.stringify([...statuses]));
    assert.equal(of(200) + of(429) + of(503), CLIENTS, JSON.stringify([...statuses]));
    assert.equal((await call(server.url, '/')).status, 200, 'the page itself is not held up');
    await patiently('/api/surges');
    assert.ok((await memory()) - earlier < 200 * 1024 * 1024);
  });
});
