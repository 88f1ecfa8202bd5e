/**
 * Text to embedding rows. Each token has `slots` rows: its word's (0 when the vocabulary lacks it) and those of its
 * hashed keys, so that an unknown, misspelt or disguised word still lands near its relatives. Of a long text the head and
 * the tail are kept: reviews state their verdict there. The result is a function of the text alone; a memo of words seen
 * only makes it fast.
 */
import type { TokenizerSpec } from '#contracts';
import { hashOf, hashedKeys, normalForm, withoutRepeats } from './normalize.js';
import { segment } from './segment.js';

/** Row 0 is empty, then come the words, then the hashed keys. */
export const FIRST_WORD_ROW = 1;
const BUCKETS: readonly number[] = [8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];
const MEMO_SIZE = 40_000;

export interface TokenizedText {
  /** Embedding rows, [length, slots]. */
  readonly rows: Int32Array;
  /** UTF-16 offsets of each token into the text that was given. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Number of tokens, 1 at least: a text without any has one that is all empty rows and spans nothing. */
  readonly length: number;
}

export interface Tokenizer {
  readonly spec: TokenizerSpec;
  tokenize(text: string): TokenizedText;
}

/** Rows of the embedding table that a tokenizer can ask for. */
export const tableRows = (spec: TokenizerSpec): number => FIRST_WORD_ROW + spec.vocabularySize + spec.hashRows;

/** Length that a text of so many tokens is padded to. Depends on that text alone, since padding can move the last bit of a result. */
export function bucketOf(length: number): number {
  return BUCKETS.find((b) => b >= length) ?? Math.ceil(length / 128) * 128;
}

/** words: the vocabulary in row order. */
export function createTokenizer(spec: TokenizerSpec, words: readonly string[]): Tokenizer {
  if (words.length !== spec.vocabularySize) throw new RangeError(`the vocabulary has ${words.length} words, the tokenizer was made for ${spec.vocabularySize}: use the vocabulary file that belongs to the model`);
  const rowOfWord = new Map(words.map((word, i) => [word, FIRST_WORD_ROW + i]));
  const firstHashRow = FIRST_WORD_ROW + words.length;
  const memo = new Map<string, Int32Array>();
  const { slots, maxTokens } = spec;

  const rowsOf = (token: string, kind: number): Int32Array => {
    const known = memo.get(token);
    if (known !== undefined) return known;
    const form = normalForm(token, kind);
    const rows = new Int32Array(slots);
    rows[0] = rowOfWord.get(form) ?? rowOfWord.get(withoutRepeats(form)) ?? 0;
    hashedKeys(form, kind).slice(0, slots - 1).forEach((key, i) => {
      if (key !== '') rows[i + 1] = firstHashRow + (hashOf(key) % spec.hashRows);
    });
    if (memo.size >= MEMO_SIZE) memo.clear();
    memo.set(token, rows);
    return rows;
  };

  return {
    spec,
    tokenize(text) {
      const { starts, ends, kinds } = segment(text);
      const kept = keptTokens(starts.length, maxTokens);
      const length = Math.max(1, kept.length);
      const result = { rows: new Int32Array(length * slots), starts: new Int32Array(length), ends: new Int32Array(length), length };
      kept.forEach((from, to) => {
        result.starts[to] = starts[from]!;
        result.ends[to] = ends[from]!;
        const rows = rowsOf(text.slice(starts[from], ends[from]), kinds[from]!);
        for (let k = 0; k < slots; k++) result.rows[to * slots + k] = rows[k]!;
      });
      return result;
    },
  };
}

/** Indices of the tokens that are read: all, or the first and the last half of the allowed number. */
function keptTokens(count: number, most: number): readonly number[] {
  const tail = Math.floor(most / 2);
  return Array.from({ length: Math.min(count, most) }, (_, i) => (count <= most || i < most - tail ? i : count - most + i));
}

/** Normal forms of a text's tokens, for counting a vocabulary. */
export function normalForms(text: string): string[] {
  const { starts, ends, kinds } = segment(text);
  return starts.map((start, i) => normalForm(text.slice(start, ends[i]), kinds[i]!));
}
