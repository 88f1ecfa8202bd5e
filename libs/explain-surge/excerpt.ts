/** The part of a review that is shown, and which of the model's words lie in it. */
import type { WordWeight } from '#contracts';

const EXCERPT_LENGTH = 280;
const LEAD = 100;
const MOST_WORDS = 5;
const WORD_LENGTH = 40;

/** A cut of the text around its weightiest word, and the words that lie inside, with offsets into the cut. */
export function excerptOf(text: string, topWords: readonly WordWeight[]): { excerpt: string; words: WordWeight[] } {
  let from = 0;
  const first = topWords[0];
  if (text.length > EXCERPT_LENGTH && first !== undefined && first.end > EXCERPT_LENGTH) {
    from = Math.min(Math.max(0, first.start - LEAD), text.length - EXCERPT_LENGTH);
    const space = text.indexOf(' ', from);
    if (space >= 0 && space < first.start) from = space + 1;
    if (isLowSurrogate(text.charCodeAt(from))) from += 1;
  }
  let to = Math.min(text.length, from + EXCERPT_LENGTH);
  if (to < text.length && isLowSurrogate(text.charCodeAt(to))) to -= 1;
  const words = topWords
    .filter((w) => w.start >= from && w.end <= to)
    .slice(0, MOST_WORDS)
    .map(({ word, start, end, weight }) => ({ word: wellFormed(word.slice(0, WORD_LENGTH)), start: start - from, end: end - from, weight }));
  return { excerpt: wellFormed(text.slice(from, to)), words };
}

/** A string that UTF-8 can hold: a cut pair becomes U+FFFD here and not in storage, where it would change what is read back. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
