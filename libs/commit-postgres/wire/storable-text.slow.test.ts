import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { storableJson, storableText } from './storable-text.js';

const anyText = fc.string({ unit: fc.oneof(fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }), fc.constantFrom('\0', '\ud800', '\udc00', '\\', 'u0000', '"', '\u{1f600}')) });
const expected = (text: string) => Buffer.from(storableText(text)).toString();

describe('storableText', () => {
  it('replaces U+0000 and keeps everything else', () => {
    assert.equal(storableText('a\0b\u{1f600}\n'), 'a\ufffdb\u{1f600}\n');
  });
});

describe('storableJson', () => {
  it('replaces escaped NUL and lone surrogates, in keys too, and keeps pairs and escaped backslashes', () => {
    assert.equal(storableJson(String.raw`{"a\u0000":"\ud83d\ude00 \ud83d \ude00 \\u0000 \u001f"}`), String.raw`{"a` + '\ufffd' + String.raw`":"\ud83d\ude00 ` + '\ufffd \ufffd ' + String.raw`\\u0000 \u001f"}`);
  });

  it('keeps the digits of numbers', () => {
    assert.equal(storableJson(String.raw`{"n":12345678901234567890,"s":"\u0000"}`), '{"n":12345678901234567890,"s":"\ufffd"}');
  });

  it('gives for any string the JSON of that string as the rule would have it', () => {
    fc.assert(fc.property(anyText, (text) => {
      assert.equal(JSON.parse(storableJson(JSON.stringify(text))), expected(text));
    }));
  });
});
