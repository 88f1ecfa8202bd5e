/**
 * Grafana cannot run here, so its rules stand in for it: the generated files are those of the source, and every query,
 * expanded as Grafana expands it, runs as the role Grafana has and gives the columns that its format needs.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { type Client, Pool, type QueryResult } from 'pg';
import { projectRoot } from '#load-config';
import { useTestDatabase } from '#testkit';
import { generatedFiles } from '../../dashboards/all.js';
import { sampleStreams } from '../../apps/scheduler/sample-streams.js';
import { connectAsReader, fillDatabase } from '../page/fill-database.js';
import { addSurge, DAY, HOUR, review, state } from '../page/fixture-reviews.js';
import { insert } from '../page/fixture-rows.js';
import { expand } from './expand.js';
import type { Dashboard, Panel, QueryVariableModel } from './grafana-types.js';

const generated = join(projectRoot(), 'dashboards/generated');
const files = readdirSync(generated).sort();
const dashboards = files.map((file) => JSON.parse(readFileSync(join(generated, file), 'utf8')) as Dashboard);
const now = Date.UTC(2026, 10, 20, 15);
/** Event times are around `now`, clock times of the rows around the present; both are in it. */
const moment = { from: new Date(now - 10 * DAY), to: new Date(Math.max(now, Date.now()) + HOUR), interval: '1h' };
const UNRULY = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{M}{5}/u;
const INT8 = 20;
const NUMERIC = 1700;
const FLOAT8 = 701;
const INT4 = 23;
const REAL = 700;
const TEXT = [25, 1043, 19];
const TIMES = [1184, 1114, 1082];
const NUMBERS = [INT8, NUMERIC, FLOAT8, INT4, REAL];

