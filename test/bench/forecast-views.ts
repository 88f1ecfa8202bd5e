/**
 * How long the forecast views take over many settled forecasts: the whole view, one symbol of it, the newest alerts.
 *
 *   DATABASE_URL=... node dist/test/bench/forecast-views.js [--symbols 500] [--bars 400] [--rounds 5]
 *
 * Symbols x bars x 5 horizons forecasts and settlements of a Gaussian walk are made by the server itself, in a database of
 * their own that is dropped at the end. Medians in milliseconds, after one unmeasured run of each query.
 */
import { parseArgs } from 'node:util';
import pg from 'pg';
import { migrate } from '#commit-postgres';
import { keepStandings } from '../../apps/scheduler/keep-standings.js';

const { values } = parseArgs({ options: { symbols: { type: 'string', default: '500' }, bars: { type: 'string', default: '400' }, rounds: { type: 'string', default: '5' } } });
const server = process.env['DATABASE_URL'] ?? process.env['TEST_DATABASE_URL'];
if (server === undefined) throw new Error('set DATABASE_URL to a server where a database may be created');
const database = `bench_views_${process.pid}`;
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
    await fill(client, Number(values.symbols), Number(values.bars));
    await measure(client);
  } finally {
    await client.end();
  }
} finally {
  await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
  await admin.end();
}

/** Rows go in by bar, as a worker writes them: a symbol's rows lie scattered over the table. */
async function fill(client: pg.Client, symbols: number, bars: number): Promise<void> {
  await client.query(`
    CREATE TEMP TABLE made AS
    SELECT 'S' || lpad(s::text, 4, '0') AS symbol, now() - make_interval(mins => 5 * ($2 - b)) AS made_at, b AS bar, h AS horizon, 0.001 * sqrt(h) AS sigma, 0.001 * sqrt(h) * random_normal() AS actual
    FROM generate_series(1, $2::int) b, generate_series(1, $1::int) s, unnest(ARRAY[1, 2, 5, 10, 20]) h`, [symbols, bars]);
  await client.query(`
    INSERT INTO internal.forecast SELECT symbol, made_at, bar, horizon, 100, l.levels, l.q, l.q, sigma, 'bench' FROM made
    CROSS JOIN LATERAL (SELECT ARRAY[0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.995]::real[] AS levels,
      ARRAY(SELECT z * sigma FROM unnest(ARRAY[-2.576, -1.96, -1.645, -1.282, -0.674, 0, 0.674, 1.282, 1.645, 1.96, 2.576]) z)::real[] AS q) l`);
  await client.query(`
    INSERT INTO internal.settlement (symbol, made_at, bar, horizon, settled_at, status, actual, median, pinball, crps, pit, covered50, covered80, covered90, covered95, covered99, raw_covered90, crps_gaussian, crps_student_t)
    SELECT symbol, made_at, bar, horizon, made_at + make_interval(mins => 5 * horizon), 'settled', actual, 0.05 * sigma * random_normal(), 0.3 * sigma, abs(actual) * 0.6, CASE WHEN actual > 0 THEN 1 - 0.5 * exp(-2 * z) ELSE 0.5 * exp(-2 * z) END,
      z < 0.674, z < 1.282, z < 1.645, z < 1.96, z < 2.576, z < 1.645, abs(actual) * (0.6 + 0.02 * random_normal()), abs(actual) * (0.6 + 0.02 * random_normal())
    FROM (SELECT *, abs(actual) / sigma AS z FROM made) m`);
  await client.query(`INSERT INTO internal.entity_state (stream, entity, version, model_id, snapshot_id, format, hidden, tracker, checksum, summary)
    SELECT 'quotes', symbol, 1, 'bench', 0, 1, '', '', 0, '{}' FROM (SELECT DISTINCT symbol FROM made) s`);
  await client.query('DROP TABLE made');
  await client.query('VACUUM ANALYZE');
  const { rows } = await client.query<{ n: string }>('SELECT count(*) AS n FROM internal.forecast');
  console.log(`${Number(rows[0]!.n).toLocaleString('en')} forecasts, all settled, of ${symbols} symbols`);
}

async function measure(client: pg.Client): Promise<void> {
  const pool = new pg.Pool({ connectionString: url.href, max: 1 });
  const from = performance.now();
  let symbols = 0;
  for (let more = -1; more !== 0; symbols += Math.max(more, 0)) more = await keepStandings({ pool });
  console.log(`${((performance.now() - from) / symbols).toFixed(1).padStart(9)} ms a symbol to bring forecast_standing up to date, ${symbols} symbols`);
  await pool.end();
  const queries = [
    ...['forecast_coverage', 'forecast_bands', 'forecast_skill', 'forecast_direction', 'coverage_alerts'].flatMap((view) => [`SELECT * FROM tidewatch.${view} WHERE symbol = 'S0007'`, `SELECT * FROM tidewatch.${view}`]),
    'SELECT * FROM tidewatch.forecast_standing', 'SELECT * FROM tidewatch.stale_symbols', 'SELECT * FROM tidewatch.move_alerts ORDER BY at DESC LIMIT 50', "SELECT * FROM tidewatch.move_alerts WHERE symbol = 'S0007' ORDER BY at DESC LIMIT 50", 'SELECT * FROM tidewatch.move_alerts',
  ];
  for (const query of queries) {
    const times: number[] = [];
    let found = 0;
    for (let round = 0; round <= Number(values.rounds); round += 1) {
      const from = performance.now();
      found = (await client.query(query)).rows.length;
      if (round > 0) times.push(performance.now() - from);
    }
    times.sort((a, b) => a - b);
    console.log(`${times[times.length >> 1]!.toFixed(1).padStart(9)} ms  ${String(found).padStart(6)} rows  ${query}`);
  }
}
