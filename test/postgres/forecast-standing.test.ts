/** What the scheduler keeps of the forecasts of all symbols, and which symbols it finds silent. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Pool } from 'pg';
import { createPostgresStore } from '#commit-postgres';
import { forecastTrackerCodec, summarizeForecast } from '#forecast-prices';
import { loadSettings } from '#load-config';
import { storeState } from '#score-with-state';
import { keepStandings } from '../../apps/scheduler/keep-standings.js';
import { watchSymbols } from '../../apps/scheduler/watch-symbols.js';
import { sampleBatch, useTestDatabase } from '../../libs/testkit/index.js';
import { quoteAt, runQuotes } from './support/run-quotes.js';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
/** A Monday. */
const MONDAY = Date.UTC(2026, 8, 7);
type Row = Record<string, unknown>;

describe('the standing of the forecasts', () => {
  const database = useTestDatabase();
  const withPool = async <T>(work: (pool: Pool) => Promise<T>): Promise<T> => {
    const pool = new Pool({ connectionString: database.url, max: 2 });
    try {
      return await work(pool);
    } finally {
      await pool.end();
    }
  };

  before(async () => {
    const runs = ['A', 'B', 'YOUNG'].map((symbol, s) => ({ symbol, ...runQuotes(Array.from({ length: symbol === 'YOUNG' ? 5 : 180 }, (_, i) => quoteAt(symbol, MONDAY + i * HOUR, 100 + Math.sin(i * i * (s + 1))))) }));
    const store = createPostgresStore({ databaseUrl: database.url, poolSize: 1 });
    const lease = await store.acquireLease({ topic: 'quotes.v1', partition: 0 }, 'test');
    const states = runs.map(({ symbol, tracker, last }) => ({ expectedVersion: 0n, state: storeState({ entity: symbol, version: tracker.bar, modelId: 'm', snapshotId: 0n, label: null, lastEventAt: last, hidden: {}, tracker }, forecastTrackerCodec, summarizeForecast(tracker)) }));
    assert.equal((await store.commit(sampleBatch(lease, 1n, { stream: 'quotes', states, quotes: runs.flatMap((r) => r.quotes), forecasts: runs.flatMap((r) => r.forecasts), settlements: runs.flatMap((r) => r.settlements) }))).kind, 'committed');
    await store.close();
  });

  const standing = () => database.query<Row>('SELECT * FROM tidewatch.forecast_standing ORDER BY symbol, horizon');

  it('is what the exact views say, for every symbol and horizon that has anything settled', async () => {
    assert.deepEqual(await standing(), []);
    assert.equal(await withPool((pool) => keepStandings({ pool })), 3);
    const kept = await standing();
    const exact = await database.query<Row>(`SELECT a.symbol, a.horizon, a.forecasts, a.achieved AS achieved90, a.low AS low90, a.high AS high90, a.off AS coverage_off, a.words AS coverage_words, t.crps, t.ratio AS ratio_student_t,
      t.p_value, t.verdict, g.ratio AS ratio_gaussian, d.skill AS directional_skill, d.claimed AS direction_claimed, d.words AS direction_words, 0::bigint AS bars_since
      FROM tidewatch.coverage_alerts a LEFT JOIN tidewatch.forecast_skill t ON t.symbol = a.symbol AND t.horizon = a.horizon AND t.baseline = 'student_t'
      LEFT JOIN tidewatch.forecast_skill g ON g.symbol = a.symbol AND g.horizon = a.horizon AND g.baseline = 'gaussian'
      LEFT JOIN tidewatch.forecast_direction d ON d.symbol = a.symbol AND d.horizon = a.horizon ORDER BY 1, 2`);
    assert.equal(exact.length, 10);
    assert.deepEqual(kept.map(({ computed_at: _, ...row }) => row), exact);
    assert.match(String(kept[0]!['direction_words']), /^(no )?directional skill in the last \d+ forecasts$/);
  });

  it('says how many bars it is behind, and is worked out anew only for the symbols that went on', async () => {
    await database.query("UPDATE internal.entity_state SET version = version + 7 WHERE entity = 'B'");
    const behind = await standing();
    assert.deepEqual(new Set(behind.map((row) => `${String(row['symbol'])} ${String(row['bars_since'])}`)), new Set(['A 0', 'B 7']));
    assert.equal(await withPool((pool) => keepStandings({ pool })), 2, 'B, and the one that has nothing settled');
    const after = await standing();
    assert.ok(after.every((row) => row['bars_since'] === '0'));
    const times = (rows: readonly Row[], symbol: string) => rows.filter((row) => row['symbol'] === symbol).map((row) => (row['computed_at'] as Date).getTime());
    assert.deepEqual(times(after, 'A'), times(behind, 'A'));
    assert.notDeepEqual(times(after, 'B'), times(behind, 'B'));
  });
});

