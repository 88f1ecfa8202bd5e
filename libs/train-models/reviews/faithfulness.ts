/**
 * Are the words that a model shows the ones that its score rests on? From each text its three words of highest weight are
 * deleted, and, to compare, three words drawn at random; how far does the log odds move? (Comprehensiveness, as DeYoung and
 * others 2020 call it, against a random baseline.)
 */
import type { EncodedText } from '#contracts';
import { seededRandom } from '#seeded-random';

const DELETED = 3;
const DRAWS = 5;
/** Of shorter texts three words are nearly everything. */
const FEWEST_WORDS = 10;
const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}]+)*/gu;

export interface FaithfulnessFigures {
  readonly texts: number;
  /** Median over the texts of how far the log odds moves. */
  readonly moveOfTop: number;
  readonly moveOfRandom: number;
  /** Median over the texts of the one over the other. */
  readonly medianRatio: number;
}

interface Span { readonly start: number; readonly end: number }

/** encode: as the service does. texts: those with ten words and more are used, at most `most`. */
export async function faithfulness(encode: (texts: readonly string[]) => Promise<readonly EncodedText[]>, texts: readonly string[], most: number, seed: number): Promise<FaithfulnessFigures> {
  const random = seededRandom(seed);
  const used = texts.filter((text) => wordsOf(text).length >= FEWEST_WORDS).slice(0, most);
  const whole = await encode(used);
  const withoutTop = await encode(used.map((text, i) => without(text, whole[i]!.topWords.slice(0, DELETED))));
  const withoutRandom = await encode(used.flatMap((text) => Array.from({ length: DRAWS }, () => without(text, drawn(wordsOf(text), random)))));
  const moved = (i: number, changed: EncodedText) => Math.abs(changed.logit - whole[i]!.logit);
  const rows = used.map((_, i) => ({
    top: moved(i, withoutTop[i]!),
    random: withoutRandom.slice(i * DRAWS, (i + 1) * DRAWS).reduce((sum, changed) => sum + moved(i, changed) / DRAWS, 0),
  }));
  return { texts: used.length, moveOfTop: median(rows.map(({ top }) => top)), moveOfRandom: median(rows.map((row) => row.random)), medianRatio: median(rows.map((row) => row.top / Math.max(row.random, 1e-6))) };
}

const wordsOf = (text: string): Span[] => [...text.matchAll(WORD)].map((match) => ({ start: match.index, end: match.index + match[0].length }));

function drawn(words: readonly Span[], random: () => number): Span[] {
  return words.map((word) => ({ word, key: random() })).sort((a, b) => a.key - b.key).slice(0, DELETED).map(({ word }) => word);
}

function without(text: string, spans: readonly Span[]): string {
  return [...spans].sort((a, b) => b.start - a.start).reduce((left, { start, end }) => left.slice(0, start) + left.slice(end), text);
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
