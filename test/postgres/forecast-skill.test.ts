/** The figures of the forecast views against plain loops over the same settlements. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Settlement } from '#contracts';
import { createPostgresStore } from '#commit-postgres';
import { coveredBy, dieboldMariano, directionClaim, forecastTrackerCodec, randomFrom, summarizeForecast } from '#forecast-prices';
import { storeState } from '#score-with-state';
import { sampleBatch, useTestDatabase } from '../../libs/testkit/index.js';
import { quoteAt, runQuotes, SETTINGS } from './support/run-quotes.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 2, 2);
const BANDS = [0.5, 0.8, 0.9, 0.95, 0.99] as const;

/** SHORT has too few for a test; CALM is a Gaussian walk; TREND drifts so strongly that its median learns a direction; WILD jumps. */
const SERIES = [['CALM', 700, 0, 0], ['SHORT', 38, 0, 0], ['TREND', 1300, 0.006, 0], ['WILD', 400, 0, 0.03]] as const;

function run(symbol: string, bars: number, drift: number, jumps: number, seed: number) {
  const [normal, rare] = [randomFrom(seed).normal, randomFrom(seed + 100).normal];
  let close = 100;
  return runQuotes(Array.from({ length: bars }, (_, i) => {
    close *= Math.exp(drift + 0.004 * normal() * (Math.abs(rare()) < 2.17 * (jumps > 0 ? 1 : 9) ? 1 : 8));
    return quoteAt(symbol, START + i * HOUR, close);
  }));
}

const near = (found: number | null | undefined, expected: number | null | undefined, what: string) => {
  if (expected === null || expected === undefined) assert.equal(found ?? null, null, what);
  else assert.ok(typeof found === 'number' && Math.abs(found - expected) <= 1e-7 * Math.max(1, Math.abs(expected)), `${what}: ${found} in SQL, ${expected} by loops`);
};

/** Wilson's interval as what it is: the shares p for which the achieved one lies 1.96 of p's own deviations away. */
function wilson(achieved: number, trials: number): [number, number] {
  const off = (p: number) => Math.abs(achieved - p) - 1.959963984540054 * Math.sqrt((p * (1 - p)) / trials);
  const search = (inside: number, outside: number) => {
    for (let i = 0; i < 200; i += 1) {
      const middle = (inside + outside) / 2;
      if (off(middle) > 0) outside = middle;
      else inside = middle;
    }
    return inside;
  };
  return [achieved === 0 ? 0 : search(achieved, 0), achieved === 1 ? 1 : search(achieved, 1)];
}

