import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseIsoTime } from './iso-time.js';

describe('event times', () => {
  it('reads every instant that toISOString writes', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: Date.parse('9999-12-31T23:59:59.999Z') }), (at) => parseIsoTime(new Date(at).toISOString()) === at), { numRuns: 2000 });
  });

  it('reads dates as midnight UTC, and the other forms of ISO 8601 that producers write', () => {
    const noon = Date.parse('2024-02-29T12:00:00Z');
    assert.equal(parseIsoTime('2024-02-29'), noon - 43_200_000);
    for (const text of ['2024-02-29T12:00:00Z', '2024-02-29 12:00', '2024-02-29t12:00z', '2024-02-29T14:00:00+02:00', '2024-02-29T06:30:00-0530', '2024-02-29T12:00:00.0009Z']) {
      assert.equal(parseIsoTime(text), noon, text);
    }
    assert.equal(parseIsoTime('2024-02-29T12:00:00.12Z'), noon + 120);
    assert.equal(parseIsoTime('2024-02-29T12:00:00,123456789Z'), noon + 123);
  });

  it('refuses days and hours that do not exist, and everything that is no ISO 8601', () => {
    for (const text of ['2023-02-29', '2024-02-30', '2100-02-29', '2024-13-01', '2024-00-10', '2024-04-31', '2024-01-00', '2024-01-01T24:00:00Z', '2024-01-01T23:60Z', '2024-01-01T23:59:60Z', '2024-01-01T10:00:00.Z', '2024-01-01T10:00:00+24:00', '2024-01-01T10:00:00+1', '2024-01-01T', '2024-1-1', '20240101', '2024-02-29T13+01', '1969-12-31', '1970-01-01T00:00:00+01:00', '', '1', 'May 3, 2024', '2024-01-01T10:00:00Z ', '2024-01-01T10:00:00ZZ', '+02024-01-01', '٢٠٢٤-01-01', 'NaN', '2024-01-01\u00a010:00']) {
      assert.equal(parseIsoTime(text), null, text);
    }
  });
});
