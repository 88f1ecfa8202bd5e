import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Rejection, RejectionCode, ReviewEvent } from '#contracts';
import { decodeReviews, defaultDecodeSettings } from './index.js';
import { message, review, SENT } from './testing.test.js';

const one = (value: string | Uint8Array | null) => decodeReviews(defaultDecodeSettings, [message(value)])[0]!;
const taken = (fields: Record<string, unknown>): ReviewEvent => {
  const result = one(JSON.stringify(review(fields)));
  assert.ok(result.ok, result.ok ? '' : result.rejection.reason);
  return result.event;
};
const refused = (value: string | Uint8Array | null, code: RejectionCode, words: RegExp): Rejection => {
  const result = one(value);
  assert.ok(!result.ok, 'it was taken');
  assert.equal(result.rejection.code, code, result.rejection.reason);
  assert.match(result.rejection.reason, words);
  assert.ok(result.rejection.reason.length <= 500);
  return result.rejection;
};
const refusedField = (fields: Record<string, unknown>, code: RejectionCode, words: RegExp) => refused(JSON.stringify(review(fields)), code, words);

describe('a review message', () => {
  it('becomes an event with every field, absent ones as null, unknown ones kept', () => {
    const event = taken({ title: 'Fine', productName: 'Kettle', rating: 4.5, lang: 'en', source: 'shop', region: 'DE', appVersion: '8.2', verified: true, revision: 3, helpful: { up: 2 }, tags: ['a'] });
    assert.deepEqual(event, {
      kind: 'review', position: { topic: 'reviews.v1', partition: 2, offset: 7n }, reviewId: 'r1', productId: 'p1', productName: 'Kettle', title: 'Fine', text: 'It works well.', rating: 4.5,
      reviewedAt: Date.parse('2024-05-01T12:30:00Z'), lang: 'en', source: 'shop', region: 'DE', appVersion: '8.2', verified: true, revision: 3, contentHash: event.contentHash, extra: '{"helpful":{"up":2},"tags":["a"]}',
    });
    assert.match(event.contentHash, /^[0-9a-f]{32}$/);
    const bare = taken({ title: null, rating: null, verified: null });
    assert.deepEqual([bare.title, bare.rating, bare.productName, bare.verified, bare.revision, bare.extra], [null, null, null, null, 0, null]);
  });

  it('hashes title, text, rating and time, and nothing else', () => {
    const hash = taken({}).contentHash;
    assert.equal(taken({ lang: 'en', source: 'x', revision: 2, more: 1 }).contentHash, hash);
    for (const change of [{ title: 'a' }, { text: 'It works well!' }, { rating: 5 }, { reviewedAt: '2024-05-01T12:30:00.001Z' }]) assert.notEqual(taken(change).contentHash, hash);
    assert.notEqual(taken({ title: 'ab', text: 'c' }).contentHash, taken({ title: 'a', text: 'bc' }).contentHash);
  });

  it('needs no message key, and is the same with a byte order mark', () => {
    const result = decodeReviews(defaultDecodeSettings, [{ ...message(`\ufeff${JSON.stringify(review())}`), key: null }])[0]!;
    assert.ok(result.ok);
    assert.deepEqual(result.event, taken({}));
  });

  it('that has no value is a tombstone', () => { refused(null, 'tombstone', /tombstone/); });

  it('of more than 1 MB is refused unparsed; one of exactly 1 MB is read', () => {
    refused(Buffer.alloc(1_048_577, 0x5b), 'too_large', /1048577 bytes; expected at most 1048576/);
    const text = JSON.stringify(review({ pad: '' }));
    assert.ok(one(text.replace('"pad":""', `"pad":"${'x'.repeat(1_048_576 - text.length)}"`)).ok);
  });

  it('that is not UTF-8 is refused: stray bytes, overlong forms, UTF-16', () => {
    refused(Buffer.from([0x7b, 0x22, 0xff, 0x22]), 'invalid_utf8', /7b 22 ff 22/);
    refused(Buffer.from([0xc0, 0xaf]), 'invalid_utf8', /UTF-8/);
    refused(Buffer.from(`\ufeff${JSON.stringify(review())}`, 'utf16le'), 'invalid_utf8', /ff fe/);
    refused(Buffer.from(JSON.stringify(review()), 'utf16le'), 'invalid_json', /not JSON/);
    refused(Buffer.from(JSON.stringify(review({ text: 'café' })), 'latin1'), 'invalid_utf8', /Encode/);
  });

  it('that is not one JSON object is refused', () => {
    for (const text of ['', '{', 'hello', '{"a":1}{"a":2}', "{'a':1}", '{"a":NaN}', '\0']) refused(text, 'invalid_json', /expected one JSON object/);
    for (const text of ['[]', '"text"', '12', 'null', 'true']) refused(text, 'not_an_object', /expected one JSON object/);
  });

  it('nested too deeply is refused before it is parsed, brackets inside strings aside', () => {
    const nest = (levels: number) => `${JSON.stringify(review()).slice(0, -1)},"x":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    assert.ok(one(nest(31)).ok);
    refused(nest(32), 'too_deep', /more than 32 deep/);
    refused('['.repeat(1_000_000), 'too_deep', /32/);
    refused('{"a":'.repeat(200_000), 'too_deep', /32/);
    assert.equal(taken({ text: `${'[{'.repeat(500)}"\\`.repeat(3) }).text.length, 3006);
  });

  it('with a key that could reach a prototype is refused at any level, escaped or not, and pollutes nothing', () => {
    for (const key of ['__proto__', 'constructor', 'prototype', '\\u005f_proto__', '\\u0063onstructor']) {
      const body = JSON.stringify(review()).slice(0, -1);
      refused(`${body},"${key}":{"rating":1}}`, 'forbidden_key', /no key named/);
      refused(`${body},"x":[{"y":{"${key}":{"polluted":true}}}]}`, 'forbidden_key', /no key named/);
    }
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    assert.equal(taken({ text: 'The __proto__ of a constructor' }).text, 'The __proto__ of a constructor');
  });

  it('without a needed field is refused', () => {
    for (const name of ['reviewId', 'productId', 'text', 'reviewedAt']) {
      refusedField({ [name]: undefined }, 'missing_field', new RegExp(name));
      refusedField({ [name]: null }, 'missing_field', new RegExp(name));
    }
    refusedField({ productId: ' ' }, 'missing_field', /blank productId/);
  });

  it('with a wrong type is refused, field by field', () => {
    for (const [name, values] of Object.entries({ reviewId: [1, true, [], {}], productId: [1], text: [1, ['a'], {}], title: [5, false], rating: ['5', true, [5]], reviewedAt: [true, {}, []], productName: [1], lang: [1], source: [{}], region: [[]], appVersion: [8.2], verified: ['yes', 1], revision: ['1', true] })) {
      for (const value of values) refusedField({ [name]: value }, 'wrong_type', new RegExp(`Found ${name} .*expected`));
    }
  });

  it('with a number out of range is refused', () => {
    for (const rating of [0, 0.99, 5.01, -1, 100]) refusedField({ rating }, 'out_of_range', /from 1 to 5/);
    refused('{"reviewId":"r","productId":"p","text":"t","reviewedAt":"2024-05-01","rating":1e999}', 'out_of_range', /Infinity/);
    for (const revision of [-1, 1.5, 2 ** 31]) refusedField({ revision }, 'out_of_range', /whole number/);
    refusedField({ reviewId: 'x'.repeat(257) }, 'out_of_range', /257/);
    refusedField({ productId: 'x'.repeat(10_000) }, 'out_of_range', /10000/);
    refusedField({ productId: 'a\u0000b' }, 'out_of_range', /never altered/);
    refusedField({ productId: 'a\ud800' }, 'out_of_range', /never altered/);
  });

  it('with a blank text is refused, unless the title has words: then the title is the text', () => {
    for (const text of ['', '   ', '\n\t', '\ufeff', '\u0000', '\u3000']) {
      refusedField({ text }, 'empty_text', /without anything to read/);
      refusedField({ text, title: ' ' }, 'empty_text', /without anything to read/);
    }
    const event = taken({ text: ' ', title: 'Broke at once' });
    assert.deepEqual([event.title, event.text], [null, 'Broke at once']);
    for (const text of ['👍', '\u200c \u200c', '...']) assert.equal(taken({ text }).text, text);
    assert.equal(taken({ text: '\u200c', title: 'Bad' }).text, 'Bad');
  });

  it('with more than 32 KB of text, counted as UTF-8, is refused', () => {
    assert.equal(taken({ text: 'x'.repeat(32_768) }).text.length, 32_768);
    refusedField({ text: 'x'.repeat(32_769) }, 'text_too_long', /32769 bytes/);
    refusedField({ text: '€'.repeat(11_000) }, 'text_too_long', /33000 bytes/);
    refusedField({ title: 'x'.repeat(40_000) }, 'text_too_long', /title/);
  });

  it('with a date that is none, or a bare number, is refused with advice', () => {
    for (const reviewedAt of ['yesterday', '2024-02-30', '', '05/01/2024']) refusedField({ reviewedAt }, 'invalid_date', /ISO 8601/);
    for (const reviewedAt of [1714566600, 1714566600000, -1, 1.5]) refusedField({ reviewedAt }, 'invalid_date', /seconds or milliseconds/);
  });

  it('from the far future, seen from its own timestamp, is refused; one from within a day ahead is not', () => {
    const day = 86_400_000;
    assert.equal(taken({ reviewedAt: new Date(SENT + day).toISOString() }).reviewedAt, SENT + day);
    refusedField({ reviewedAt: new Date(SENT + day + 1).toISOString() }, 'far_future', /24\.0 hours after .* at most 24 hours/);
    const result = decodeReviews(defaultDecodeSettings, [{ ...message(JSON.stringify(review({ reviewedAt: '2999-01-01' }))), timestamp: -1 }])[0]!;
    assert.ok(result.ok, 'without a timestamp the future cannot be judged');
  });

  it('keeps no NUL and no lone surrogate in any string, unknown fields included', () => {
    const event = taken({ text: 'a\u0000b\ud83dc\ude00d😀', title: '\udc00x', other: ['\ud800', { 'k\u0000': '\u0000' }], slash: '\\u0000' });
    assert.equal(event.text, 'a\ufffdb\ufffdc\ufffdd😀');
    assert.equal(event.title, '\ufffdx');
    assert.equal(event.extra, '{"other":["\ufffd",{"k\ufffd":"\ufffd"}],"slash":"\\\\u0000"}');
  });

  it('is refused with its bytes, its position and a short, escaped quotation', () => {
    const value = Buffer.from(JSON.stringify(review({ rating: `\u202e\n${'z'.repeat(5000)}` })));
    const rejection = refused(value, 'wrong_type', /\(cut, 5002 characters\)/);
    assert.deepEqual(rejection.position, { topic: 'reviews.v1', partition: 2, offset: 7n });
    assert.deepEqual(rejection.payload, value);
    assert.equal(rejection.timestamp, SENT);
    assert.ok(!/[\n\u202e]/.test(rejection.reason) && rejection.reason.length < 200, rejection.reason);
  });
});
