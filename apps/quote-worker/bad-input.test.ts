/** Bad quotes through the worker's own steps with the model in service: the stated rule or a dead letter, and nobody else notices. */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { EntityState, StreamMessage } from '#contracts';
import { roundsByKey } from '#batch-by-key';
import { contextOf, decodeQuotes, defaultDecodeSettings } from '#decode-events';
import { type ForecastTracker, forecastSettings, forecastTrackerCodec, freshForecastTracker, summarizeForecast } from '#forecast-prices';
import { openModel } from '#run-onnx';
import type { OpenModel } from '#serve-models';
import { freshState, scoreRounds, storeState } from '#score-with-state';
import { splitDecoded } from '../stream-worker/split-decoded.js';
import { quoteStep, type QuoteScoring } from './quote-step.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 5);
const NOW = START + 30 * 24 * HOUR;

type Row = Record<string, unknown> | string;
const good = (symbol: string, bar: number): Row => ({ symbol, at: new Date(START + bar * HOUR).toISOString(), close: 100 + Math.sin(bar * bar), volume: 1000, interval: '1h' });

describe('bad quotes', () => {
  let model: OpenModel;
  before(async () => { model = await openModel(resolve(import.meta.dirname, '../../../models/quotes-v2'), { encoderThreads: 1 }); });
  after(() => model.close());

  /** All rows as one batch. begun: by symbol, what its fresh state is changed to. */
  async function run(rows: readonly Row[], begun: Readonly<Record<string, Partial<ForecastTracker>>> = {}) {
    const { stepper, manifest } = model;
    const forecast = forecastSettings(manifest);
    const scoring: QuoteScoring = { stepper, codec: forecastTrackerCodec, forecast, summarize: summarizeForecast, fresh: (symbol) => freshState(symbol, stepper, 0n, { ...freshForecastTracker(forecast), ...begun[symbol] }) };
    const messages = rows.map((row, i): StreamMessage => ({ topic: 'quotes.v1', partition: 0, offset: BigInt(i), key: null, timestamp: NOW, value: Buffer.from(typeof row === 'string' ? row : JSON.stringify(row)) }));
    const { events, rejections } = splitDecoded(decodeQuotes(defaultDecodeSettings, messages));
    const none: ReadonlyMap<string, EntityState<ForecastTracker>> = new Map();
    const { states, results } = await scoreRounds(stepper, roundsByKey(events, (event) => event.symbol), none, scoring.fresh, quoteStep(scoring, contextOf(messages)));
    const codes = [...rejections, ...results.flatMap((r) => (r.kind === 'rejected' ? [r.rejection] : []))].map(({ code }) => code).sort();
    // throws for any number that is not finite
    const bytes = new Map([...states].map(([symbol, state]) => [symbol, storeState(state, forecastTrackerCodec, {})]));
    for (const { hidden } of states.values()) for (const values of Object.values(hidden)) assert.ok(values.every(Number.isFinite));
    return { states, bytes, codes, results, duplicates: results.filter((r) => r.kind === 'duplicate').length };
  }
  const forecastsOf = ({ results }: Awaited<ReturnType<typeof run>>, symbol: string) => results.flatMap((r) => (r.kind === 'scored' && r.quote.event.symbol === symbol ? [...r.forecasts, ...r.settlements] : []));

  it('become dead letters by their codes, and neither their own symbol nor another one is changed by them', async () => {
    const bars = Array.from({ length: 40 }, (_, bar) => [good('A', bar), good('B', bar)]).flat();
    const at = new Date(START + 30 * HOUR).toISOString();
    const bad: [Row, string][] = [
      [{ symbol: 'A', at, close: 0 }, 'price_not_positive'],
      [{ symbol: 'A', at, close: -3 }, 'price_not_positive'],
      [{ symbol: 'A', at, bid: 0, ask: 0 }, 'price_not_positive'],
      [`{"symbol":"A","at":"${at}","close":NaN}`, 'price_not_finite'],
      [`{"symbol":"A","at":"${at}","close":1e999}`, 'price_not_finite'],
      [{ symbol: 'A', at, volume: 5 }, 'missing_field'],
      [`{"symbol":"A","at":"${at}","close":100,"volume":NaN}`, 'invalid_json'],
      [`{"symbol":"A","at":"${at}","close":100,"volume":1e999}`, 'out_of_range'],
      [{ symbol: 'A', at, close: 100, volume: '' }, 'wrong_type'],
      [{ symbol: 'A', at: new Date(NOW + 3 * 24 * HOUR).toISOString(), close: 100 }, 'far_future'],
      [{ symbol: 'A', at: new Date(START).toISOString(), close: 101 }, 'late_quote'],
      [{ symbol: 'A', at, close: 100, interval: '1m' }, 'mixed_interval'],
    ];
    const [clean, mixed] = [await run(bars), await run([...bars.slice(0, 62), ...bad.map(([row]) => row), bars[60]!, ...bars.slice(62)])];
    assert.deepEqual(clean.codes, []);
    assert.deepEqual(mixed.codes, bad.map(([, code]) => code).sort());
    assert.equal(mixed.duplicates, 1, 'a bar that came again changes nothing');
    assert.deepEqual(mixed.bytes, clean.bytes);
    for (const symbol of ['A', 'B']) assert.deepEqual(forecastsOf(mixed, symbol), forecastsOf(clean, symbol));
    assert.ok(forecastsOf(clean, 'A').length > 100);
  });

  it('that are odd but usable are taken: crossed by a fraction, no volume or 1e308 of it, a year of silence, a clock ahead; states stay finite and the others theirs', async () => {
    const bars = Array.from({ length: 30 }, (_, bar) => good('B', bar));
    const crossed = Array.from({ length: 30 }, (_, bar): Row => ({ symbol: 'FX', at: new Date(START + bar * HOUR).toISOString(), bid: 1.30002 + bar * 1e-5, ask: 1.30001 + bar * 1e-5 }));
    const huge = Array.from({ length: 30 }, (_, bar): Row => ({ ...(good('HUGE', bar) as object), volume: bar % 2 === 0 ? 1e308 : 0, close: bar === 20 ? 1e300 : 100, high: 1e308, low: 1e-308 }));
    const empty = Array.from({ length: 30 }, (_, bar): Row => ({ ...(good('EMPTY', bar) as object), volume: bar % 3 === 0 ? null : 0 }));
    const asleep = [...Array.from({ length: 30 }, (_, bar): Row => ({ ...(good('ASLEEP', bar) as object), at: new Date(START - 400 * 24 * HOUR + bar * HOUR).toISOString() })), good('ASLEEP', 40)];
    const ahead = Array.from({ length: 30 }, (_, bar): Row => ({ ...(good('AHEAD', bar) as object), at: new Date(NOW + 12 * HOUR + bar * 60_000).toISOString() }));
    const [alone, together] = [await run(bars), await run([...ahead, ...asleep, ...empty, ...huge, ...crossed, ...bars])];
    assert.deepEqual(together.codes, []);
    assert.equal(together.states.size, 6);
    assert.equal(together.states.get('EMPTY')!.tracker.bar, 30n);
    assert.deepEqual(together.bytes.get('B'), alone.bytes.get('B'));
    assert.deepEqual(forecastsOf(together, 'B'), forecastsOf(alone, 'B'));
    assert.equal(together.states.get('FX')!.tracker.bar, 30n);
    assert.ok(Math.abs(together.states.get('FX')!.tracker.last!.close - (1.300015 + 29e-5)) < 1e-9, 'the middle of bid and ask');
    const woken = together.results.flatMap((r) => (r.kind === 'scored' && r.quote.event.symbol === 'ASLEEP' && r.quote.breakReason !== null ? [r] : []));
    assert.equal(woken.length, 1);
    assert.ok(woken[0]!.settlements.length > 0 && woken[0]!.settlements.every((s) => s.status === 'unsettled'));
  });

  it('whose symbol\'s state would not be finite are dead letters, and the others go on', async () => {
    const bars = Array.from({ length: 20 }, (_, bar) => good('B', bar));
    const [alone, together] = [await run(bars), await run([good('BROKEN', 0), ...bars, good('BROKEN', 1)], { BROKEN: { lastZ: Infinity } })];
    assert.deepEqual(together.codes, ['state_not_finite', 'state_not_finite']);
    assert.deepEqual([...together.states.keys()], ['B']);
    assert.deepEqual(together.bytes.get('B'), alone.bytes.get('B'));
  });
});
