/** The calendar on a real database: functions that refuse, files whole or not at all, snapshots, and a worker's and scheduler's use of them. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'node:test';
import { Pool } from 'pg';
import type { CalendarBody, StreamStore } from '#contracts';
import { createPostgresStore } from '#commit-postgres';
import { projectRoot } from '#load-config';
import { useTestDatabase } from '#testkit';
import { keepCalendar } from '../../apps/scheduler/keep-calendar.js';
import { followCalendar } from '../../apps/stream-worker/follow-calendar.js';

describe('the calendar of known events', () => {
  const database = useTestDatabase();
  let pool: Pool;
  let store: StreamStore;
  let folder = '';
  before(async () => {
    pool = new Pool({ connectionString: database.url, max: 2 });
    store = database.closeAtEnd(createPostgresStore({ databaseUrl: database.url, poolSize: 2 }));
    database.closeAtEnd({ close: () => pool.end() });
    folder = await mkdtemp(join(tmpdir(), 'calendar-'));
  });
  after(() => rm(folder, { recursive: true }));
  const keep = () => keepCalendar({ pool, store, say: () => undefined });
  const add = (...values: unknown[]) => pool.query('select tidewatch.add_calendar_event($1, $2, $3, $4, $5, $6, $7, $8) as id', values);
  const listed = () => database.query<{ event_id: string; name: string; source: string }>('select event_id, name, source from tidewatch.calendar_events order by from_at, event_id');
  const cli = async (...args: string[]) => {
    const done = await promisify(execFile)(process.execPath, [join(projectRoot(), 'dist/apps/cli/main.js'), 'calendar', ...args], { env: { ...process.env, DATABASE_URL: database.url } }).catch((error: { stdout: string; stderr: string }) => error);
    return { out: done.stdout, err: done.stderr };
  };

  it('becomes a numbered snapshot whenever it differs from the newest, and workers follow it', async () => {
    assert.equal(await keep(), false, 'an empty calendar is the one that is there');
    const follower = await followCalendar(store, (message) => assert.fail(message), 1e6);
    assert.equal(follower.current().id, 0);
    const { rows } = await add('Sale', 'sale', '2026-11-27T00:00:00Z', '2026-12-01T00:00:00.1234Z', ['b', 'a', 'b'], 3, false, 'Mia');
    assert.equal(await keep(), true);
    assert.equal(await keep(), false);
    await follower.look();
    follower.stop();
    assert.equal(follower.current().id, 1);
    assert.deepEqual(follower.current().of('a').events, [{ eventId: (rows[0] as { id: string }).id, name: 'Sale', kind: 'sale', from: Date.UTC(2026, 10, 27), until: Date.UTC(2026, 11, 1) + 123, products: ['a', 'b'], factor: 3, mute: false }]);
    assert.deepEqual(follower.current().of('c').events, []);
    await pool.query('select tidewatch.remove_calendar_event($1)', [(rows[0] as { id: string }).id]);
    assert.equal(await keep(), true);
    assert.deepEqual((await store.latestSnapshot('calendar')).body, { events: [] } satisfies CalendarBody);
    assert.equal(((await store.snapshot('calendar', 1n)).body as CalendarBody).events.length, 1, 'what was applied can be read for ever');
  });

  it('a worker whose database is away goes on by the snapshot it has, and says so once', async () => {
    const said: string[] = [];
    let fails = false;
    const follower = await followCalendar({ latestSnapshot: (stream) => (fails ? Promise.reject(new Error('gone')) : store.latestSnapshot(stream)) }, (message) => said.push(message), 1e6);
    fails = true;
    await follower.look();
    await follower.look();
    follower.stop();
    assert.deepEqual(said.length, 1);
    assert.match(said[0]!, /snapshot \d+ goes on: gone/);
  });

  it('refuses what makes no sense, with what was found and expected', async () => {
    const good = ['Sale', 'sale', '2026-11-27T00:00:00Z', '2026-12-01T00:00:00Z', null, 3, false, 'Mia'];
    const cases: readonly (readonly [number, (typeof good)[number] | readonly (string | null)[], RegExp])[] = [
      [0, ' ', /name: found 0 characters/], [0, 'x'.repeat(201), /name: found 201/], [1, 'feast', /kind: found 'feast', expected launch/], [3, '2026-11-27T00:00:00Z', /until: found .* expected a time after/], [3, 'infinity', /until/],
      [4, [], /products: expected 1 to 1000/], [4, ['x'.repeat(1_001)], /products/], [4, [null], /products/], [5, null, /neither a factor nor mute/], [5, 0, /factor: found 0/], [5, 'NaN', /factor/], [7, '', /by: found 0/],
    ];
    for (const [place, value, reason] of cases) await assert.rejects(add(...good.slice(0, place), value, ...good.slice(place + 1)), (error: { code: string; message: string }) => error.code === '22023' && reason.test(error.message), String(reason));
    await assert.rejects(pool.query("select tidewatch.remove_calendar_event('nobody')"), { code: 'TW005' });
    assert.deepEqual(await listed(), []);
  });

  it('imports a file whole, in place of what its source had, or not at all', async () => {
    const file = join(folder, 'plans.ics');
    const ics = (events: readonly string[]) => writeFile(file, ['BEGIN:VCALENDAR', ...events.flatMap((text, n) => ['BEGIN:VEVENT', `UID:e${n}`, `SUMMARY:Plan ${n}`, `DTSTART;VALUE=DATE:${text}`, 'END:VEVENT']), 'END:VCALENDAR'].join('\n'));
    await ics(['20260701', '20260801']);
    const first = await cli('import', file, '--factor', '2', '--from', '2026-01-01', '--until', '2027-01-01');
    assert.match(first.out, /plans.ics: 2 events, 2026-07-01 00:00 to 2026-08-01 00:00/, first.err);
    await add('By hand', 'other', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', null, null, true, 'Mia');
    await ics(['20260901']);
    assert.match((await cli('import', file, '--mute', '--from', '2026-01-01', '--until', '2027-01-01')).out, /1 events/);
    assert.deepEqual((await listed()).map(({ name, source }) => [name, source]), [['By hand', 'by hand'], ['Plan 0', 'plans.ics']]);
    await ics(['20261001', '2026']);
    const broken = await cli('import', file, '--factor', '2');
    assert.match(broken.err, /plans.ics: line 10: found the time "2026", expected one such as .* Nothing was taken from the file/);
    assert.match((await cli('import', join(folder, 'none.ics'))).err, /cannot be read/);
    assert.equal((await listed()).length, 2);
    assert.match((await cli('list', '--all')).out, /2026-09-01 00:00 to 2026-09-02 00:00 {2}other .* Plan 0 {2}\(muted; all products; plans.ics\)/);
  });

  it('is changed by the operator’s role, read by the reader’s, and by nobody else', async () => {
    const client = await database.connect();
    const { rows } = await client.query<{ allowed: boolean }>(`select has_function_privilege(r, f, 'execute') as allowed from unnest(array['tidewatch_operator', 'tidewatch_reader', 'public']) with ordinality as roles(r, n),
      unnest(array['tidewatch.add_calendar_event(text, text, timestamptz, timestamptz, text[], float8, boolean, text)', 'tidewatch.remove_calendar_event(text)', 'tidewatch.import_calendar(text, jsonb, text)']) as f order by n`);
    assert.deepEqual(rows.map(({ allowed }) => allowed), [true, true, true, false, false, false, false, false, false]);
    await client.query('set role tidewatch_reader');
    assert.ok((await client.query('select * from tidewatch.calendar_events')).rows.length > 0);
    await assert.rejects(client.query('select * from internal.calendar_event'), { code: '42501' });
    await client.query('reset role');
  });
});
