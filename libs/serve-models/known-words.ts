/**
 * How much of a text a model can read: its words, and those of them that stand in the model's vocabulary. The rest reach the model
 * through their character n-grams alone. Another language, heavy distortion and chance characters all show as few known words.
 */
import type { TokenizedText } from '#models';

export interface WordCount {
  readonly words: number;
  readonly known: number;
}

/** Tokens that begin with a letter count as words. */
export function countWords(text: string, { rows, starts, ends, length }: TokenizedText): WordCount {
  const slots = rows.length / length;
  let words = 0;
  let known = 0;
  for (let token = 0; token < length; token += 1) {
    const start = starts[token]!;
    if (start === ends[token] || !beginsWithLetter(text, start)) continue;
    words += 1;
    if (rows[token * slots] !== 0) known += 1; // a token's first row is its word's, or the empty one
  }
  return { words, known };
}

const LETTER = /\p{L}/u;

function beginsWithLetter(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code >= 128) return LETTER.test(String.fromCodePoint(text.codePointAt(at)!));
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}
