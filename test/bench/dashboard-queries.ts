/**
 * Every query of the dashboards and alert rules, as Grafana sends it at each dashboard's first time range, as role tidewatch_reader,
 * over a database that is filled once: a million reviews of 5,000 products in 90 days and a million forecasts.
 *
 *   DATABASE_URL=... node dist/test/bench/dashboard-queries.js [--reviews 1000000] [--products 5000] [--symbols 200] [--bars 1000] [--rounds 9] [--explain 'panel title']
 *
 * Milliseconds, the least and the median of the rounds after one unmeasured run, worst first by the least, which other work on the machine disturbs less; the database is of its own and dropped at the end.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { migrate } from '#commit-postgres';
import { projectRoot } from '#load-config';
import { surgeAlerts } from '../../dashboards/alerts/surges.js';
import { pipelineAlerts } from '../../dashboards/alerts/pipeline.js';
import { expand, type Moment } from '../dashboards/expand.js';
import type { Dashboard, QueryVariableModel } from '../dashboards/grafana-types.js';
import { fillForecasts, fillReviews } from './support/fill-database.js';

const { values } = parseArgs({ options: {
  reviews: { type: 'string', default: '1000000' }, products: { type: 'string', default: '5000' }, symbols: { type: 'string', default: '200' }, bars: { type: 'string', default: '1000' },
  rounds: { type: 'string', default: '9' }, explain: { type: 'string' },
} });
const LIMIT_MS = 100;
const PIXELS = 1_000;
/** The worst choice of a product: its panels read the most rows. */
const BUSIEST = 'prd-1';
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

const server = process.env['DATABASE_URL'] ?? process.env['TEST_DATABASE_URL'];
if (server === undefined) throw new Error('set DATABASE_URL to a server where a database may be created');
const database = `bench_dashboards_${process.pid}`;
const url = new URL(server);
url.pathname = `/${database}`;
const admin = new pg.Client({ connectionString: server });
await admin.connect();
await admin.query(`CREATE DATABASE ${database}`);
try {
  await migrate(url.href);
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await fillReviews(client, Number(values.reviews), Number(values.products));
    await fillForecasts(client, Number(values.symbols), Number(values.bars));
    await client.query('VACUUM ANALYZE');
    await client.query('SET ROLE tidewatch_reader');
    await measureAll(client);
  } finally {
    await client.end();
  }
} finally {
  await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
  await admin.end();
}

interface Asked {
  readonly name: string;
  readonly sql: string;
}

async function measureAll(client: pg.Client): Promise<void> {
  const queries: Asked[] = [...surgeAlerts, ...pipelineAlerts].map(({ name, sql }) => ({ name: `alert ${name}`, sql }));
  const folder = join(projectRoot(), 'dashboards/generated');
  for (const file of readdirSync(folder).sort()) queries.push(...await asked(client, JSON.parse(readFileSync(join(folder, file), 'utf8')) as Dashboard));
  const results: { name: string; least: number; median: number; rows: number }[] = [];
  for (const { name, sql } of queries) {
    const times: number[] = [];
    let rows = 0;
    for (let round = 0; round <= Number(values.rounds); round += 1) {
      const from = performance.now();
      rows = (await client.query(sql)).rows.length;
      if (round > 0) times.push(performance.now() - from);
    }
    times.sort((a, b) => a - b);
    results.push({ name, least: times[0]!, median: times[times.length >> 1]!, rows });
    if (values.explain !== undefined && name.includes(values.explain)) {
      for (const row of (await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, BUFFERS) ${sql}`)).rows) console.log(row['QUERY PLAN']);
    }
  }
  console.log('    least    median    rows');
  for (const { name, least, median, rows } of results.toSorted((a, b) => b.least - a.least)) console.log(`${least.toFixed(1).padStart(9)} ${median.toFixed(1).padStart(9)} ${String(rows).padStart(7)}  ${name}`);
  console.log(`${results.filter(({ least }) => least > LIMIT_MS).length} of ${results.length} queries take longer than ${LIMIT_MS} ms`);
}

/** The queries of one dashboard: its variables with their first choice (of products: the busiest), its annotations, its panels. */
async function asked(client: pg.Client, { title, time, templating, annotations, panels }: Dashboard): Promise<Asked[]> {
  const seconds = lengthOf(time.from);
  const now = Date.now();
  const momentOf = (least: string): Moment => ({ from: new Date(now - seconds * 1000), to: new Date(now), interval: `${Math.max(Math.ceil(seconds / PIXELS), lengthOf(`now-${least}`))}s` });
  const moment = momentOf('1m');
  const chosen: Record<string, string[]> = {};
  const queries: Asked[] = [];
  for (const { name, query, multi } of templating.list.filter((each): each is QueryVariableModel => each.type === 'query')) {
    const sql = expand(query, moment, chosen);
    queries.push({ name: `${title} / $${name}`, sql });
    const given = (await client.query<Record<string, string>>(sql)).rows.map((row) => row['__value'] ?? Object.values(row)[0]!);
    chosen[name] = multi === true ? given : name === 'product' ? [BUSIEST] : given.slice(0, 1);
  }
  for (const { target } of annotations.list) if (target?.rawSql !== undefined) queries.push({ name: `${title} / annotations`, sql: expand(target.rawSql, moment, chosen) });
  for (const { title: panel, interval, targets } of panels) for (const { rawSql } of targets) queries.push({ name: `${title} / ${panel}`, sql: expand(rawSql, momentOf(interval ?? '1m'), chosen) });
  return queries;
}

/** Seconds of a range such as now-24h. */
function lengthOf(from: string): number {
  const [, count, unit] = /^now-(\d+)([smhd])$/.exec(from) ?? [];
  if (count === undefined || unit === undefined) throw new Error(`"${from}" is no range that this bench knows`);
  return Number(count) * UNITS[unit]!;
}
