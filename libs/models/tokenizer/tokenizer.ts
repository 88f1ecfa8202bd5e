/**
 * Text to embedding rows. Each token has `slots` rows: its word's (0 when the vocabulary lacks it) and those of its
 * hashed keys (with `knownAlone` only where it does), so that an unknown, misspelt or disguised word still lands near its relatives. Of a long text the head and
 * the tail are kept: reviews state their verdict there. The result is a function of the text alone; a memo of words seen
 * only makes it fast.
 */
import type { TokenizerSpec } from '#contracts';
import { CodeUnits } from './code-units.js';
import { hashOf, hashedKeys, normalForm, withoutRepeats } from './normalize.js';
import { segment } from './segment.js';
import { WordMemo } from './word-memo.js';

/** Row 0 is empty, then come the words, then the hashed keys. */
export const FIRST_WORD_ROW = 1;
const BUCKETS: readonly number[] = [8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];

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
  const { slots, maxTokens, knownAlone = false } = spec;
  const memo = new WordMemo(slots);
  const units = new CodeUnits();

  const rowsOf = (token: string, kind: number): Int32Array => {
    const form = normalForm(token, kind);
    const rows = new Int32Array(slots);
    rows[0] = rowOfWord.get(form) ?? rowOfWord.get(withoutRepeats(form)) ?? 0;
    if (knownAlone && rows[0] !== 0) return rows;
    hashedKeys(form, kind).slice(0, slots - 1).forEach((key, i) => {
      if (key !== '') rows[i + 1] = firstHashRow + (hashOf(key) % spec.hashRows);
    });
    return rows;
  };

  return {
    spec,
    tokenize(text) {
      const { starts, ends, kinds } = segment(units.read(text));
      const kept = Math.min(starts.length, maxTokens);
      const head = starts.length <= maxTokens ? kept : maxTokens - Math.floor(maxTokens / 2);
      const length = Math.max(1, kept);
      const result = { rows: new Int32Array(length * slots), starts: new Int32Array(length), ends: new Int32Array(length), length };
      for (let to = 0; to < kept; to += 1) {
        const from = to < head ? to : starts.length - kept + to; // all, or the first and the last half of the allowed number
        const start = starts[from]!;
        const end = ends[from]!;
        result.starts[to] = start;
        result.ends[to] = end;
        memo.copy(units.units, start, end, result.rows, to * slots, () => rowsOf(text.slice(start, end), kinds[from]!));
      }
      return result;
    },
  };
}

/** Normal forms of a text's tokens, for counting a vocabulary. */
export function normalForms(text: string): string[] {
  const { starts, ends, kinds } = segment(new CodeUnits().read(text));
  return starts.map((start, i) => normalForm(text.slice(start, ends[i]), kinds[i]!));
}