describe('silent symbols', () => {
  const database = useTestDatabase();
  const session = (until: number): number[] => Array.from({ length: 28 }, (_, day) => day).filter((day) => day % 7 < 5)
    .flatMap((day) => Array.from({ length: 85 }, (_, i) => MONDAY + day * DAY + 9 * HOUR + i * 5 * MINUTE)).filter((at) => at <= until);
  /** Tuesday of the fourth week, 11:00. */
  const cut = MONDAY + 22 * DAY + 11 * HOUR;
  const watch = (pool: Pool, now: number) => watchSymbols({ pool, settings: loadSettings({}), say: () => undefined }, now);
  const stale = () => database.query<Row>('SELECT symbol, silent_since, usual_bars, weeks, severity, words FROM tidewatch.stale_symbols ORDER BY symbol');
  const put = async (symbol: string, times: readonly number[], from = 0) => {
    await database.query('INSERT INTO internal.quote_bar (symbol, at, bar, topic, partition, "offset", close, model_id) SELECT $1, to_timestamp(t / 1000.0), $3 + n, \'quotes.v1\', 0, n, 100, \'m\' FROM unnest($2::float8[]) WITH ORDINALITY u (t, n)', [symbol, times, from]);
    await database.query("INSERT INTO internal.entity_state (stream, entity, version, model_id, snapshot_id, last_event_at, format, hidden, tracker, checksum, summary) VALUES ('quotes', $1, 1, 'm', 0, $2, 1002, '', '', 0, '{}') ON CONFLICT (stream, entity) DO UPDATE SET last_event_at = excluded.last_event_at", [symbol, new Date(times.at(-1)!)]);
  };
  const reach = (time: number) => database.query("INSERT INTO internal.stream_lease (topic, partition, next_offset, high_watermark, epoch, owner, watermark, committed_at) VALUES ('quotes.v1', 0, 9, 9, 1, 't', $1, $1) ON CONFLICT (topic, partition) DO UPDATE SET watermark = $1, committed_at = $1", [new Date(time)]);

  it('are flagged in their usual session only, come back with the next bar or are gone after a month, and a whole feed that is silent is one alert', async () => {
    await put('CUT', session(cut));
    await put('ALIVE', session(cut + 30 * MINUTE));
    await reach(cut + 30 * MINUTE);
    const pool = new Pool({ connectionString: database.url, max: 1 });
    try {
      await database.query("INSERT INTO internal.feed_silence (stream, silent_since) VALUES ('quotes', now())");
      await watch(pool, cut + 30 * MINUTE);
      assert.deepEqual(await stale(), [], 'the feed itself is flagged');
      await database.query('DELETE FROM internal.feed_silence');
      await watch(pool, cut + 30 * MINUTE);
      assert.deepEqual(await stale(), [{ symbol: 'CUT', silent_since: new Date(cut), usual_bars: 6, weeks: 3, severity: 1, words: 'CUT has been silent since 2026-09-29 11:00 UTC, a span in which it usually brings 6 bars or more' }]);
      await put('CUT', [cut + 32 * MINUTE], 10_000);
      await reach(cut + 32 * MINUTE);
      await watch(pool, cut + 32 * MINUTE);
      assert.deepEqual(await stale(), []);
      // the evening of that day: nobody is expected
      await put('CUT', [cut + 5 * HOUR], 20_000);
      await put('ALIVE', [cut + 5 * HOUR], 20_000);
      await reach(cut + 12 * HOUR);
      await watch(pool, cut + 12 * HOUR);
      assert.deepEqual(await stale(), []);
      // silent for weeks, and in the end for more than a month: gone
      await reach(cut + 30 * DAY);
      await watch(pool, cut + 30 * DAY);
      assert.deepEqual((await stale()).map(({ symbol }) => symbol), ['ALIVE', 'CUT']);
      await reach(cut + 31 * DAY);
      await watch(pool, cut + 31 * DAY);
      assert.deepEqual(await stale(), []);
    } finally {
      await pool.end();
    }
  });
});
