import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { conformalSteps } from './conformal.js';
import { observeQuote } from './observe-quote.js';
import { NO_PROFILE } from './profile.js';
import { forecastSettings } from './settings.js';
import { MINUTE, quoteOf, randomFrom, runAll, SETTINGS, walk } from './testing.js';
import { forecastTrackerCodec } from './tracker-codec.js';

/** A tracker as format 1 was released with: 21 quotes, horizons 1 and 2. Never changed; a new format gets a text of its own. */
const FORMAT_1 = [
  'ARUAAAAAAAAAAAAAAAAANEAAAJRHmcx4QrkaRfZT6lhAAQAE4uGJN9ARQxaZ+joTASZAAAAAAAAAIEAAAJwimMx4QgAAAAAAADVAAAAAAAAA+H8AAAAAAAD4fwAAAAAAAAAAzc6hqdf6',
  'wD73ts17jaHvP8CGj+z/4rY+PjK/HXO35j/c+BkN6lqgPtB+3xn9sdA/7syXHjgAfT6TPpmaK9ytPwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwIaP7P/itj4+Mr8dc7fm',
  'PwAAAAAAAAAAAAAAAAAAAABMCzHOY/zjv8HLmbRRVqk/AgABAAAAAAAAACRAAqK/lGp6uD+EpoQknPG1PyK+I00Mz6k/oTNFR+PmqT8DAMBBBWRconw/Gy/dJAaBlT+0QQVkXKJ8PwIA',
  'AAAAAAAAIkCbz7nRuyO2P5vPudG7I7Y/bq2dbSetpT+5getbcVOmPwMA+ofRJlPFaT9KDAIrhxaJP/6H0SZTxWm/AwAUAAAAAAAAAAAA7jiZzHhCGhx7NgDwWEACAOym3GWPfWA/AwC5',
  '4kW7AAAAALniRTtJhEW7N06xN0mERTsVAAAAAAAAAAAAlEeZzHhCuRpF9lPqWEABADTPLZBEtlY/AwCbRQi7AAAAAJtFCDsGowe7AjP0NzHoCDsVAAAAAAAAAAAAlEeZzHhCuRpF9lPq',
  'WEACAL8zouZOD2A/AwCzt0C7AAAAALO3QDs7UEC7QHTJNztQQDs=',
].join('');

/** Format 2: the same quotes, named one minute long. */
const FORMAT_2 = [
  'AhUAAAAAAAAAAAAAAAAANEAAAJRHmcx4QrkaRfZT6lhAAQBQBGoUU8IVQxaZ+joTASZAAAAAAAAAIEAAAJwimMx4QgAAAAAAADVAAAAAAAAA+H8AAAAAAAD4fwAAAAAAAAAAzc6hqdf6',
  'wD73ts17jaHvP8CGj+z/4rY+PjK/HXO35j/c+BkN6lqgPtB+3xn9sdA/7syXHjgAfT6TPpmaK9ytPwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwIaP7P/itj4+Mr8dc7fm',
  'PwAAAAAAAAAAAAAAAAAAAABMCzHOY/zjv8HLmbRRVqk/AgABAAAAAAAAACRAAqK/lGp6uD+EpoQknPG1P0U4MaARwKk/oTNFR+PmqT8DACdKlRTHXJA/+n5qvHSTqD8dSpUUx1yQPwIA',
  'AAAAAAAAIkCbz7nRuyO2P5vPudG7I7Y/SA+pwnSbpT+5getbcVOmPwMARlKmvsxzfT956SYxCKycP0ZSpr7Mc32/AwAUAAAAAAAAAAAA7jiZzHhCGhx7NgDwWEACAOym3GWPfWA/AwC5',
  '4kW7AAAAALniRTvdCkW7iKJKON0KRTsVAAAAAAAAAAAAlEeZzHhCuRpF9lPqWEABADTPLZBEtlY/AwCbRQi7AAAAAJtFCDv80Qa73YqLODu5CTsVAAAAAAAAAAAAlEeZzHhCuRpF9lPq',
  'WEACAL8zouZOD2A/AwCzt0C7AAAAALO3QDszyz+7tztmODPLPzsCADFtAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAtgorCbkRBP9pOWDZ5',
  'Mt0/FAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==',
].join('');

