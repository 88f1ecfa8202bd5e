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
  const sums = new Float64Array(length); // at the first token of each word
  const largest = new Int32Array(length); // there too: the token with the largest share of the word
  const places = 2 ** Math.ceil(Math.log2(2 * length));
  const firstAt = new Int32Array(places).fill(-1); // hash table: a word's place -> its first token
  for (let token = 0; token < length; token += 1) {
    const share = attention[token]!;
    if (!Number.isFinite(share)) return [];
    if (ends[token] === starts[token]) continue;
    let place = hashOf(rows, token, slots) & (places - 1);
    while (firstAt[place] !== -1 && !sameRows(rows, firstAt[place]!, token, slots)) place = (place + 1) & (places - 1);
    const word = firstAt[place]!;
    if (word === -1) {
      firstAt[place] = token;
      sums[token] = share;
      largest[token] = token;
    } else {
      sums[word]! += share;
      if (share > attention[largest[word]!]!) largest[word] = token;
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

function hashOf(rows: Int32Array, token: number, slots: number): number {
  let hash = 0;
  for (let slot = 0; slot < slots; slot += 1) hash = Math.imul(hash ^ rows[token * slots + slot]!, 0x9e3779b1);
  return hash ^ (hash >>> 15);
}

function sameRows(rows: Int32Array, a: number, b: number, slots: number): boolean {
  for (let slot = 0; slot < slots; slot += 1) if (rows[a * slots + slot] !== rows[b * slots + slot]) return false;
  return true;
}
