import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTokenizer, FIRST_WORD_ROW, tableRows } from '#models';
import { startRows } from './start-rows.js';

const SIZE = 4;
const apart = (a: ArrayLike<number>, b: ArrayLike<number>) => Math.hypot(...Array.from(a, (x, k) => x - b[k]!));
/** Two directions and a mean. */
const plane = (i: number) => Float32Array.from({ length: 100 }, (_, k) => Math.sin(i) * (k % 3) + Math.cos(i * 7) * (k % 5) + 2);

function started(vocabulary: string[], vectors: Map<string, Float32Array>) {
  const tokenizer = createTokenizer({ vocabulary: 'v', vocabularySize: vocabulary.length, hashRows: 4096, slots: 4, maxTokens: 8 }, vocabulary);
  const { rows, known } = startRows(tokenizer, vocabulary, vectors, SIZE);
  const row = (n: number) => rows.subarray(n * SIZE, (n + 1) * SIZE);
  return { rows, known, row, word: (word: string) => row(FIRST_WORD_ROW + vocabulary.indexOf(word)), keys: (word: string) => [...tokenizer.tokenize(word).rows.subarray(1)].filter((n) => n > 0), size: tableRows(tokenizer.spec) };
}

describe('the rows that a table starts with', () => {
  it('keep the geometry of the vectors in a narrower table, at a spread of 0.2', () => {
    const words = Array.from({ length: 300 }, (_, i) => `w${String.fromCharCode(97 + (i % 26), 97 + Math.floor(i / 26))}`);
    const { word, known } = started(['none', ...words], new Map(words.map((w, i) => [w, plane(i)])));
    assert.equal(known, 300);
    assert.deepEqual([...word('none')], [0, 0, 0, 0]);
    const ratio = apart(plane(0), plane(1)) / apart(word(words[0]!), word(words[1]!));
    for (const [i, j] of [[3, 8], [10, 200], [77, 78]] as const) assert.ok(Math.abs(apart(plane(i), plane(j)) / apart(word(words[i]!), word(words[j]!)) - ratio) < 1e-3 * ratio);
    const meanSquare = words.reduce((sum, w) => sum + word(w).reduce((a, x) => a + x * x, 0), 0) / (300 * SIZE);
    assert.ok(Math.abs(Math.sqrt(meanSquare) - 0.2) < 1e-6);
  });

  it('put a contraction between its parts, with and without an apostrophe', () => {
    const vectors = new Map(['do', 'can', 'not', 'they', 'are', 'film'].map((w, i) => [w, plane(i)]));
    const { word } = started([...vectors.keys(), "don't", 'cant', "they're", "film's", "foo'll"], vectors);
    const middle = (a: string, b: string) => Float32Array.from(word(a), (x, k) => (x + word(b)[k]!) / 2);
    for (const [whole, a, b] of [["don't", 'do', 'not'], ['cant', 'can', 'not'], ["they're", 'they', 'are'], ["film's", 'film', 'film']] as const) assert.ok(apart(word(whole), middle(a, b)) < 1e-6, whole);
    assert.deepEqual([...word("foo'll")], [0, 0, 0, 0]);
  });

  it('let the keys of a misspelt word sum to the word they were made from', () => {
    const vectors = new Map(['terrible', 'lovely', 'house', 'garden', 'music'].map((w, i) => [w, plane(i)]));
    const { row, word, keys } = started([...vectors.keys()], vectors);
    const sum = new Float32Array(SIZE);
    for (const key of keys('terrrible')) row(key).forEach((x, k) => { sum[k]! += x; });
    assert.ok(apart(sum, word('terrible')) < 1e-6);
  });
});
