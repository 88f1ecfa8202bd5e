import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkItems } from './check-items.js';
import { cutArray, cutLines, type Cut } from './cut-items.js';

const text = (items: readonly Uint8Array[]) => items.map((item) => Buffer.from(item).toString());
const bytes = (given: string) => Buffer.from(given);
const cut = (given: string): string[] | string => {
  const found: Cut = cutArray(bytes(given));
  return found.ok ? text(found.items) : found.why;
};

describe('cutting a body', () => {
  it('gives each element the bytes it was sent as', () => {
    assert.deepEqual(cut(' [ {"a": "],[\\"{"} ,{"b":[1,{"c":2}]}, 1e999 ]\n'), ['{"a": "],[\\"{"}', '{"b":[1,{"c":2}]}', '1e999']);
    assert.deepEqual(cut('{"a":1}'), ['{"a":1}']);
    assert.deepEqual(cut('[ ]'), []);
    assert.deepEqual(cut('[{},]'), ['{}', '']);
  });

  it('refuses what is no array, with what was found', () => {
    assert.match(String(cut('reviews')), /neither an array nor an object/);
    assert.match(String(cut('')), /neither/);
    assert.match(String(cut('[{}')), /closing bracket/);
    assert.match(String(cut('["a')), /closing quote/);
    assert.match(String(cut('[{}] [{}]')), /more behind/);
  });

  it('agrees with JSON.parse on any array of objects, and reads a deep one without a stack', () => {
    fc.assert(fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), fc.boolean(), (items, spaced) => {
      const found = cut(JSON.stringify(items, null, spaced ? 2 : undefined));
      assert.ok(Array.isArray(found));
      assert.deepEqual(found.map((item): unknown => JSON.parse(item)), JSON.parse(JSON.stringify(items)));
    }));
    assert.match(String(cut('['.repeat(1_000_000))), /closing bracket/);
  });

  it('takes lines with either ending and passes over blank ones', () => {
    assert.deepEqual(text(cutLines(bytes('{"a":1}\r\n\n  \n{"b":2}'))), ['{"a":1}', '{"b":2}']);
    assert.deepEqual(text(cutLines(bytes('\n'))), []);
  });
});

describe('checkItems', () => {
  const now = Date.UTC(2026, 5, 1);

  it('keys reviews by product and quotes by symbol, and keeps their bytes', () => {
    const review = bytes('{"reviewId":"r1","productId":"p1","text":"It leaks.","reviewedAt":"2026-05-31T10:00:00Z","more":1.0}');
    const { messages, refused } = checkItems('reviews', 'reviews.v1', [review], now);
    assert.deepEqual(messages, [{ key: 'p1', value: review, timestamp: now }]);
    assert.deepEqual(refused, []);
    const quote = bytes('{"symbol":"ACME","at":"2026-05-31T10:00:00Z","close":12.5}');
    assert.equal(checkItems('quotes', 'quotes.v1', [quote], now).messages[0]!.key, 'ACME');
  });

  it('refuses what the stream would make a dead letter of, with code and reason, at its place', () => {
    const items = ['{"reviewId":', '{"reviewId":"r","productId":"p","text":"x","reviewedAt":"2026-06-09T00:00:00Z"}', '', '{"reviewId":"r","productId":"p","text":"x","reviewedAt":"2026-06-01"}', '['.repeat(5_000)].map(bytes);
    const { messages, refused } = checkItems('reviews', 'reviews.v1', items, now);
    assert.equal(messages.length, 1);
    assert.deepEqual(refused.map(({ index, code }) => [index, code]), [[0, 'invalid_json'], [1, 'far_future'], [2, 'invalid_json'], [4, 'too_deep']]);
    assert.ok(refused.every(({ reason }) => reason.includes('expected')));
  });
});
