/** What people do about a surge, as the roles that may: the rules of the public functions, and of the table behind them. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type pg from 'pg';
import { connectAsReader } from '../page/fill-database.js';
import { useTestDatabase } from '#testkit';

const SURGE = 'kettle@2026-01-02T03:04:05.000Z';
const ADD_SURGE = `INSERT INTO internal.surge (surge_id, seq, product_id, status, channel, opened_at, started_at, last_change_at, expected, observed, excess, severity, share_before, share_now, budget_per_day, settings_id, model_id, contributors)
  VALUES ($1, 1, 'kettle', 'opened', 'count', '2026-01-02', '2026-01-02', '2026-01-02', 1, 5, 4, 3, 0.1, 0.5, 0.01, 's', 'm', '[]')`;

describe('actions on surges', () => {
  const database = useTestDatabase();
  let operator: pg.Client;
  before(async () => {
    await database.query(ADD_SURGE, [SURGE]);
    operator = await database.connect();
    await operator.query('SET ROLE tidewatch_operator');
  });
  const call = (sql: string, values: readonly unknown[], client = operator) => client.query(`SELECT tidewatch.${sql}`, [...values]);

  it('take the first of many acknowledgements at once and refuse the others by name of the first', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, async () => {
      const client = await database.connect();
      await client.query('SET ROLE tidewatch_operator');
      return client;
    }));
    const outcomes = await Promise.allSettled(people.map((client, n) => call('acknowledge_surge($1, by => $2)', [SURGE, `person ${n}`], client)));
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    const [row] = (await operator.query<{ acknowledged_by: string; acknowledged_at: Date }>('SELECT acknowledged_by, acknowledged_at FROM tidewatch.surges')).rows;
    assert.equal(outcomes[Number(row!.acknowledged_by.slice(-1))]!.status, 'fulfilled');
    await assert.rejects(call('acknowledge_surge($1)', [SURGE]), (error: Error & { code: string }) => error.code === 'TW004' && error.message.startsWith(`${row!.acknowledged_by} has acknowledged it already, at ${row!.acknowledged_at.toISOString().slice(0, 10)}`));
  });

  it('keep every action in order, and show the newest owner and verdict with the surge', async () => {
    await call('own_surge($1, $2, by => $3)', [SURGE, 'Mia', 'Jon']);
    await call('note_surge($1, $2, by => $3)', [SURGE, ' the lid again\n', 'Mia']);
    await call('judge_surge($1, $2, by => $3)', [SURGE, 'false', 'Mia']);
    await call('judge_surge($1, $2, $3, $4)', [SURGE, 'real', 'I looked again', 'Mia']);
    await call('own_surge($1, $2)', [SURGE, 'Ann']);
    assert.deepEqual((await operator.query('SELECT owner, feedback FROM tidewatch.surges')).rows, [{ owner: 'Ann', feedback: 'real' }]);
    await call('own_surge($1, NULL, by => $2)', [SURGE, 'Ann']);
    assert.deepEqual((await operator.query('SELECT owner, feedback FROM tidewatch.surges')).rows, [{ owner: null, feedback: 'real' }]);
    const { rows } = await operator.query('SELECT seq, product_id, action, verdict, text, by FROM tidewatch.surge_actions WHERE seq > 1 ORDER BY seq');
    const [{ me } = { me: '' }] = await database.query<{ me: string }>('SELECT session_user AS me');
    assert.deepEqual(rows.map((row: Record<string, unknown>) => [row['seq'], row['action'], row['verdict'], row['text'], row['by']]), [
      [2, 'owner', null, 'Mia', 'Jon'], [3, 'note', null, 'the lid again', 'Mia'], [4, 'feedback', 'false', null, 'Mia'], [5, 'feedback', 'real', 'I looked again', 'Mia'], [6, 'owner', null, 'Ann', me], [7, 'owner', null, null, 'Ann'],
    ]);
  });

  it('refuse a surge that does not exist and arguments out of bounds, saying what was expected', async () => {
    const refusals: readonly (readonly [string, readonly unknown[], string, RegExp])[] = [
      ['judge_surge($1, $2)', ['nothing@2026', 'real'], 'TW003', /no surge 'nothing@2026'; tidewatch\.surges lists them/],
      ['judge_surge($1, $2)', [SURGE, 'maybe'], '22023', /found 'maybe', expected real, expected, brigading or false/],
      ['judge_surge($1, NULL)', [SURGE], '22023', /found NULL, expected real/],
      ['note_surge($1, $2)', [SURGE, ' \n '], '22023', /note: found 0 characters, expected 1 to 4000/],
      ['note_surge($1, $2)', [SURGE, 'x'.repeat(4_001)], '22023', /found 4001 characters/],
      ['own_surge($1, $2)', [SURGE, 'x'.repeat(201)], '22023', /owner: found 201 characters/],
      ['note_surge($1, $2, by => $3)', [SURGE, 'x', ''], '22023', /by: found 0 characters/],
    ];
    for (const [sql, values, code, message] of refusals) {
      await assert.rejects(call(sql, values), (error: Error & { code: string }) => error.code === code && message.test(error.message), sql);
    }
    assert.equal((await operator.query('SELECT FROM tidewatch.surge_actions WHERE seq > 7')).rowCount, 0);
  });

  it('are for the operator alone, through the functions alone, and can not be taken back', async () => {
    const reader = await connectAsReader(database);
    await assert.rejects(call('note_surge($1, $2)', [SURGE, 'x'], reader), { code: '42501' });
    for (const sql of ['SELECT FROM internal.surge_action', 'SELECT FROM internal.surge', `SELECT internal.act_on_surge('', '', '', '', '')`, 'DELETE FROM tidewatch.surge_actions']) await assert.rejects(operator.query(sql), sql);
    for (const sql of [`UPDATE internal.surge_action SET text = 'y'`, 'DELETE FROM internal.surge_action', 'TRUNCATE internal.surge_action']) await assert.rejects(database.query(sql), /only ever appended to/);
  });

  it('hold up no commit of a worker while a person leaves a transaction open', async () => {
    await operator.query('BEGIN');
    await call('note_surge($1, $2)', [SURGE, 'half done']);
    await database.query(`SET lock_timeout = '2s'; UPDATE internal.surge SET seq = 2, status = 'worsening'`);
    await operator.query('ROLLBACK');
    assert.deepEqual((await operator.query('SELECT status FROM tidewatch.surges')).rows, [{ status: 'worsening' }]);
  });
});
