/** Forecasts that will never be settled: closed by the next quote or by the scheduler, with the same rows; and splits, as SQL sees them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pool } from 'pg';
import type { EntityState } from '#contracts';
import { createPostgresStore } from '#commit-postgres';
import { closeOverdue, type ForecastTracker, forecastTrackerCodec, GAP_LIMITS, summarizeForecast } from '#forecast-prices';
import { loadSettings } from '#load-config';
import { restoreState, storeState } from '#score-with-state';
import { closeOverdueForecasts } from '../../apps/scheduler/close-overdue.js';
import { sampleBatch, useTestDatabase } from '../../libs/testkit/index.js';
import { quoteAt, runQuotes, stepQuote } from './support/run-quotes.js';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 5);
const hidden = { h: Float32Array.of(0.25, -1, 7) };

/** Daily bars; a price that halves at day `split`. */
const run = (symbol: string, bars: number, split = Infinity) =>
  runQuotes(Array.from({ length: bars }, (_, day) => quoteAt(symbol, START + day * DAY, 100 * Math.exp(0.01 * Math.sin(day * day)) * (day >= split ? 0.5 : 1))));

describe('settlement', () => {
  const database = useTestDatabase();
  const scheduler = async (now: number) => {
    const pool = new Pool({ connectionString: database.url, max: 2 });
    const store = createPostgresStore({ databaseUrl: database.url, poolSize: 2 });
    try {
      return await closeOverdueForecasts({ pool, store, settings: loadSettings({}), say: () => undefined }, now);
    } finally {
      await pool.end();
      await store.close();
    }
  };
  const stored = (symbol: string, tracker: ForecastTracker, at: number, version: bigint) => {
    const state: EntityState<ForecastTracker> = { entity: symbol, version, modelId: 'm', snapshotId: 0n, label: null, lastEventAt: at, hidden, tracker };
    return storeState(state, forecastTrackerCodec, summarizeForecast(tracker));
  };

  it('closes the forecasts of a symbol that stopped coming, once, under the version of its state', async () => {
    const store = database.closeAtEnd(createPostgresStore({ databaseUrl: database.url, poolSize: 2 }));
    const [gone, alive] = [run('GONE', 40), run('ALIVE', 60)];
    const lease = await store.acquireLease({ topic: 'quotes.v1', partition: 0 }, 'test');
    const states = ([['GONE', gone, 40n], ['ALIVE', alive, 60n]] as const).map(([symbol, { tracker, last }, version]) => ({ state: stored(symbol, tracker, last, version), expectedVersion: 0n }));
    const rows = { quotes: [...gone.quotes, ...alive.quotes], forecasts: [...gone.forecasts, ...alive.forecasts], settlements: [...gone.settlements, ...alive.settlements] };
    assert.equal((await store.commit(sampleBatch(lease, 100n, { stream: 'quotes', highWatermark: 100n, watermark: alive.last, states, ...rows }))).kind, 'committed');

    assert.equal(await scheduler(Date.now()), 0, 'a state written within the hour is left to its worker');
    const later = Date.now() + 2 * 3_600_000;
    assert.equal(await scheduler(later), 1);
    assert.equal(await scheduler(later), 0);
    const waiting = gone.tracker.pending.length;
    assert.deepEqual(await database.query(`SELECT symbol, status, count(*)::int AS n, min(settled_at) AS at, bool_and(reason LIKE 'no quote came within 20.0 days%') AS said FROM tidewatch.forecasts
      WHERE status <> 'settled' GROUP BY 1, 2 ORDER BY 1`), [
      { symbol: 'ALIVE', status: 'pending', n: alive.tracker.pending.length, at: null, said: null },
      { symbol: 'GONE', status: 'unsettled', n: waiting, at: new Date(gone.last + 20 * DAY), said: true },
    ]);

    const held = (await store.load({ stream: 'quotes', entities: ['GONE'], reviews: [] })).states.get('GONE')!;
    const state = restoreState(held, [{ name: 'h', next: 'h_next', type: 'float32', shape: [3] }], forecastTrackerCodec);
    assert.equal(state.version, 41n);
    assert.deepEqual(state.hidden, hidden);
    assert.deepEqual(state.tracker, closeOverdue(GAP_LIMITS, 'GONE', gone.tracker, alive.last + 365 * DAY).tracker);
    const conflict = await store.commit(sampleBatch({ ...lease, nextOffset: 100n }, 101n, { stream: 'quotes', states: [{ state: stored('GONE', gone.tracker, gone.last, 41n), expectedVersion: 40n }] }));
    assert.deepEqual(conflict, { kind: 'conflict', entities: ['GONE'] }, 'a worker with the older copy is told to reload');

    const back = stepQuote(state.tracker, quoteAt('GONE', gone.last + 300 * DAY, 80));
    assert.deepEqual(back.settlements, [], 'nothing is settled twice when the symbol comes back');
    assert.match(back.quote.breakReason!, /first quote after 300\.0 days/);
  });

  it('shows a split: the bar is flagged, what waited is unsettled with the reason, and later forecasts settle again', async () => {
    const store = database.closeAtEnd(createPostgresStore({ databaseUrl: database.url, poolSize: 2 }));
    const split = run('SPLIT', 60, 40);
    const lease = await store.acquireLease({ topic: 'quotes.v1', partition: 1 }, 'test');
    const states = [{ state: stored('SPLIT', split.tracker, split.last, 60n), expectedVersion: 0n }];
    assert.equal((await store.commit(sampleBatch(lease, 60n, { stream: 'quotes', watermark: split.last, states, quotes: split.quotes, forecasts: split.forecasts, settlements: split.settlements }))).kind, 'committed');
    const flagged = await database.query<{ at: Date; break_reason: string }>("SELECT at, break_reason FROM tidewatch.quotes WHERE symbol = 'SPLIT' AND break_reason IS NOT NULL");
    assert.deepEqual(flagged.map(({ at }) => at.getTime()), [START + 40 * DAY]);
    assert.match(flagged[0]!.break_reason, /split \(2:1\)/);
    const [counts] = await database.query<Record<string, number>>(`SELECT count(*) FILTER (WHERE status = 'unsettled' AND reason LIKE '%split (2:1)%')::int AS closed,
      count(*) FILTER (WHERE status = 'unsettled' AND reason NOT LIKE '%split%')::int AS otherwise, count(*) FILTER (WHERE status = 'settled' AND made_at > $1)::int AS again,
      max(abs(actual)) AS widest FROM tidewatch.forecasts WHERE symbol = 'SPLIT'`, [new Date(START + 40 * DAY)]);
    assert.equal(counts!['closed'], 1 + 2 + 5 + 10 + 20, 'every forecast that waited');
    assert.equal(counts!['otherwise'], 0);
    assert.ok(counts!['again']! > 0);
    assert.ok(counts!['widest']! < 0.1, 'no settled return holds the split');
  });
});
