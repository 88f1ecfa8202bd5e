import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CodeUnits } from './code-units.js';
import { WordMemo } from './word-memo.js';

const valuesOf = (word: string) => Int32Array.of(word.length, [...word].reduce((sum, c) => (Math.imul(sum, 31) + c.charCodeAt(0)) | 0, 7));

describe('WordMemo', () => {
  it('gives every word its own values, through generations that are far too small for them', () => {
    const word = fc.oneof(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 4 }), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 90 }));
    fc.assert(fc.property(fc.array(word, { minLength: 50, maxLength: 200 }), (words) => {
      const memo = new WordMemo(2, 8);
      const units = new CodeUnits();
      for (const each of words) {
        const out = new Int32Array(4);
        units.read(`<${each}>`);
        memo.copy(units.units, 1, 1 + each.length, out, 1, () => valuesOf(each));
        assert.deepEqual([...out], [0, ...valuesOf(each), 0]);
      }
    }), { numRuns: 200 });
  });

  it('makes a common word once, however many rare ones pass', () => {
    const memo = new WordMemo(2, 16);
    const units = new CodeUnits();
    let made = 0;
    for (let n = 0; n < 1_000; n += 1) {
      for (const each of ['common', `rare${n}`]) {
        units.read(each);
        memo.copy(units.units, 0, each.length, new Int32Array(2), 0, () => {
          if (each === 'common') made += 1;
          return valuesOf(each);
        });
      }
    }
    assert.equal(made, 1);
  });
});
