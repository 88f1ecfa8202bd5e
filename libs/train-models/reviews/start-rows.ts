/**
 * The rows that an embedding table starts with, from word vectors: turned onto their principal components so that they fit
 * the width of the table. A contraction, which GloVe's tokens know only in pieces, starts in the middle between its parts
 * ("don't": do, not). A hashed key starts where the words lie that have it, the frequent ones above all, so that a word
 * outside of the vocabulary, a misspelt one for example, begins near its relatives.
 */
import { FIRST_WORD_ROW, tableRows } from '#models';
import type { Tokenizer } from '#models';
import { principalComponents } from '../principal-components.js';
import type { WordVectors } from './word-vectors.js';

/** Root mean square of a word's numbers at the start: well above the rows that are drawn. */
const SPREAD = 0.2;
/** A key listens to its words with weight 1 / (this + their rank). */
const RANK_OFFSET = 10;

export interface StartRows {
  /** [rows, size]; zeros where nothing is known. */
  readonly rows: Float32Array;
  /** Words that have a vector. */
  readonly known: number;
}

/** tokenizer: gives a word's hashed keys beside its own row. vocabulary: in row order. */
export function startRows(tokenizer: Tokenizer, vocabulary: readonly string[], vectors: WordVectors, size: number): StartRows {
  const rows = new Float32Array(tableRows(tokenizer.spec) * size);
  const found = vocabulary.map((word) => vectorOf(word, vectors));
  const present = found.filter((vector) => vector !== null);
  const { mean, directions, variances } = principalComponents(present);
  const kept = directions.slice(0, size);
  const scale = SPREAD / Math.sqrt(variances.slice(0, size).reduce((a, b) => a + b, 0) / size);
  found.forEach((vector, word) => {
    if (vector === null) return;
    const at = (FIRST_WORD_ROW + word) * size;
    kept.forEach((direction, k) => {
      let sum = 0;
      for (let i = 0; i < vector.length; i++) sum += direction[i]! * (vector[i]! - mean[i]!);
      rows[at + k] = sum * scale;
    });
  });
  startKeys(rows, tokenizer, vocabulary, found, vectors, size);
  return { rows, known: present.length };
}

function startKeys(rows: Float32Array, tokenizer: Tokenizer, vocabulary: readonly string[], found: readonly (Float32Array | null)[], vectors: WordVectors, size: number): void {
  const rankOf = new Map([...vectors.keys()].map((word, rank) => [word, rank]));
  const weights = new Float64Array(rows.length / size);
  vocabulary.forEach((word, i) => {
    const { rows: own, length } = tokenizer.tokenize(word);
    if (found[i] === null || length !== 1) return;
    const keys = [...own.subarray(1)].filter((row) => row !== 0);
    const weight = 1 / (RANK_OFFSET + (rankOf.get(word) ?? vectors.size));
    for (const key of keys) {
      weights[key]! += weight;
      for (let k = 0; k < size; k++) rows[key * size + k]! += (weight / keys.length) * rows[(FIRST_WORD_ROW + i) * size + k]!;
    }
  });
  weights.forEach((weight, row) => {
    if (weight > 0) for (let k = 0; k < size; k++) rows[row * size + k]! /= weight;
  });
}

const STEMS: Readonly<Record<string, string>> = { ca: 'can', wo: 'will', sha: 'shall', ai: 'is' };
const CLITICS: Readonly<Record<string, string>> = { re: 'are', ve: 'have', ll: 'will', d: 'would', m: 'am' };
/** Negations as they are written in haste. */
const WITHOUT_APOSTROPHE = /^(do|ca|wo|does|did|is|was|are|could|would|should|have|has|had)nt$/;

/** A word's own vector, or the mean of the parts of a contraction; null where neither is known. */
function vectorOf(word: string, vectors: WordVectors): Float32Array | null {
  const own = vectors.get(word);
  if (own !== undefined) return own;
  const negated = /^(.+)n't$/.exec(word)?.[1] ?? WITHOUT_APOSTROPHE.exec(word)?.[1];
  if (negated !== undefined) return meanOf([STEMS[negated] ?? negated, 'not'], vectors);
  const [, stem, clitic] = /^(.+)'(s|re|ve|ll|d|m)$/.exec(word) ?? [];
  if (stem === undefined) return null;
  return meanOf(clitic === 's' ? [stem] : [stem, CLITICS[clitic!]!], vectors);
}

function meanOf(words: readonly string[], vectors: WordVectors): Float32Array | null {
  const parts = words.map((word) => vectors.get(word));
  if (parts.some((part) => part === undefined)) return null;
  return Float32Array.from(parts[0]!, (_, i) => parts.reduce((sum, part) => sum + part![i]!, 0) / parts.length);
}
