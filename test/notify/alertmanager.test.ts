/** A real Alertmanager: firing and updated seen in its own API, resolved seen at a receiver of its own. */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Pool } from 'pg';
import { loadSettings } from '#load-config';
import { openChannels } from '#notify-http';
import { useTestDatabase } from '#testkit';
import { until } from '../../libs/testkit/until.js';
import { deliverTo, planNotices, recordChannels, type NotifyParts } from '../../apps/scheduler/notify.js';
import { Receiver } from './support/receiver.js';
import { commitSurges, transition, lexicon } from './support/surges.js';

const BINARY = ['prometheus-alertmanager', 'alertmanager'].find((name) => spawnSync(name, ['--version']).status === 0);
const freePort = () => new Promise<number>((done) => { const server = createServer().listen(0, '127.0.0.1', () => { const { port } = server.address() as AddressInfo; server.close(() => done(port)); }); });

interface Alert { readonly labels: Record<string, string>; readonly annotations: Record<string, string>; readonly status: { readonly state: string }; readonly startsAt: string; readonly endsAt: string }

describe('a real Alertmanager', { skip: BINARY === undefined ? 'prometheus-alertmanager is not installed (apt-get install prometheus-alertmanager)' : false }, () => {
  const database = useTestDatabase();
  const pager = new Receiver();
  let pool: Pool;
  let child: ChildProcess;
  let folder = '';
  let url = '';
  before(async () => {
    await pager.start();
    folder = mkdtempSync(join(tmpdir(), 'tidewatch-alertmanager-'));
    writeFileSync(join(folder, 'config.yml'), `route: { receiver: pager, group_wait: 0s, group_interval: 1s, repeat_interval: 1h, group_by: ['...'] }\nreceivers: [{ name: pager, webhook_configs: [{ url: '${pager.url}/', send_resolved: true }] }]\n`);
    url = `http://127.0.0.1:${await freePort()}`;
    child = spawn(BINARY!, ['--config.file', join(folder, 'config.yml'), '--storage.path', join(folder, 'data'), '--web.listen-address', url.slice(7), '--cluster.listen-address='], { stdio: 'ignore' });
    await until('Alertmanager is ready', async () => (await fetch(`${url}/-/ready`).catch(() => null))?.ok === true);
    pool = new Pool({ connectionString: database.url, max: 4 });
    database.closeAtEnd({ close: () => pool.end() });
  });
  after(async () => {
    await new Promise((done) => { child.once('exit', done); child.kill('SIGKILL'); });
    await pager.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const alerts = async () => (await (await fetch(`${url}/api/v2/alerts`)).json()) as Alert[];
  const paged = () => pager.taken<{ alerts: { status: string; labels: Record<string, string> }[] }>().flatMap((group) => group.alerts);

  it('sees a surge fire, worsen under the same labels, stay alive by repeats, and resolve', async () => {
    const { notify } = loadSettings({ NOTIFY_ALERTMANAGER_URL: url, NOTIFY_REPEAT_SECONDS: '5' });
    const parts: NotifyParts = { pool, channels: openChannels(notify, 'https://tidewatch.example'), notify, explainMs: 0, lexicon, say: () => undefined, chance: () => 0 };
    const turn = async (now = Date.now()) => { await planNotices(parts); await deliverTo(parts, parts.channels[0]!, () => now); };
    await recordChannels(parts);

    await commitSurges(database.url, pool, [transition('kettle', 1, 'opened', 3)]);
    await turn();
    const [fired] = await alerts();
    assert.deepEqual(fired?.labels, { alertname: 'TidewatchSurge', product_id: 'kettle', surge_id: 'kettle@2026-01-10T08:00:00.000Z', raised_by: 'count' });
    assert.equal(fired.annotations['severity'], '3');
    assert.equal(fired.status.state, 'active');
    await until('the pager rings', () => paged().some(({ status }) => status === 'firing'));

    await commitSurges(database.url, pool, [transition('kettle', 2, 'worsening', 7)]);
    await turn();
    const updated = await alerts();
    assert.equal(updated.length, 1, 'the same alert');
    assert.equal(updated[0]!.annotations['severity'], '7');

    const before = Date.parse(updated[0]!.endsAt);
    await turn(Date.now() + 6_000);
    assert.ok(Date.parse((await alerts())[0]!.endsAt) > before, 'a repeat moves its end ahead');

    await commitSurges(database.url, pool, [transition('kettle', 3, 'closed', 7)]);
    await turn();
    assert.deepEqual(await alerts(), [], 'no longer among the open ones');
    await until('the pager hears of the end', () => paged().some(({ status, labels }) => status === 'resolved' && labels['product_id'] === 'kettle'), () => JSON.stringify(paged()));
    const sent = (await database.query<{ kind: string }>(`select kind from tidewatch.notifications where channel = 'alertmanager' and state = 'delivered' order by seq`)).map(({ kind }) => kind);
    assert.deepEqual(sent, ['opened', 'worsened', 'closed']);
  });
});