describe('the dashboards', () => {
  const database = useTestDatabase();
  let reader: Client;

  before(async () => {
    const owner = await fillDatabase(database, now, 150);
    await owner.query("INSERT INTO internal.stream_gap (topic, partition, from_offset, to_offset, reason) VALUES ('reviews.v1', 0, 3, 7, 'retention')");
    await owner.query("INSERT INTO internal.stale_symbol (symbol, silent_since, usual_bars, weeks, severity) VALUES ('HALO', $1, 12, 3, 2)", [new Date(now)]);
    const pool = new Pool({ connectionString: database.url, max: 1 });
    await sampleStreams({ pool, settings: { topics: { reviews: 'reviews.v1' } } });
    await owner.query("UPDATE internal.stream_lease SET accepted = accepted + 100");
    await sampleStreams({ pool, settings: { topics: { reviews: 'reviews.v1' } } });
    await pool.end();
    const { rows: [newest] } = await owner.query<{ id: string }>('SELECT surge_id AS id FROM internal.surge ORDER BY opened_at DESC LIMIT 1');
    await owner.query("SELECT tidewatch.acknowledge_surge($1, by => 'Mia')", [newest!.id]);
    await owner.query("SELECT tidewatch.judge_surge($1, 'real')", [newest!.id]);
    reader = await connectAsReader(database);
  });

  const choices = async (variables: readonly QueryVariableModel[]): Promise<Record<string, string[]>> => {
    const chosen: Record<string, string[]> = {};
    for (const { name, query, multi } of variables) {
      const { rows } = await reader.query<Record<string, string>>(expand(query, moment, chosen));
      const values = rows.map((row) => row['__value'] ?? Object.values(row)[0]!);
      assert.ok(values.length > 0, `variable ${name} has nothing to choose`);
      chosen[name] = multi === true ? values : values.slice(0, 1);
    }
    return chosen;
  };

  it('are generated anew after every change of their source', () => {
    for (const [folder, made] of generatedFiles) {
      const path = join(projectRoot(), 'dashboards', folder);
      assert.deepEqual(readdirSync(path).sort(), [...made.keys()].sort(), 'run npm run dashboards and commit what it writes');
      for (const [name, text] of made) assert.equal(readFileSync(join(path, name), 'utf8'), text, `${name} is stale: run npm run dashboards and commit what it writes`);
    }
  });

  it('have a question, panels with title, description, unit and a word for no data, and unique ids', () => {
    assert.equal(new Set(dashboards.map(({ uid }) => uid)).size, dashboards.length);
    for (const { title, description, panels } of dashboards) {
      assert.match(description, /\?$/, title);
      assert.equal(new Set(panels.map((panel) => panel.title)).size, panels.length, `${title}: two panels have the same title`);
      for (const panel of panels) {
        for (const text of [panel.title, panel.description, panel.fieldConfig.defaults.unit, panel.fieldConfig.defaults.noValue]) assert.ok(text, `${title} / ${panel.title}`);
        assert.ok(panel.gridPos.w >= 1 && panel.gridPos.x + panel.gridPos.w <= 24, `${title} / ${panel.title} is wider than Grafana's 24 columns`);
      }
    }
  });

  it('read nothing but the public views', () => {
    for (const { title, panels } of dashboards) {
      for (const { targets } of panels) {
        for (const { rawSql } of targets) {
          assert.doesNotMatch(rawSql, /internal\./, title);
          for (const [, source] of rawSql.matchAll(/\b(?:FROM|JOIN)\s+([a-z_.]+)/g)) assert.ok(source!.startsWith('tidewatch.') || ['opened_at', 'scored_at', 'now', 'acted_at', 'coalesce'].includes(source!), `${title} reads ${source}`);
        }
      }
    }
  });

  for (const dashboard of dashboards) {
    const variables = dashboard.templating.list.filter((each): each is QueryVariableModel => each.type === 'query');
    for (const panel of dashboard.panels) {
      it(`${dashboard.title}: "${panel.title}" runs as the reader and gives the columns of its format`, async () => {
        const chosen = await choices(variables);
        for (const { rawSql, format } of panel.targets) {
          const result = await run(reader, expand(rawSql, moment, chosen));
          assert.ok(result.rows.length > 0, 'the sample data must give rows');
          if (format === 'time_series') checkSeries(result);
          if (panel.type === 'stat') checkNumber(result);
          if (panel.type === 'state-timeline') checkStates(result);
          checkUnits(panel, result);
        }
      });
    }
    it(`${dashboard.title}: every annotation runs as the reader and gives a time and a text`, async () => {
      const queries = dashboard.annotations.list.flatMap(({ target }) => (target?.rawSql === undefined ? [] : [target.rawSql]));
      assert.ok(queries.length > 0);
      for (const sql of queries) {
        const { fields, rows } = await run(reader, expand(sql, moment, await choices(variables)));
        assert.equal(rows.length, dashboard.uid === 'tidewatch-product' ? 1 : 4, 'one for each surge of the sample data, or of the product');
        for (const column of ['time', 'timeend', 'title', 'text', 'tags']) assert.ok(fields.some(({ name }) => name === column), column);
      }
    });
  }

  it('show an open surge, and no longer when it has closed', async () => {
    const open = dashboards.find(({ uid }) => uid === 'tidewatch-overview')!.panels.find(({ title }) => title === 'Open surges')!.targets[0]!.rawSql;
    assert.deepEqual((await reader.query(open)).rows, [{ 'open surges': '2' }]);
    await database.query("UPDATE internal.surge SET status = 'closed', closed_at = last_change_at WHERE closed_at IS NULL");
    assert.deepEqual((await reader.query(open)).rows, [{ 'open surges': '0' }]);
  });

  it('show what strangers wrote as text of bounded length, and lead from a mark to its surge', async () => {
    const owner = await database.connect();
    const from = Date.now() - HOUR;
    const id = '<b>&"%2e\u202e\u001b[31m';
    const texts = ['<script>alert(1)</script>', '[a](javascript:alert(1))', '=1+1', '\u001b[31mred\u001b[0m', '\u202eevil', `e${'\u0301'.repeat(10_000)}`, 'w'.repeat(20_000)];
    await insert(owner, 'review_score', Array.from({ length: 14 }, (_, n) => review({ id, name: texts[n % 7]! }, from + n, texts[n % 7]!, 0.9, { title: texts[n % 7]!, app_version: texts[n % 7]!.slice(0, 200), region: texts[n % 7]!.slice(0, 200) })));
    await insert(owner, 'entity_state', [state({ id, name: texts[3]! }, 14, from)]);
    const surgeId = await addSurge(owner, { product: { id, name: texts[0]! }, startedAt: from - HOUR, openedAt: from, closedAt: null, lastAt: from, observed: 9, expected: 1, severity: 9, statuses: ['opened'], quotes: texts.map((text) => text.slice(0, 3_000)), contributors: texts.map((value) => ({ kind: 'term', value, shareNow: 1, shareBefore: 0 })) });
    await owner.query("INSERT INTO internal.dead_letter (topic, partition, \"offset\", payload, code, reason, message_at) VALUES ('reviews.v1', 0, 777777, 'x', 'invalid_json', $1, now())", [texts.join(' ')]);
    let seen = 0;
    for (const { templating, panels, annotations } of dashboards) {
      const chosen = { ...(await choices(templating.list.filter((each): each is QueryVariableModel => each.type === 'query'))), product: [id] };
      for (const { title, targets, fieldConfig: { overrides } } of panels) {
        const hidden = overrides.filter(({ properties }) => properties.some((property) => property.id === 'custom.hidden' && property.value === true)).map(({ matcher }) => matcher.options);
        assert.ok(overrides.every(({ properties }) => properties.every((property) => property.id !== 'custom.cellOptions')), `${title}: cells are plain text`);
        for (const { rawSql } of targets) for (const row of (await run(reader, expand(rawSql, moment, chosen))).rows) for (const [column, cell] of Object.entries(row)) {
          if (typeof cell !== 'string' || hidden.includes(column)) continue;
          assert.doesNotMatch(cell, UNRULY, `${title}: ${column}`);
          assert.ok(cell.length <= 300, `${title}: ${column} has ${cell.length} characters`);
          if (cell.includes('<script>')) seen += 1;
        }
      }
      for (const { target } of annotations.list) {
        const marks = (await run(reader, expand(target!.rawSql!, moment, { ...chosen, page: ['https://tidewatch.example'] }))).rows;
        const mark = marks.find(({ text }) => String(text).includes(encodeURIComponent(surgeId)))!;
        assert.match(String(mark['text']), /^9\.0 negatives where 1\.0 were expected, severity 9\.0\. <a href="https:\/\/tidewatch\.example\/#\/surges\/[\w%.~-]+">Open in Tidewatch<\/a>$/);
        assert.doesNotMatch(String(mark['title']), /[<>"]/);
        assert.doesNotMatch(String(mark['title']), UNRULY);
      }
    }
    assert.ok(seen > 3, 'the hostile rows are in the panels');
  });
});

async function run(client: Client, sql: string): Promise<QueryResult<Record<string, unknown>>> {
  assert.doesNotMatch(sql, /\$/, `a variable or macro was left over in: ${sql}`);
  return client.query<Record<string, unknown>>(sql);
}

/** Format time_series: a column `time`, rows in its order, at least one number, and text only as `metric`. */
function checkSeries({ fields, rows }: QueryResult<Record<string, unknown>>): void {
  const time = fields.find(({ name }) => name === 'time');
  assert.ok(time !== undefined && [...TIMES, ...NUMBERS].includes(time.dataTypeID), 'a column time, a timestamp or epoch seconds');
  const others = fields.filter((field) => field !== time);
  assert.ok(others.some(({ dataTypeID }) => NUMBERS.includes(dataTypeID)), 'at least one number');
  for (const { name, dataTypeID } of others) assert.ok(NUMBERS.includes(dataTypeID) || (TEXT.includes(dataTypeID) && name === 'metric'), `column ${name} is neither a number nor metric`);
  const times = rows.map((row) => Number(row['time']));
  assert.deepEqual(times, times.toSorted((a, b) => a - b), 'rows in the order of time');
}

/** A state timeline: a time and one text, in the order of time, and no word that has no colour. */
function checkStates({ fields, rows }: QueryResult<Record<string, unknown>>): void {
  assert.deepEqual(fields.map(({ name }) => name), ['time', 'state']);
  const times = rows.map((row) => Number(row['time']));
  assert.deepEqual(times, times.toSorted((a, b) => a - b));
  for (const { state } of rows) assert.ok(['calm', 'opened', 'worsening', 'easing'].includes(state as string), String(state));
  assert.ok(rows.length > 1);
}

/** A panel of one number: one row, one column, not null. */
function checkNumber({ fields, rows }: QueryResult<Record<string, unknown>>): void {
  assert.equal(fields.length, 1);
  assert.ok(NUMBERS.includes(fields[0]!.dataTypeID), 'a number');
  assert.equal(rows.length, 1);
  assert.notEqual(rows[0]![fields[0]!.name], null, 'the sample data must give a number');
}

/** A unit for a column that the query does not give would be a slip of the pen. */
function checkUnits(panel: Panel, { fields }: QueryResult<Record<string, unknown>>): void {
  for (const { matcher } of panel.fieldConfig.overrides) assert.ok(fields.some(({ name }) => name === matcher.options), `no column ${matcher.options}`);
}
