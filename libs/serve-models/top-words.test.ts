import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { topWords } from './top-words.js';

/** Tokens of one row each. */
function tokens(text: string, pieces: readonly (readonly [piece: string, row: number])[]) {
  let from = 0;
  const starts = pieces.map(([piece]) => (from = text.indexOf(piece, from)));
  return {
    rows: Int32Array.from(pieces, ([, row]) => row),
    starts: Int32Array.from(starts),
    ends: Int32Array.from(pieces, ([piece], i) => starts[i]! + piece.length),
    length: pieces.length,
  };
}
const round = (words: ReturnType<typeof topWords>, text: string) => words.map(({ start, end, weight }) => [text.slice(start, end), start, Number(weight.toFixed(6))]);

describe('topWords', () => {
  it('sums what fell on the same word and shows its strongest place', () => {
    const text = 'bad, so Bad';
    const found = topWords(text, tokens(text, [['bad', 5], [',', 2], ['so', 3], ['Bad', 5]]), Float32Array.of(0.125, 0.25, 0.25, 0.375));
    assert.deepEqual(round(found, text), [['Bad', 8, 0.5], ['so', 5, 0.25]]);
  });

  it('keeps five, highest first, the earlier first where equal', () => {
    const text = 'a b c d e f g';
    const found = topWords(text, tokens(text, [...'abcdefg'].map((c, i) => [c, i + 1] as const)), Float32Array.of(0.1, 0.1, 0.3, 0.1, 0.1, 0.1, 0.2));
    assert.deepEqual(found.map(({ start }) => text[start]), ['c', 'g', 'a', 'b', 'd']);
  });

  it('ignores the attention behind the end of a text, punctuation, and words that got none', () => {
    const text = 'ok !! no';
    const found = topWords(text, tokens(text, [['ok', 1], ['!!', 2], ['no', 3]]), Float32Array.of(0.5, 0.5, 0, 9, 9));
    assert.deepEqual(round(found, text), [['ok', 0, 0.5]]);
  });

  it('shows nothing for an empty text or for attention that is not finite', () => {
    const empty = { rows: new Int32Array(4), starts: new Int32Array(1), ends: new Int32Array(1), length: 1 };
    assert.deepEqual(topWords('', empty, Float32Array.of(1)), []);
    assert.deepEqual(topWords('ok', tokens('ok', [['ok', 1]]), Float32Array.of(NaN)), []);
  });
});
