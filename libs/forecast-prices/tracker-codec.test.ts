import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { conformalSteps } from './conformal.js';
import { observeQuote } from './observe-quote.js';
import { NO_PROFILE } from './profile.js';
import { forecastSettings } from './settings.js';
import { MINUTE, quoteOf, randomFrom, runAll, walk } from './testing.js';
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

/** And as format 2 was: the same quotes, named one minute long. */
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

describe('a stored tracker of format 1', () => {
  const bytes = new Uint8Array(Buffer.from(FORMAT_1, 'base64'));
  const levels = [0.05, 0.5, 0.95];
  // the offsets in it were learned with the step of that release, and nothing was widened
  const settings = { ...forecastSettings({ horizons: [1, 2], levels }), conformalSteps: conformalSteps(0.007, levels), wideningRate: 0 };
  const random = randomFrom(42);
  const quotes = walk(Array.from({ length: 25 }, () => Math.round(random.normal() * 1e3) / 1e6));
  const output = Float32Array.from([-1.5, 0, 1.5, -1.5, 0, 1.5]);

  it('is read for ever: what it holds is kept, what came later begins anew', () => {
    const tracker = forecastTrackerCodec.decode(bytes, 1);
    assert.equal(tracker.bar, 21n);
    assert.equal(tracker.pending.length, 3);
    assert.equal(tracker.last!.at, quotes[20]!.at);
    assert.deepEqual([tracker.interval, tracker.jumps, tracker.profile], [null, [], NO_PROFILE]);
    // format 2 begins like format 1 and only appends
    assert.deepEqual(forecastTrackerCodec.encode(tracker).slice(1, bytes.length), bytes.slice(1));
  });

  it('goes on to the forecasts and settlements that a tracker that was never stored comes to', () => {
    const revived = runAll(quotes.slice(21), output, settings, forecastTrackerCodec.decode(bytes, 1));
    const whole = runAll(quotes, output, settings);
    assert.deepEqual(revived.forecasts, whole.forecasts.slice(-revived.forecasts.length));
    assert.deepEqual(revived.settlements, whole.settlements.slice(-revived.settlements.length));
  });
});

describe('a stored tracker of format 2', () => {
  const levels = [0.05, 0.5, 0.95];
  const settings = { ...forecastSettings({ horizons: [1, 2], levels }), conformalSteps: conformalSteps(0.016, levels), wideningRate: 0 };
  const random = randomFrom(42);
  const quotes = walk(Array.from({ length: 25 }, () => Math.round(random.normal() * 1e3) / 1e6)).map((quote) => ({ ...quote, interval: '1m' }));
  const output = Float32Array.from([-1.5, 0, 1.5, -1.5, 0, 1.5]);
  const bytes = new Uint8Array(Buffer.from(FORMAT_2, 'base64'));

  it('is read for ever: what it holds is kept to the byte, the widening begins at none', () => {
    const tracker = forecastTrackerCodec.decode(bytes, 2);
    assert.deepEqual([tracker.bar, tracker.interval, tracker.widening], [21n, '1m', 0]);
    assert.deepEqual(forecastTrackerCodec.encode(tracker).slice(1, bytes.length), bytes.slice(1));
  });

  it('goes on to the forecasts and settlements that a tracker that was never stored comes to', () => {
    const revived = runAll(quotes.slice(21), output, settings, forecastTrackerCodec.decode(bytes, 2));
    const whole = runAll(quotes, output, settings);
    assert.deepEqual(revived.forecasts, whole.forecasts.slice(-revived.forecasts.length));
    assert.deepEqual(revived.settlements, whole.settlements.slice(-revived.settlements.length));
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