/** Format 3: the same, with the widening. */
const FORMAT_3 = [
  'AxUAAAAAAAAAAAAAAAAANEAAAJRHmcx4QrkaRfZT6lhAAQBQBGoUU8IVQxaZ+joTASZAAAAAAAAAIEAAAJwimMx4QgAAAAAAADVAAAAAAAAA+H8AAAAAAAD4fwAAAAAAAAAAzc6hqdf6wD73',
  'ts17jaHvP8CGj+z/4rY+PjK/HXO35j/c+BkN6lqgPtB+3xn9sdA/7syXHjgAfT6TPpmaK9ytPwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwIaP7P/itj4+Mr8dc7fmPwAAAAAA',
  'AAAAAAAAAAAAAABMCzHOY/zjv8HLmbRRVqk/AgABAAAAAAAAACRAAqK/lGp6uD+EpoQknPG1P+GCLEfb0Kk/oTNFR+PmqT8DADjv354qi3g/O99PjZdukj8t79+eKot4PwIAAAAAAAAAIkCb',
  'z7nRuyO2P5vPudG7I7Y/TgzGfhCvpT+5getbcVOmPwMAsr38jtkWZj8aL90kBoGFP7W9/I7ZFma/AwAUAAAAAAAAAAAA7jiZzHhCGhx7NgDwWEACAOym3GWPfWA/AwC54kW7AAAAALniRTvS',
  'kUW75vmXN9KRRTsVAAAAAAAAAAAAlEeZzHhCuRpF9lPqWEABADTPLZBEtlY/AwCbRQi7AAAAAJtFCDtAuge7S1DRN/fQCDsVAAAAAAAAAAAAlEeZzHhCuRpF9lPqWEACAL8zouZOD2A/AwCz',
  't0C7AAAAALO3QDsDX0C7yaysNwNfQDsCADFtAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAtgorCbkRBP9pOWDZ5Mt0/FAAAAAAAAAAAAAAAAAAA',
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAKix0ScuKkY/',
].join('');

/** What each was released with: the conformal step and the widening that its offsets were learned by. */
const RELEASED = [
  { format: 1, text: FORMAT_1, interval: null, step: 0.007, wideningRate: 0 },
  { format: 2, text: FORMAT_2, interval: '1m', step: 0.016, wideningRate: 0 },
  { format: 3, text: FORMAT_3, interval: '1m', step: 0.006, wideningRate: 0.02 },
] as const;

for (const { format, text, interval, step, wideningRate } of RELEASED) {
  describe(`a stored tracker of format ${format}`, () => {
    const bytes = new Uint8Array(Buffer.from(text, 'base64'));
    const levels = [0.05, 0.5, 0.95];
    const settings = { ...forecastSettings({ horizons: [1, 2], levels }), conformalSteps: conformalSteps(step, levels), wideningRate };
    const random = randomFrom(42);
    const quotes = walk(Array.from({ length: 25 }, () => Math.round(random.normal() * 1e3) / 1e6)).map((quote) => ({ ...quote, interval }));
    const output = Float32Array.from([-1.5, 0, 1.5, -1.5, 0, 1.5]);

    it('is read for ever, what came later begins anew, and what waits keeps all its raw quantiles', () => {
      const tracker = forecastTrackerCodec.decode(bytes, format);
      assert.deepEqual([tracker.bar, tracker.last!.at, tracker.interval], [21n, quotes[20]!.at, interval]);
      if (format === 1) assert.deepEqual([tracker.jumps, tracker.profile], [[], NO_PROFILE]);
      assert.equal(tracker.widening !== 0, format === 3);
      assert.deepEqual(tracker.pending.map(({ raw, corrected, target }) => [raw.length, corrected.length, target]), [[3, 3, 22], [3, 3, 22], [3, 3, 23]]);
      assert.deepEqual(forecastTrackerCodec.decode(forecastTrackerCodec.encode(tracker), forecastTrackerCodec.format), tracker);
    });

    it('goes on to the forecasts and settlements that a tracker that was never stored comes to', () => {
      const revived = runAll(quotes.slice(21), output, settings, forecastTrackerCodec.decode(bytes, format));
      const whole = runAll(quotes, output, settings);
      assert.ok(revived.settlements.some(({ status }) => status === 'settled'));
      assert.deepEqual(revived.forecasts, whole.forecasts.slice(-revived.forecasts.length));
      assert.deepEqual(revived.settlements, whole.settlements.slice(-revived.settlements.length));
    });
  });
}