describe('the forecast views', () => {
  const database = useTestDatabase();
  const runs = SERIES.map(([symbol, bars, drift, jumps], i) => ({ symbol, ...run(symbol, bars, drift, jumps, 11 + i) }));
  const settledOf = (symbol: string, horizon: number, most: number): Settlement[] =>
    runs.find((r) => r.symbol === symbol)!.settlements.filter((s) => s.horizon === horizon && s.status === 'settled').slice(-most);
  const groups = SERIES.flatMap(([symbol]) => SETTINGS.horizons.map((horizon) => ({ symbol, horizon })));

  before(async () => {
    const store = createPostgresStore({ databaseUrl: database.url, poolSize: 2 });
    const lease = await store.acquireLease({ topic: 'quotes.v1', partition: 0 }, 'test');
    const states = runs.map(({ symbol, tracker, last }) => ({ expectedVersion: 0n, state: storeState({ entity: symbol, version: tracker.bar, modelId: 'm', snapshotId: 0n, label: null, lastEventAt: last, hidden: {}, tracker }, forecastTrackerCodec, summarizeForecast(tracker)) }));
    const outcome = await store.commit(sampleBatch(lease, 1n, { stream: 'quotes', states, quotes: runs.flatMap((r) => r.quotes), forecasts: runs.flatMap((r) => r.forecasts), settlements: runs.flatMap((r) => r.settlements) }));
    assert.equal(outcome.kind, 'committed');
    await store.close();
  });

  it('give every band over every window with its interval', async () => {
    const rows = await database.query<{ symbol: string; horizon: number; window_size: number; forecasts: string; stated: number; achieved: number; low: number; high: number }>('SELECT * FROM tidewatch.forecast_bands');
    const expected = groups.flatMap(({ symbol, horizon }) => (settledOf(symbol, horizon, 1).length === 0 ? [] : [100, 250, 500, 1000].flatMap((size) => BANDS.map((stated) => ({ symbol, horizon, size, stated })))));
    assert.equal(rows.length, expected.length);
    for (const { symbol, horizon, size, stated } of expected) {
      const row = rows.find((r) => r.symbol === symbol && r.horizon === horizon && r.window_size === size && r.stated === stated);
      const settled = settledOf(symbol, horizon, size);
      const key = `covered${stated * 100}` as 'covered90';
      const achieved = settled.filter((s) => s[key] === true).length / settled.length;
      const [low, high] = wilson(achieved, settled.length / horizon);
      assert.equal(Number(row?.forecasts), settled.length);
      near(row?.achieved, achieved, `${symbol} ${horizon} ${size} ${stated}`);
      near(row?.low, low, `${symbol} ${horizon} ${size} ${stated} low`);
      near(row?.high, high, `${symbol} ${horizon} ${size} ${stated} high`);
    }
  });

  it('compare CRPS with both walks, with the test that allows for overlap', async () => {
    const rows = await database.query<{ symbol: string; horizon: number; baseline: string; forecasts: string; crps: number; crps_baseline: number; ratio: number; statistic: number | null; p_value: number | null; verdict: string }>('SELECT * FROM tidewatch.forecast_skill');
    const verdicts = new Set<string>();
    let compared = 0;
    for (const { symbol, horizon } of groups) for (const [baseline, of] of [['gaussian', 'crpsGaussian'], ['student_t', 'crpsStudentT']] as const) {
      const settled = settledOf(symbol, horizon, 500);
      const row = rows.find((r) => r.symbol === symbol && r.horizon === horizon && r.baseline === baseline);
      assert.equal(row === undefined, settled.length === 0);
      if (row === undefined) continue;
      compared += 1;
      const what = `${symbol} ${horizon} ${baseline}`;
      const test = dieboldMariano(settled.map((s) => s.crps! - s[of]!), horizon);
      const [own, other] = [settled.reduce((sum, s) => sum + s.crps!, 0) / settled.length, settled.reduce((sum, s) => sum + s[of]!, 0) / settled.length];
      assert.equal(Number(row.forecasts), settled.length, what);
      near(row.crps, own, what);
      near(row.crps_baseline, other, what);
      near(row.ratio, own / other, what);
      near(row.statistic, test?.statistic, `${what} statistic`);
      near(row.p_value, test?.pTwoSided, `${what} p`);
      assert.equal(row.verdict, test === null ? 'too few' : test.pTwoSided > 0.05 ? 'level' : test.statistic < 0 ? 'better' : 'worse', what);
      verdicts.add(row.verdict);
    }
    assert.equal(rows.length, compared);
    assert.ok(verdicts.has('too few') && verdicts.size >= 3, `the series show several verdicts: ${[...verdicts].join(', ')}`);
  });

  it('claim a direction where the pure function does, and deny it in the same words', async () => {
    const rows = await database.query<{ symbol: string; horizon: number; forecasts: string; skill: number; p_value: number | null; claimed: boolean; words: string }>('SELECT * FROM tidewatch.forecast_direction');
    assert.ok(rows.length > 15);
    for (const row of rows) {
      const settled = settledOf(row.symbol, row.horizon, 250);
      const claim = directionClaim(settled.map((s) => s.median!), settled.map((s) => s.actual!), row.horizon, SETTINGS.horizons.length);
      const what = `${row.symbol} ${row.horizon}`;
      near(row.skill, claim.skill, what);
      near(row.p_value, claim.pValue, `${what} p`);
      assert.deepEqual([Number(row.forecasts), row.claimed, row.words], [claim.forecasts, claim.claimed, claim.words], what);
    }
    assert.ok(rows.some((r) => r.symbol === 'TREND' && r.claimed), 'a drift of one and a half volatilities is seen');
    assert.deepEqual(rows.filter((r) => r.symbol === 'CALM' && r.claimed), []);
    assert.equal(rows.find((r) => r.symbol === 'CALM' && r.horizon === 1)?.words, 'no directional skill in the last 250 forecasts');
  });

  it('list the moves beyond the 99 % band, and how far out they lie', async () => {
    const rows = await database.query<{ symbol: string; at: Date; horizon: number; bar: string; direction: string; close: number; actual_close: number; low99: number; high99: number; tail_probability: number; severity: number }>('SELECT * FROM tidewatch.move_alerts');
    const expected = runs.flatMap((r) => r.settlements.filter((s) => s.covered99 === false));
    assert.equal(rows.length, expected.length);
    assert.ok(rows.length > 20 && new Set(rows.map((r) => r.severity)).size > 4, 'the wild series has moves of many severities');
    for (const s of expected) {
      const row = rows.find((r) => r.symbol === s.symbol && r.horizon === s.horizon && BigInt(r.bar) === s.bar)!;
      const forecast = runs.find((r) => r.symbol === s.symbol)!.forecasts.find((f) => f.bar === s.bar && f.horizon === s.horizon)!;
      assert.equal(coveredBy(forecast.levels, forecast.corrected, s.actual!, 0.99), false);
      const tail = 2 * Math.min(s.pit!, 1 - s.pit!);
      const halvings = tail === 0 ? 99 : Math.floor(Math.log(0.01 / tail) / Math.LN2);
      assert.equal(row.severity, Math.min(10, Math.max(1, 1 + halvings)), `${s.symbol} ${s.bar} ${s.horizon}: ${tail}`);
      assert.equal(row.direction, s.actual! > 0 ? 'up' : 'down');
      assert.ok(row.actual_close < row.low99 || row.actual_close > row.high99);
      near(row.high99, forecast.close * Math.exp(forecast.corrected[10]!), 'high99');
    }
  });

  it('name a symbol whose coverage has left its tolerance, and no other', async () => {
    await database.query(`INSERT INTO internal.entity_state (stream, entity, version, model_id, snapshot_id, format, hidden, tracker, checksum, summary) SELECT 'quotes', s, 1, 'm', 0, 1, '', '', 0, '{}' FROM unnest(ARRAY['NARROW', 'WIDE', 'HELD']) s`);
    for (const table of ['forecast (symbol, made_at, bar, horizon, close, levels, corrected, raw, baseline_sigma, model_id)', 'settlement (symbol, made_at, bar, horizon, settled_at, status, covered90)'] as const) {
      const values = table.startsWith('forecast') ? "100, '{0.5}', '{0}', '{0}', 0.01, 'm'" : `$1::timestamptz + make_interval(hours => i + 1), 'settled', i % 100 < CASE s WHEN 'NARROW' THEN 80 WHEN 'WIDE' THEN 99 ELSE 91 END`;
      await database.query(`INSERT INTO internal.${table} SELECT s, $1::timestamptz + make_interval(hours => i), i, h, ${values} FROM unnest(ARRAY['NARROW', 'WIDE', 'HELD']) s, generate_series(1, 500) i, unnest(ARRAY[1, 50]) h`, [new Date(START)]);
    }
    const rows = await database.query<{ symbol: string; horizon: number; achieved: number; off: number; words: string }>(`SELECT symbol, horizon, achieved, off, words FROM tidewatch.coverage_alerts WHERE symbol IN ('NARROW', 'WIDE', 'HELD') ORDER BY 1, 2`);
    assert.deepEqual(rows.map(({ symbol, horizon, off, words }) => [symbol, horizon, off, words]), [
      ['HELD', 1, 0, 'within tolerance'], ['HELD', 50, 0, 'too few'], ['NARROW', 1, 1, 'too narrow'], ['NARROW', 50, 0, 'too few'], ['WIDE', 1, 1, 'too wide'], ['WIDE', 50, 0, 'too few'],
    ]);
    assert.equal((await database.query('SELECT 1 FROM tidewatch.coverage_alerts WHERE symbol = $1', ['CALM'])).length, SETTINGS.horizons.length, 'one row per watched symbol and horizon, whether off or not');
  });

  it('know the tail of Student\'s t to nine places', async () => {
    const rows = await database.query<{ t: number; degrees: number; tail: number }>('SELECT t, degrees, internal.student_t_tail(t, degrees) AS tail FROM unnest(ARRAY[0, 0.3, 1, 2.5, 6]::float8[]) t, unnest(ARRAY[1, 2, 3, 4, 9, 30, 249, 499]) degrees');
    for (const { t, degrees, tail } of rows) {
      // density k (1 + x^2/nu)^(-(nu+1)/2), k by the same integral; x = sqrt(nu) tan(a) makes the range finite
      const shape = (a: number) => Math.cos(a) ** (degrees - 1);
      const area = (from: number) => { let sum = 0; const steps = 20_000; const h = (Math.PI / 2 - from) / steps; for (let i = 0; i < steps; i += 1) sum += (shape(from + i * h) + 4 * shape(from + (i + 0.5) * h) + shape(from + (i + 1) * h)) * (h / 6); return sum; };
      const expected = area(Math.atan(t / Math.sqrt(degrees))) / (2 * area(0));
      assert.ok(Math.abs(tail - expected) < 1e-9, `t ${t}, ${degrees} degrees: ${tail}, ${expected}`);
    }
  });
});
