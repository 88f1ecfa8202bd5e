/** All texts as embedding rows in one shared block of memory, so that worker threads read them without a copy. */
import { bucketOf, normalForms } from '#models';
import type { Tokenizer } from '#models';

export interface TokenizedSet {
  readonly slots: number;
  /** Whether a word of the vocabulary is read by its own row alone; its hashed keys stand beside it all the same. */
  readonly knownAlone: boolean;
  /** [tokens of all texts, slots] */
  readonly rows: Int32Array;
  /** Where each text's tokens begin, and how many it has. */
  readonly offsets: Int32Array;
  readonly lengths: Int32Array;
}

export function tokenizeAll(tokenizer: Tokenizer, texts: readonly string[], knownAlone: boolean): TokenizedSet {
  const { slots } = tokenizer.spec;
  const each = texts.map((text) => tokenizer.tokenize(text));
  const total = each.reduce((sum, t) => sum + t.length, 0);
  const rows = new Int32Array(new SharedArrayBuffer(total * slots * 4));
  const offsets = new Int32Array(new SharedArrayBuffer(texts.length * 4));
  const lengths = new Int32Array(new SharedArrayBuffer(texts.length * 4));
  let at = 0;
  each.forEach((t, i) => {
    rows.set(t.rows, at * slots);
    offsets[i] = at;
    lengths[i] = t.length;
    at += t.length;
  });
  return { slots, knownAlone, rows, offsets, lengths };
}

/** Texts of one bucket, so many that a batch holds about `tokens` tokens; at least `fewest`, at most `most` of them. */
export function batchesByLength(set: TokenizedSet, indices: readonly number[], { tokens, fewest, most }: { tokens: number; fewest: number; most: number }): number[][] {
  const byBucket = new Map<number, number[]>();
  for (const i of indices) {
    const bucket = bucketOf(set.lengths[i]!);
    const list = byBucket.get(bucket);
    if (list === undefined) byBucket.set(bucket, [i]);
    else list.push(i);
  }
  const batches: number[][] = [];
  for (const [bucket, list] of [...byBucket].sort(([a], [b]) => a - b)) {
    const size = Math.min(most, Math.max(fewest, Math.floor(tokens / bucket)));
    for (let at = 0; at < list.length; at += size) batches.push(list.slice(at, at + size));
  }
  return batches;
}

/** The most frequent normal forms, seen at least `fewest` times; ties by code point, so that the same texts give the same list. */
export function countVocabulary(texts: readonly string[], most: number, fewest: number): string[] {
  const counts = new Map<string, number>();
  for (const text of texts) for (const form of normalForms(text)) counts.set(form, (counts.get(form) ?? 0) + 1);
  return [...counts]
    .filter(([form, count]) => count >= fewest && form !== '')
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([form]) => form);
}
