/** `tidewatch forecast` over real rows: the newest forecast, the settled PITs, and an answer that hangs together. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { createPostgresStore } from '#commit-postgres';
import { randomFrom } from '#forecast-prices';
import { pathAnswer } from '../../apps/cli/forecast-answer.js';
import { newestForecast, settledPits } from '../../apps/cli/forecast-rows.js';
import { sampleBatch, useTestDatabase } from '../../libs/testkit/index.js';
import { quoteAt, runQuotes, SETTINGS } from './support/run-quotes.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 2, 2);

describe('tidewatch forecast', () => {
  const database = useTestDatabase();
  const random = randomFrom(21);
  let close = 100;
  const run = runQuotes(Array.from({ length: 400 }, (_, i) => quoteAt('ACME', START + i * HOUR, (close *= Math.exp(0.01 * random.normal())))));
  const question = { paths: 20_000, touch: null, within: null, seed: 1 };

  before(async () => {
    const store = createPostgresStore({ databaseUrl: database.url, poolSize: 2 });
    const lease = await store.acquireLease({ topic: 'quotes.v1', partition: 0 }, 'test');
    assert.equal((await store.commit(sampleBatch(lease, 400n, { stream: 'quotes', quotes: run.quotes, forecasts: run.forecasts, settlements: run.settlements }))).kind, 'committed');
    await store.close();
  });

  it('reads the newest forecast and every bar that is settled at all horizons', async () => {
    const client = await database.connect();
    const newest = (await newestForecast(client, 'ACME'))!;
    assert.equal(newest.at.getTime(), run.last);
    assert.deepEqual(newest.horizons, SETTINGS.horizons);
    const forecast = run.forecasts.find((f) => f.bar === 400n && f.horizon === 5)!;
    newest.quantiles[2]!.forEach((q, i) => assert.ok(Math.abs(q - forecast.corrected[i]!) < 1e-7));
    const pits = await settledPits(client, 'ACME', newest.horizons);
    assert.equal(pits.length, 400 - 10 - 20, 'from the first forecast, at bar 11, to the newest that is 20 bars old');
    const settled = run.settlements.filter((s) => s.bar === 11n && s.status === 'settled').sort((a, b) => a.horizon - b.horizon);
    assert.deepEqual(pits[0], settled.map((s) => s.pit));
    assert.equal(await newestForecast(client, 'NOBODY'), null);

    const { horizons, correlations } = pathAnswer(newest, pits, question);
    for (const [h, { q05, q95 }] of horizons.entries()) {
      const [low, high] = [2, 8].map((level) => newest.close * Math.exp(newest.quantiles[h]![level]!));
      assert.ok(Math.abs(q05 / low! - 1) < 0.003 && Math.abs(q95 / high! - 1) < 0.003, `the paths have the bands of the forecast ${horizons[h]!.horizon} ahead`);
    }
    assert.ok(correlations[0]![1]! > 0.5 && correlations[0]![4]! < 0.5, `neighbouring horizons hang together more: ${correlations[0]!.join(' ')}`);
  });

  it('answers how likely a price is touched: near more than far, sooner less than later', async () => {
    const client = await database.connect();
    const newest = (await newestForecast(client, 'ACME'))!;
    const pits = await settledPits(client, 'ACME', newest.horizons);
    const share = (touch: number, within: number | null) => pathAnswer(newest, pits, { ...question, touch, within }).touch!;
    const [near, far] = [share(newest.close * 1.01, 10), share(newest.close * 1.05, 10)];
    assert.ok(near.share > far.share && far.share > 0);
    assert.ok(near.low < near.share && near.share < near.high);
    assert.ok(share(newest.close * 0.98, 2).share < share(newest.close * 0.98, 20).share);
    assert.equal(share(newest.close * 0.98, null).within, 20);
    assert.equal(share(newest.close, 1).share, share(newest.close, 1).share, 'the same seed gives the same answer');
    assert.throws(() => share(100, 21), { code: 'SETTING_INVALID' });
    assert.throws(() => share(100, 2.5), { code: 'SETTING_INVALID' });
  });
});
