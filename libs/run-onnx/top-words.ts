/**
 * The words that a text's attention fell on. Tokens that have the same embedding rows are one word to the model
 * (`Bad` and `bad`), so their shares are summed; the span shown is the occurrence with the largest share.
 * Punctuation carries attention too, but says nothing to a reader, and is left out.
 */
import type { TokenizedText } from '#models';

export const MOST_WORDS = 5;
const SAYS_SOMETHING = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;

export interface WordSpan {
  readonly start: number;
  readonly end: number;
  /** Sum of the word's attention in the text, 0 to 1. */
  readonly weight: number;
}

/**
 * @param tokens rows [length, slots]
 * @param attention shares of one text, [T], T >= length
 * @returns at most five, highest first, the earlier in the text first where equal; none when the attention is not finite
 */
export function topWords(text: string, tokens: TokenizedText, attention: Float32Array): WordSpan[] {
  const { rows, starts, ends, length } = tokens;
  const slots = rows.length / length;
  const first = new Map<number, number[]>(); // by the first row that is not empty: the tokens that stand for a word
  const sums = new Float64Array(length); // at the token that stands for its word
  const largest = Int32Array.from({ length }, (_, token) => token); // token with the largest share of the word
  for (let token = 0; token < length; token += 1) {
    const share = attention[token]!;
    if (!Number.isFinite(share)) return [];
    if (ends[token] === starts[token]) continue;
    const key = leadingRow(rows, token, slots);
    const known = first.get(key);
    const same = known?.find((other) => sameRows(rows, other, token, slots));
    if (same === undefined) {
      sums[token] = share;
      if (known === undefined) first.set(key, [token]);
      else known.push(token);
    } else {
      sums[same]! += share;
      if (share > attention[largest[same]!]!) largest[same] = token;
    }
  }
  return highest(text, tokens, sums, largest);
}

function highest(text: string, { starts, ends, length }: TokenizedText, sums: Float64Array, largest: Int32Array): WordSpan[] {
  const words: WordSpan[] = [];
  while (words.length < MOST_WORDS) {
    let best = -1;
    for (let token = 0; token < length; token += 1) if (sums[token]! > (best === -1 ? 0 : sums[best]!)) best = token;
    if (best === -1) break;
    const start = starts[largest[best]!]!;
    const end = ends[largest[best]!]!;
    if (SAYS_SOMETHING.test(text.slice(start, end))) words.push({ start, end, weight: sums[best]! });
    sums[best] = 0;
  }
  return words;
}

function leadingRow(rows: Int32Array, token: number, slots: number): number {
  for (let slot = 0; slot < slots; slot += 1) if (rows[token * slots + slot] !== 0) return rows[token * slots + slot]!;
  return 0;
}

function sameRows(rows: Int32Array, a: number, b: number, slots: number): boolean {
  for (let slot = 0; slot < slots; slot += 1) if (rows[a * slots + slot] !== rows[b * slots + slot]) return false;
  return true;
}
