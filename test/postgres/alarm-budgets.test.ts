/** Budgets of products and groups on a real database: what the function refuses, the snapshot that follows, and the command. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Pool } from 'pg';
import type { StreamStore } from '#contracts';
import { createPostgresStore } from '#commit-postgres';
import { calendarFrom, surgeSettings } from '#detect-surge';
import { projectRoot } from '#load-config';
import { useTestDatabase } from '#testkit';
import { keepCalendar } from '../../apps/scheduler/keep-calendar.js';

describe('alarm budgets of products and groups', () => {
  const database = useTestDatabase();
  let pool: Pool;
  let store: StreamStore;
  before(() => {
    pool = new Pool({ connectionString: database.url, max: 2 });
    store = database.closeAtEnd(createPostgresStore({ databaseUrl: database.url, poolSize: 2 }));
    database.closeAtEnd({ close: () => pool.end() });
  });
  const set = (...values: unknown[]) => pool.query('select tidewatch.set_alarm_budget($1, $2, $3, $4)', values);
  const inForce = async (...products: string[]) => {
    await keepCalendar({ pool, store, say: () => undefined });
    const { snapshotId, body } = await store.latestSnapshot('calendar');
    const settings = surgeSettings({ budgetPerDay: 1 / 91 });
    return products.map((product) => calendarFrom(snapshotId, body).settingsOf(settings, product)).map(({ budgetPerDay, budgetSource }) => [Math.round(1 / budgetPerDay), budgetSource]);
  };
  const cli = async (...args: string[]) => {
    const done = await promisify(execFile)(process.execPath, [join(projectRoot(), 'dist/apps/cli/main.js'), 'budgets', ...args], { env: { ...process.env, DATABASE_URL: database.url } }).catch((error: { stdout: string; stderr: string }) => error);
    return { out: done.stdout, err: done.stderr };
  };

  it('a product\'s own goes before its group\'s, and that before the default; a change of groups counts, and taking it back too', async () => {
    await pool.query('select tidewatch.import_product_groups($1)', [JSON.stringify(['kettle', 'toaster'].map((productId) => ({ productId, group: 'kitchen' })))]);
    await set('group', 'kitchen', '1/month', 'Mia');
    await set('product', 'kettle', ' 1 / week ', 'Mia');
    assert.deepEqual(await inForce('kettle', 'toaster', 'lamp'), [[7, 'product'], [30, 'group kitchen'], [91, 'default']]);
    await pool.query('select tidewatch.set_product_group($1, $2)', ['lamp', 'kitchen']);
    await set('product', 'kettle', null, 'Mia');
    assert.deepEqual(await inForce('kettle', 'toaster', 'lamp'), [[30, 'group kitchen'], [30, 'group kitchen'], [30, 'group kitchen']]);
    await set('group', 'kitchen', null, 'Mia');
    assert.deepEqual(await inForce('kettle'), [[91, 'default']]);
  });

  it('keeps who changed which, when, from what to what', async () => {
    await set('product', 'kettle', '1/week', 'Ann');
    await set('product', 'kettle', '1 /week', 'Mia');
    await set('product', 'kettle', '2/week', 'Mia');
    await set('product', 'kettle', null, 'Ann');
    await set('product', 'kettle', null, 'Ann');
    const rows = await database.query('select scope, name, budget_before as before, budget as after, changed_by as by from tidewatch.alarm_budget_changes order by change_id desc limit 4');
    assert.deepEqual(rows.reverse(), [
      { scope: 'group', name: 'kitchen', before: '1/month', after: null, by: 'Mia' }, { scope: 'product', name: 'kettle', before: null, after: '1/week', by: 'Ann' },
      { scope: 'product', name: 'kettle', before: '1/week', after: '2/week', by: 'Mia' }, { scope: 'product', name: 'kettle', before: '2/week', after: null, by: 'Ann' },
    ], 'the same again is no change');
    await Promise.all(['3/week', '4/week', '5/week'].map((budget) => set('product', 'lamp', budget, 'Mia')));
    const chain = await database.query<{ before: string | null; after: string }>("select budget_before as before, budget as after from tidewatch.alarm_budget_changes where name = 'lamp' order by change_id");
    assert.deepEqual(chain.map(({ before }) => before), [null, ...chain.slice(0, -1).map(({ after }) => after)], 'those at once follow each other');
    await set('product', 'lamp', null, 'Mia');
  });

  it('refuses what makes no sense, with what was found and expected', async () => {
    for (const [scope, name, budget, expected] of [
      ['shop', 'x', '1/week', /scope: found 'shop', expected product or group/], ['product', '', '1/week', /name: found 0 characters, expected 1 to 1000/],
      ['product', 'x'.repeat(10_000), '1/week', /name: found 10000 characters, expected 1 to 1000/], ['group', 'x'.repeat(201), '1/week', /expected 1 to 200/],
      ['product', 'x', '0/week', /budget: found '0\/week', expected a number above zero and a period/], ['product', 'x', '-1/week', /found '-1\/week'/], ['product', 'x', '1/fortnight', /1\/fortnight/],
      ['product', 'x', '25/day', /no more than 24 a day/], ['product', 'x', '', /found ''/],
    ] as const) await assert.rejects(set(scope, name, budget, 'Mia'), (error: Error & { code: string }) => expected.test(error.message) && error.code === '22023');
    assert.deepEqual((await database.query('select * from tidewatch.alarm_budgets')), []);
  });

  it('is set, listed and taken back by the command', async () => {
    assert.match((await cli('set', 'group', 'kitchen', '2/quarter')).out, /group "kitchen": 2\/quarter false alarms for each of its products/);
    assert.match((await cli('list')).out, /^2\/quarter {2}group kitchen\n$/);
    assert.match((await cli('set', 'product', 'x', '0/week')).err, /The budget is not an alarm budget\. Expected a number above zero/);
    assert.match((await cli('set', 'shop', 'x', '1/week')).err, /scope: found 'shop'/);
    await cli('unset', 'group', 'kitchen');
    assert.match((await cli('list')).out, /holds for every product/);
  });
});
