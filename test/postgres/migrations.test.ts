/** The schema: up and down, its partitions, its public face and who may see it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import pg from 'pg';
import { migrate, revertMigrations } from '#commit-postgres';
import { createTestDatabase, dropTestDatabase, useTestDatabase } from '#testkit';
import { migrations } from '../../migrations/index.js';

const VIEWS = ['alarm_budget_changes', 'alarm_budgets', 'baseline_changes', 'calendar_events', 'coverage_alerts', 'dead_letters', 'feed_silence', 'forecast_bands', 'forecast_coverage', 'forecast_direction', 'forecast_skill', 'forecast_standing', 'forecasts', 'group_surges', 'model_activations', 'models', 'move_alerts', 'notification_channels', 'notifications', 'page_address', 'product_groups', 'product_sentiment_hourly', 'product_silence', 'product_standing', 'products', 'quotes', 'reviews_scored', 'stale_symbols',
  'stream_gaps', 'stream_positions', 'stream_samples', 'surge_actions', 'surge_alerts', 'surge_evidence', 'surge_transitions', 'surges'];

describe('migrations', () => {
  const database = useTestDatabase();

  it('go up, down to nothing and up again, and find nothing to do the next time', async () => {
    const { name, url } = await createTestDatabase({ migrated: false });
    const lines: string[] = [];
    const left = async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query<{ relname: string }>("SELECT relname FROM pg_class WHERE relnamespace IN ('internal'::regnamespace, 'tidewatch'::regnamespace) AND relkind IN ('r', 'p', 'v') AND relname <> 'schema_migration'");
      const functions = await client.query("SELECT 1 FROM pg_proc WHERE pronamespace IN ('internal'::regnamespace, 'tidewatch'::regnamespace)");
      await client.end();
      return rows.length + (functions.rowCount ?? 0);
    };
    await Promise.all([migrate(url, (line) => lines.push(line)), migrate(url, (line) => lines.push(line))]);
    assert.equal(lines.length, migrations.length, 'two at once do the work once');
    const whole = await left();
    await revertMigrations(url, migrations.length);
    assert.equal(await left(), 0);
    await migrate(url);
    assert.equal(await left(), whole);
    await migrate(url, (line) => assert.fail(line));
    assert.deepEqual(await dropTestDatabase(name), []);
  });

  it('describe every view and every column', async () => {
    const views = await database.query<{ view: string; bare: string[] | null }>(`
      SELECT c.relname AS view, array_agg(a.attname::text) FILTER (WHERE col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL) AS bare
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
      WHERE c.relnamespace = 'tidewatch'::regnamespace GROUP BY 1 ORDER BY 1`);
    assert.deepEqual(views.map(({ view }) => view), VIEWS);
    for (const { view, bare } of views) assert.equal(bare, null, view);
  });

  it('let the reader role see every view and nothing else', async () => {
    const client = await database.connect();
    await client.query('SET ROLE tidewatch_reader');
    for (const view of VIEWS) await client.query(`SELECT * FROM tidewatch.${view} LIMIT 1`);
    const tables = await database.query<{ name: string }>("SELECT relname AS name FROM pg_class WHERE relnamespace = 'internal'::regnamespace AND relkind IN ('r', 'p')");
    assert.ok(tables.length > 20);
    for (const { name } of tables) await assert.rejects(client.query(`SELECT 1 FROM internal."${name}"`), { code: '42501' }, name);
    for (const call of ['ensure_partitions(now())', 'drop_partitions(now())', 'prune(now(), 1)', 'grant_reader()', 'grant_operator()']) await assert.rejects(client.query(`SELECT internal.${call}`), { code: '42501' }, call);
    for (const view of VIEWS) await assert.rejects(client.query(`DELETE FROM tidewatch.${view}`), `DELETE on ${view}`);
    await assert.rejects(client.query('CREATE TABLE tidewatch.own (x int)'), { code: '42501' });
  });

  it('show the reader a dead letter through the function the view needs', async () => {
    await database.query("INSERT INTO internal.dead_letter (topic, partition, \"offset\", key, payload, code, reason, message_at) VALUES ('t', 0, 1, 'k', '\\xff41', 'invalid_utf8', 'r', now()), ('t', 0, 2, NULL, '\\xc3a9', 'invalid_json', 'r', now())");
    const client = await database.connect();
    await client.query('SET ROLE tidewatch_reader');
    assert.deepEqual((await client.query('SELECT key, payload FROM tidewatch.dead_letters ORDER BY "offset"')).rows, [{ key: 'k', payload: '\\377A' }, { key: null, payload: 'é' }]);
  });

  it('make months as they come, move rows out of the default partition, and drop whole months', async () => {
    const at = '2031-03-15T12:00:00Z';
    await database.query("INSERT INTO internal.settlement (symbol, made_at, bar, horizon, settled_at, status) VALUES ('A', '2031-03-31 23:59:59+00', 1, 1, now(), 'settled'), ('A', '2031-06-01 00:00:00+00', 2, 1, now(), 'settled')");
    const [made] = await database.query<{ n: number }>('SELECT internal.ensure_partitions($1) AS n', [at]);
    assert.equal(made?.n, 20, 'five months of four tables');
    assert.deepEqual(await database.query('SELECT internal.ensure_partitions($1) AS n', [at]), [{ n: 0 }]);
    assert.deepEqual(await database.query("SELECT tableoid::regclass::text AS place FROM internal.settlement ORDER BY bar"), [{ place: 'internal.settlement_203103' }, { place: 'internal.settlement_default' }]);
    const keys = await database.query<{ n: string }>("SELECT count(*) AS n FROM pg_index WHERE indrelid = 'internal.settlement_203103'::regclass");
    assert.equal(keys[0]?.n, '2', 'a month has the indexes of its parent');
    const unsearched = await database.query<{ place: string; name: string }>("SELECT attrelid::regclass::text AS place, attname AS name FROM pg_attribute WHERE attstattarget = 0 AND attrelid IN ('internal.review_score_203103'::regclass, 'internal.forecast_default'::regclass) AND attnum > 0 ORDER BY 1, attnum");
    assert.deepEqual(unsearched.map(({ place, name }) => `${place}.${name}`), ['levels', 'corrected', 'raw'].map((name) => `internal.forecast_default.${name}`).concat(['title', 'text', 'extra', 'top_words'].map((name) => `internal.review_score_203103.${name}`)), 'nor does analyze read, in any month, what nobody searches');
    const [dropped] = await database.query<{ n: number }>("SELECT internal.drop_partitions('2031-04-01T00:00:00Z') AS n");
    assert.equal(dropped?.n, 12 + 20, 'the three months before, and the five around now');
    assert.deepEqual(await database.query("SELECT bar FROM internal.settlement"), [{ bar: '2' }]);
  });

  it('give settlements that are already there their one index, in every month, back and forth, without losing a row', async () => {
    const { name, url } = await createTestDatabase({ migrated: true });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query("SELECT internal.ensure_partitions('2031-03-15Z')");
    await client.query(`INSERT INTO internal.settlement (symbol, made_at, bar, horizon, settled_at, status)
      SELECT 'A', '2031-01-20Z'::timestamptz + b * interval '1 day', b, h, now(), 'settled' FROM generate_series(1, 200) b, unnest(ARRAY[1, 5]) h`);
    const keys = async () => (await client.query<{ key: string }>(`SELECT DISTINCT substring(indexdef FROM '\\(.*') AS key FROM pg_indexes
      WHERE schemaname = 'internal' AND tablename LIKE 'settlement%' ORDER BY 1`)).rows.map(({ key }) => key);
    const rows = async () => (await client.query<{ n: number }>('SELECT count(*)::int AS n FROM internal.settlement')).rows[0]!.n;
    const now = await keys();
    assert.deepEqual(now, ['(settled_at DESC) WHERE (NOT covered99)', '(symbol, horizon, made_at, bar)']);
    await revertMigrations(url, migrations.filter((migration) => Number(migration.name.slice(-13)) >= 1795910000001).length);
    assert.deepEqual(await keys(), ['(settled_at DESC) WHERE (NOT covered99)', "(symbol, horizon, made_at DESC) WHERE (status = 'settled'::text)", '(symbol, made_at, bar, horizon)']);
    await migrate(url);
    assert.deepEqual([await keys(), await rows()], [now, 400]);
    await client.query('SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off');
    const { rows: plan } = await client.query<{ 'QUERY PLAN': string }>("EXPLAIN SELECT * FROM internal.settlement WHERE symbol = 'A' AND horizon = 5 AND status = 'settled' ORDER BY made_at DESC LIMIT 10");
    assert.ok(plan.every((line) => !line['QUERY PLAN'].includes('Sort  (cost')), 'the newest of a symbol and horizon are walked, not sorted');
    await client.end();
    assert.deepEqual(await dropTestDatabase(name), []);
  });

  it('prune what is old by its own time and by the time it was scored, and what belonged to it', async () => {
    const review = (id: string, reviewed: string, scored: string) => database.query(`
      WITH r AS (INSERT INTO internal.review_score (topic, partition, "offset", reviewed_at, product_id, review_id, revision, text, p_negative, p_negative_text, top_words, model_id, scored_at)
        VALUES ('prune', 0, hashtext($1), $2, 'p', $1, 1, 'x', 0.5, 0.5, '[]', 'm', $3) RETURNING *)
      INSERT INTO internal.review_identity SELECT product_id, review_id, revision, 'h', reviewed_at, topic, partition, "offset" FROM r`, [id, reviewed, scored]);
    await review('old', '2001-01-01Z', '2001-01-02Z');
    await review('fed late', '2001-01-01Z', '2030-01-01Z');
    await review('new', '2030-01-01Z', '2030-01-01Z');
    await database.query(`INSERT INTO internal.quote_bar (symbol, at, bar, topic, partition, "offset", close, model_id, scored_at) VALUES ('OLD', '2001-01-01Z', 1, 'q', 0, 1, 1, 'm', '2001-01-01Z'), ('LATE', '2001-01-01Z', 1, 'q', 0, 2, 1, 'm', '2030-01-01Z')`);
    for (const symbol of ['OLD', 'LATE']) {
      await database.query(`INSERT INTO internal.forecast (symbol, made_at, bar, horizon, close, levels, corrected, raw, baseline_sigma, model_id) VALUES ($1, '2001-01-01Z', 1, 1, 1, '{}', '{}', '{}', 1, 'm')`, [symbol]);
      await database.query(`INSERT INTO internal.settlement (symbol, made_at, bar, horizon, settled_at, status) VALUES ($1, '2001-01-01Z', 1, 1, now(), 'settled')`, [symbol]);
    }
    const prune = async (most: number) => (await database.query<{ n: string }>("SELECT internal.prune('2020-01-01Z', $1) AS n", [most]))[0]!.n;
    assert.equal(await prune(1_000), '5', 'review, identity, bar, forecast, settlement');
    assert.equal(await prune(1_000), '0');
    assert.deepEqual(await database.query("SELECT review_id FROM internal.review_identity ORDER BY 1"), [{ review_id: 'fed late' }, { review_id: 'new' }]);
    assert.deepEqual(await database.query("SELECT review_id FROM internal.review_score ORDER BY 1"), [{ review_id: 'fed late' }, { review_id: 'new' }]);
    for (const table of ['quote_bar', 'forecast', 'settlement']) assert.deepEqual(await database.query(`SELECT symbol FROM internal.${table} WHERE symbol IN ('OLD', 'LATE')`), [{ symbol: 'LATE' }], table);
    await database.query('DELETE FROM internal.review_score WHERE review_id = $1', ['fed late']);
    assert.equal(await prune(1_000), '1', 'the identity of a row that went with its month');
  });
});
