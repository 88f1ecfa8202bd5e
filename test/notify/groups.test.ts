/** A surge that widens to several products of a group: one record, one notice, and an end when the last of them ends. On a real database. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Pool } from 'pg';
import type { SurgeNotice } from '#contracts';
import { loadSettings } from '#load-config';
import { openChannels } from '#notify-http';
import { alertOf } from '../../libs/notify-http/alertmanager.js';
import { useTestDatabase } from '#testkit';
import { readMembers } from '../../apps/cli/groups.js';
import { deliverTo, planNotices, recordChannels, type NotifyParts } from '../../apps/scheduler/notify.js';
import { Receiver } from './support/receiver.js';
import { commitSurges, transition, lexicon } from './support/surges.js';

describe('a surge over a group of products', () => {
  const database = useTestDatabase();
  const hook = new Receiver();
  let pool: Pool;
  let parts: NotifyParts;
  before(async () => {
    await hook.start();
    pool = new Pool({ connectionString: database.url, max: 4 });
    database.closeAtEnd({ close: () => pool.end() });
    const { notify } = loadSettings({ NOTIFY_WEBHOOK_URL: hook.url });
    parts = { pool, channels: openChannels(notify, 'https://tidewatch.example'), notify, explainMs: 0, lexicon, say: () => undefined, chance: () => 0 };
    await recordChannels(parts);
    await pool.query(`select tidewatch.import_product_groups('[{"productId":"kettle","group":"Kitchen"},{"productId":"toaster","group":"Kitchen"},{"productId":"mixer","group":"Kitchen"},{"productId":"lamp","group":"Light"},{"productId":"soap","group":"Bath"},{"productId":"towel","group":"Bath"}]')`);
  });
  after(() => hook.stop());
  let seen = 0;
  const turn = async (...surges: ReturnType<typeof transition>[]) => {
    if (surges.length > 0) await commitSurges(database.url, pool, surges);
    await planNotices(parts);
    for (const channel of parts.channels) await deliverTo(parts, channel, Date.now);
    const told = hook.taken<{ type: string; data: SurgeNotice }>().slice(seen);
    seen += told.length;
    return told.map(({ type, data }) => [type, data.productName ?? data.productId, data.severity, data.group?.children.map(({ productId }) => productId)]);
  };

  it('is told as the first product’s, goes on as one under the same id when it widens, worse when it is twice as wide or two severities up, and ends once, with its last', async () => {
    assert.deepEqual(await turn(transition('kettle', 1, 'opened', 3)), [['surge.opened', 'kettle', 3, undefined]]);
    assert.deepEqual(await turn(transition('lamp', 1, 'opened', 2)), [['surge.opened', 'lamp', 2, undefined]], 'another group');
    assert.deepEqual(await turn(transition('toaster', 1, 'opened', 4)), [['surge.worsened', 'Kitchen (2 products)', 4, ['toaster', 'kettle']]]);
    assert.deepEqual(await turn(), [], 'once');
    assert.deepEqual(await turn(transition('mixer', 1, 'opened', 3), transition('toaster', 2, 'worsening', 5)), [], 'three products are not twice as many, one severity more is not two');
    assert.deepEqual(await turn(transition('toaster', 3, 'worsening', 6)), [['surge.worsened', 'Kitchen (3 products)', 6, ['toaster', 'kettle', 'mixer']]]);
    const [record] = await database.query<{ status: string; products: number; open_products: number; severity: number; observed: number }>('select status, products, open_products, severity, observed from tidewatch.group_surges');
    assert.deepEqual(record, { status: 'open', products: 3, open_products: 3, severity: 6, observed: 32 });
    assert.deepEqual(await turn(transition('toaster', 4, 'closed', 6), transition('mixer', 2, 'closed', 3)), [], 'children are not told one by one');
    assert.deepEqual(await turn(transition('kettle', 2, 'closed', 3)), [['surge.closed', 'Kitchen (3 products)', 6, ['toaster', 'kettle', 'mixer']]]);
    const threads = new Map<string, number[]>();
    for (const { data } of hook.taken<{ data: SurgeNotice }>()) threads.set(data.surgeId, [...(threads.get(data.surgeId) ?? []), data.seq]);
    assert.deepEqual([...threads], [[transition('kettle', 1, 'opened', 3).surgeId, [1, 2, 5, 8]], [transition('lamp', 1, 'opened', 2).surgeId, [1]]], 'one surge for a receiver, in order');
    const labels = new Set(hook.taken<{ data: SurgeNotice }>().filter(({ data }) => data.productId === 'kettle').map(({ data }) => JSON.stringify(alertOf(data, 60_000, Date.now(), '').labels)));
    assert.equal(labels.size, 1, 'one alert at an Alertmanager');
    const [over] = await database.query<{ status: string; closed_at: Date; children: { status: string }[] }>('select status, closed_at, children from tidewatch.group_surges');
    assert.deepEqual([over!.status, over!.closed_at.getTime(), over!.children.map(({ status }) => status)], ['closed', transition('toaster', 4, 'closed', 6).at, ['closed', 'closed', 'closed']]);
    const children = await database.query<{ product_id: string; group_surge_id: string | null }>('select product_id, group_surge_id from tidewatch.surges order by 1');
    assert.deepEqual(children.map(({ product_id, group_surge_id }) => [product_id, group_surge_id?.slice(0, 14) ?? null]), [['kettle', 'group:Kitchen@'], ['lamp', null], ['mixer', 'group:Kitchen@'], ['toaster', 'group:Kitchen@']]);
  });

  it('is told as one from the beginning where nobody had heard of it', async () => {
    assert.deepEqual(await turn(transition('soap', 1, 'opened', 3), transition('towel', 1, 'opened', 2)), [['surge.opened', 'Bath (2 products)', 3, ['soap', 'towel']]]);
    const [{ data }] = hook.taken<{ data: SurgeNotice }>().slice(-1) as [{ data: SurgeNotice }];
    assert.deepEqual([data.surgeId, data.group?.groupSurgeId], Array(2).fill(`group:Bath@${new Date(transition('soap', 1, 'opened', 3).openedAt).toISOString()}`));
    const saying = { contributors: [{ kind: 'term', value: 'soaked', shareNow: 0.4, shareBefore: 0 }], evidence: [{ productId: 'towel', productName: null, reviewId: 'e', at: '2026-01-10T08:00:00.000Z', pNegative: 0.9, excerpt: 'parcel soaked', topWords: [] }] };
    await pool.query(`insert into internal.group_explanation (group_surge_id, seq, contributors, evidence, look_alikes, look_alike_weight, brigading) select group_surge_id, 4, $1, $2, 3, 2.5, 'copies' from internal.group_surge where group_name = 'Bath'`, [JSON.stringify(saying.contributors), JSON.stringify(saying.evidence)]);
    assert.deepEqual(await turn(transition('soap', 2, 'closed', 3)), []);
    const waiting = { ...parts, explainMs: 3_600_000 };
    await commitSurges(database.url, pool, [transition('towel', 2, 'closed', 2)]);
    const planned = async () => {
      await planNotices(waiting);
      return (await database.query("select from internal.notification where kind = 'closed' and surge_id like 'group:Bath%'")).length;
    };
    await pool.query('update internal.group_explanation set seq = 3');
    assert.equal(await planned(), 0);
    await pool.query('update internal.group_explanation set seq = 4');
    assert.equal(await planned(), 1);
    assert.deepEqual(await turn(), [['surge.closed', 'Bath (2 products)', 3, ['soap', 'towel']]], 'it waits only until it is explained');
    const last = hook.taken<{ data: SurgeNotice }>().at(-1)!.data;
    const [held] = await database.query<{ excess_low: number; excess_high: number }>("select excess_low, excess_high from tidewatch.group_surges where group_name = 'Bath'");
    assert.ok(held!.excess_low < last.excess && last.excess < held!.excess_high);
    for (const [told, row] of [[last.excessLow, held!.excess_low], [last.excessHigh, held!.excess_high]] as const) assert.ok(Math.abs(told! - row) < 1e-9, `told ${told}, stored ${row}`);
    assert.deepEqual([last.contributors, last.evidence, last.lookAlikes], [saying.contributors, saying.evidence, { count: 3, observedWithout: last.observed - 2.5, brigading: 'copies' }], 'said of all its products together');
  });

  it('groups are refused whole where a row makes no sense, and a product leaves its group', async () => {
    await assert.rejects(pool.query(`select tidewatch.import_product_groups('[{"productId":"a","group":"A"},{"productId":"","group":"A"}]', true)`), { code: '22023' });
    await assert.rejects(pool.query(`select tidewatch.import_product_groups('7')`), { code: '22023' });
    await assert.rejects(pool.query('select tidewatch.set_product_group($1, $2)', ['a', 'x'.repeat(201)]), { code: '22023' });
    await pool.query(`select tidewatch.set_product_group('lamp', null)`);
    assert.deepEqual((await database.query<{ product_id: string }>('select product_id from tidewatch.product_groups order by 1')).map(({ product_id }) => product_id), ['kettle', 'mixer', 'soap', 'toaster', 'towel']);
  });

  it('groups come from a CSV or JSON lines file, or a line is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'groups-'));
    const of = async (text: string) => {
      await writeFile(join(folder, 'g.csv'), text);
      return readMembers(join(folder, 'g.csv'));
    };
    try {
      assert.deepEqual(await of('product_id,group_name\nkettle, Kitchen \n"a,b",Odd\nkettle,Kitchen\n'), [{ productId: 'kettle', group: 'Kitchen' }, { productId: 'a,b', group: 'Odd' }]);
      assert.deepEqual(await of('{"productId":7,"group":"Numbers"}\n{"product":"x","group":"X"}\n'), [{ productId: '7', group: 'Numbers' }, { productId: 'x', group: 'X' }]);
      await assert.rejects(of('product_id,group_name\nkettle,\n'), /line 2: found no "group_name", expected text of 1 to 200 characters in a column "group_name" or "group"/);
      await assert.rejects(of('product_id,group_name\nkettle,A\nlamp,B\nkettle,B\n'), /line 4: found product "kettle" in a second group \(the first is in line 2\)/);
      await assert.rejects(of('{"productId":"x"}\n'), /line 1: found no "group_name"/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
