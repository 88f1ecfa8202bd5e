/** 100,000 broken messages: none may throw, and each refusal carries a code of the closed list and a short sentence. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { REJECTION_CODES, type Decoded, type StreamEvent } from '#contracts';
import { decodeQuotes, decodeReviews, defaultDecodeSettings } from './index.js';
import { message, quote, review } from './testing.test.js';

/** Marsaglia's xorshift32: enough for choosing mutations, the same on every machine. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const HOSTILE: readonly string[] = ['NaN', '1e999', '-1e999', 'null', 'true', '[]', '{}', '""', '"\\u0000"', '"\\ud800"', '-0', '1e-999', '12345678901234567890123', '"__proto__"', '{"__proto__":{"a":1}}', '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]', '"2024-02-30"', '"9999-12-31"', '5e-324', '1.7e308', '"\u202e\u0007"', '"  "'];
const SPLICES: readonly string[] = ['"', '\\', '{', '}', '[', ']', ',', ':', '\0', '\ufeff', '\\u', '"__proto__":1,', '"constructor":{},', ' ', '\u2028', '😀'];

function mutate(random: (below: number) => number): Buffer {
  const fields = random(2) === 0 ? review({ title: 'Good', rating: 4, revision: 1, extra: { a: [1, 'x'] } }) : quote({ open: 10, high: 11, low: 9, bid: 10.4, ask: 10.6, volume: 5, interval: '5m' });
  let text = JSON.stringify(fields);
  for (let changes = random(3); changes > 0; changes -= 1) {
    const names = Object.keys(fields);
    const value = JSON.stringify(fields[names[random(names.length)]!]);
    text = random(2) === 0 ? text.replace(value, () => HOSTILE[random(HOSTILE.length)]!) : splice(text, random(text.length), random(4), SPLICES[random(SPLICES.length)]!);
  }
  let bytes = Buffer.from(text);
  for (let changes = random(3); changes > 0 && bytes.length > 0; changes -= 1) {
    const at = random(bytes.length);
    if (random(3) === 0) bytes = bytes.subarray(0, at);
    else bytes[at] = random(256);
  }
  return bytes;
}

const splice = (text: string, at: number, drop: number, put: string) => text.slice(0, at) + put + text.slice(at + drop);

describe('mutated messages', () => {
  it('never make the decoder throw, and every refusal is from the closed list', () => {
    const random = seeded(20_240_501);
    const codes = new Set<string>(REJECTION_CODES);
    const seen = new Map<string, number>();
    const before = Object.getOwnPropertyNames(Object.prototype).join();
    for (let round = 0; round < 100; round += 1) {
      const batch = Array.from({ length: 1_000 }, (_, i) => message(mutate(random), BigInt(i)));
      const results: readonly Decoded<StreamEvent>[] = random(2) === 0 ? decodeReviews(defaultDecodeSettings, batch) : decodeQuotes(defaultDecodeSettings, batch);
      assert.equal(results.length, batch.length);
      for (const result of results) {
        if (!result.ok) {
          assert.ok(codes.has(result.rejection.code));
          assert.ok(result.rejection.reason.length > 0 && result.rejection.reason.length <= 500);
          assert.ok(!result.rejection.reason.includes('\0'));
        }
        const code = result.ok ? 'taken' : result.rejection.code;
        seen.set(code, (seen.get(code) ?? 0) + 1);
        if (result.ok) assert.ok(!JSON.stringify(result.event, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)).includes('\\u0000'));
      }
    }
    assert.equal(Object.getOwnPropertyNames(Object.prototype).join(), before);
    for (const code of ['taken', 'invalid_utf8', 'invalid_json', 'too_deep', 'not_an_object', 'missing_field', 'wrong_type', 'out_of_range', 'empty_text', 'invalid_date', 'far_future', 'price_not_positive', 'price_not_finite', 'forbidden_key']) {
      assert.ok((seen.get(code) ?? 0) > 0, `the mutations never led to ${code}; seen ${JSON.stringify([...seen])}`);
    }
  });
});