describe('a pending forecast', () => {
  it('keeps of its raw quantiles the borders of the 90 % band, through the codec, and is settled by them as by all', () => {
    const { tracker, forecasts } = runAll(walk(Array.from({ length: 40 }, (_, i) => (i % 3) * 1e-4)));
    const stored = forecastTrackerCodec.decode(forecastTrackerCodec.encode(tracker), forecastTrackerCodec.format);
    assert.deepEqual(stored, tracker);
    const all = stored.pending.map((forecast) => {
      const { raw } = forecasts.find(({ bar, horizon }) => bar === forecast.bar && horizon === forecast.horizon)!;
      assert.deepEqual(forecast.raw, [raw[2], raw[8]]); // 5 and 95 %
      return { ...forecast, raw };
    });
    for (const move of [1e-5, 1e-4, 1e-3, -1e-3]) {
      const next = quoteOf({ close: tracker.last!.close * Math.exp(move), at: tracker.last!.at + MINUTE });
      const [short, long] = [tracker, { ...tracker, pending: all }].map((from) => observeQuote(SETTINGS, from, next));
      assert.ok(short!.kind === 'bar' && long!.kind === 'bar' && short!.settlements.length > 0);
      assert.deepEqual(short!.settlements, long!.settlements);
    }
  });

  it('says nothing of the raw band where the levels hold none', () => {
    const settings = forecastSettings({ horizons: [1], levels: [0.25, 0.5, 0.75] });
    const { settlements } = runAll(walk(Array.from({ length: 20 }, (_, i) => (i % 3) * 1e-4)), Float32Array.from([-0.7, 0, 0.7]), settings);
    assert.ok(settlements.length > 0 && settlements.every(({ rawCovered90, covered50 }) => rawCovered90 === null && covered50 !== null));
  });
});

describe('two intervals under one symbol', () => {
  const settings = forecastSettings({ horizons: [1, 2], levels: [0.05, 0.5, 0.95] });
  const output = Float32Array.from([-1.5, 0, 1.5, -1.5, 0, 1.5]);
  const minutes = walk(Array.from({ length: 40 }, (_, i) => (i % 3) * 1e-4)).map((quote) => ({ ...quote, interval: '1m' }));
  const known = runAll(minutes, output, settings).tracker;

  it('are refused while bars of the known one still come, with both named', () => {
    const seen = observeQuote(settings, known, quoteOf({ close: 100, at: known.last!.at + MINUTE, interval: '5m' }));
    assert.ok(seen.kind === 'foreign' && seen.reason.includes('5m') && seen.reason.includes('1m'));
  });

  it('change over once the known one has stopped: what waits is closed with a reason, volatility begins anew, the codec keeps the name', () => {
    const seen = observeQuote(settings, known, quoteOf({ close: 100, at: known.last!.at + 30 * MINUTE, interval: '5m' }));
    assert.ok(seen.kind === 'bar');
    assert.ok(seen.settlements.length > 0 && seen.settlements.every((s) => s.status === 'unsettled' && s.reason!.includes('5m')));
    assert.equal(seen.tracker.returns, 0);
    assert.equal(forecastTrackerCodec.decode(forecastTrackerCodec.encode(seen.tracker), forecastTrackerCodec.format).interval, '5m');
  });
});
