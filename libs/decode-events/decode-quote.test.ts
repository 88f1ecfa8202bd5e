import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RejectionCode } from '#contracts';
import { decodeQuotes, defaultDecodeSettings } from './index.js';
import { message, quote } from './testing.test.js';

const one = (value: string) => decodeQuotes(defaultDecodeSettings, [message(value)])[0]!;
const taken = (fields: Record<string, unknown>) => {
  const result = one(JSON.stringify(quote(fields)));
  assert.ok(result.ok, result.ok ? '' : result.rejection.reason);
  return result.event;
};
const refused = (fields: Record<string, unknown> | string, code: RejectionCode, words: RegExp) => {
  const result = one(typeof fields === 'string' ? fields : JSON.stringify(quote(fields)));
  assert.ok(!result.ok, 'it was taken');
  assert.equal(result.rejection.code, code, result.rejection.reason);
  assert.match(result.rejection.reason, words);
};

describe('a quote message', () => {
  it('becomes an event with every field, unknown ones kept', () => {
    assert.deepEqual(taken({ open: 10, high: 11, low: 9.5, bid: 10.4, ask: 10.6, volume: 0, interval: '5m', venue: 'X' }), {
      kind: 'quote', position: { topic: 'reviews.v1', partition: 2, offset: 7n }, symbol: 'ABB', at: Date.parse('2024-05-01T12:30:00Z'), close: 10.5, open: 10, high: 11, low: 9.5, bid: 10.4, ask: 10.6, volume: 0, interval: '5m', extra: '{"venue":"X"}',
    });
    assert.equal(taken({ at: '2013-02-08' }).at, Date.UTC(2013, 1, 8));
  });

  it('takes close, else price, else the mid of bid and ask', () => {
    assert.equal(taken({ close: undefined, price: 3 }).close, 3);
    assert.equal(taken({ close: null, bid: 1.38756, ask: 1.38758 }).close, (1.38756 + 1.38758) / 2);
    const both = taken({ price: 99 });
    assert.deepEqual([both.close, both.extra], [10.5, '{"price":99}']);
    assert.equal(taken({ close: null, bid: 1.7e308, ask: 1.7e308 }).close, 1.7e308);
    for (const fields of [{}, { bid: 1 }, { ask: 1 }]) refused({ close: undefined, ...fields }, 'missing_field', /expected close, or price, or both bid and ask/);
  });

  it('may have bid and ask slightly crossed, as real feeds do, but not by more than 1 %', () => {
    assert.equal(taken({ close: null, bid: 1.3878, ask: 1.3876 }).bid, 1.3878);
    refused({ close: null, bid: 1.41, ask: 1.38 }, 'out_of_range', /slightly crossed/);
  });

  it('with a price that is not finite is refused, bare NaN and Infinity included', () => {
    refused('{"symbol":"A","at":"2024-05-01","close":1e999}', 'price_not_finite', /too large to hold/);
    for (const bare of ['NaN', 'Infinity', '-Infinity']) refused(`{"symbol":"A","at":"2024-05-01","close": ${bare}}`, 'price_not_finite', /null where there is none/);
    for (const close of ['NaN', ' -inf', 'Infinity']) refused({ close }, 'price_not_finite', /finite/);
    refused('{"symbol":"A","close":1,', 'invalid_json', /not JSON/);
  });

  it('with a price at or below zero is refused, whichever price it is', () => {
    for (const name of ['close', 'open', 'high', 'low', 'bid', 'ask']) for (const value of [0, -1, -0]) refused({ [name]: value }, 'price_not_positive', new RegExp(name));
    refused({ close: undefined, price: -2 }, 'price_not_positive', /price -2/);
  });

  it('with a high below the low stands by its close; the two are kept aside', () => {
    const { high, low, close, extra } = taken({ high: 9, low: 10, venue: 'X' });
    assert.deepEqual([high, low, close, extra], [null, null, 10.5, '{"high":9,"low":10,"venue":"X"}']);
  });

  it('with wrong types, or a negative or infinite volume is refused', () => {
    for (const fields of [{ close: '10.5' }, { open: true }, { volume: '5' }, { symbol: 7 }, { at: false }, { interval: 5 }]) refused(fields, 'wrong_type', /expected/);
    refused({ volume: -1 }, 'out_of_range', /volume -1/);
    refused('{"symbol":"A","at":"2024-05-01","close":1,"volume":1e999}', 'out_of_range', /Infinity/);
    refused({ symbol: undefined }, 'missing_field', /symbol/);
    refused({ at: 1714566600 }, 'invalid_date', /seconds or milliseconds/);
    refused({ at: '2024-06-01' }, 'far_future', /hours/);
  });
});
