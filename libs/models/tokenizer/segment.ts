/**
 * Cuts a text into tokens: words (with what hides inside them: don't, cr@p, f**k, 4.5), ideographs, emoji with their
 * modifiers (a row of equal emoji is one token), and runs of punctuation. Works on the text as given, so that a token's
 * span can be shown to a reader; what a token means is decided after it is normalised (normalize.ts).
 */
import { type CodeUnits } from './code-units.js';
import { DIGIT, EMOJI, LETTER, PUNCTUATION, SPACE, ZERO_WIDTH_JOINER, classOf, isRegionalIndicator, modifiesEmoji } from './characters.js';

const DOLLAR = 0x24;
const APOSTROPHE = 0x27;
const STAR = 0x2a;
const COMMA = 0x2c;
const DOT = 0x2e;
const AT = 0x40;
const CURLY_APOSTROPHE = 0x2019;

/** Kind of token: one of the character classes; a word is LETTER, a number DIGIT. */
export interface Segments {
  /** UTF-16 offsets into the text, per token. */
  readonly starts: number[];
  readonly ends: number[];
  readonly kinds: number[];
}

export function segment(text: CodeUnits): Segments {
  const segments: Segments = { starts: [], ends: [], kinds: [] };
  let at = 0;
  while (at < text.length) {
    const codePoint = text.codePointAt(at);
    const kind = classOf(codePoint);
    const next = at + widthOf(codePoint);
    if (kind === SPACE) {
      at = next;
      continue;
    }
    let end = next;
    let shownAs = kind;
    if (kind === LETTER || kind === DIGIT || startsDisguisedWord(text, at)) {
      [end, shownAs] = wordEnd(text, at);
    } else if (kind === EMOJI) {
      end = emojiEnd(text, at);
    } else if (kind === PUNCTUATION) {
      while (end < text.length && classOf(text.codePointAt(end)) === PUNCTUATION && !startsDisguisedWord(text, end)) end += widthOf(text.codePointAt(end));
    }
    segments.starts.push(at);
    segments.ends.push(end);
    segments.kinds.push(shownAs);
    at = end;
  }
  return segments;
}

const widthOf = (codePoint: number): number => (codePoint > 0xffff ? 2 : 1);
const classAt = (text: CodeUnits, at: number): number => (at < text.length ? classOf(text.codePointAt(at)) : SPACE);

/** "$ucks": a dollar sign that a letter follows. */
function startsDisguisedWord(text: CodeUnits, at: number): boolean {
  return text.codeAt(at) === DOLLAR && classAt(text, at + 1) === LETTER;
}

function wordEnd(text: CodeUnits, start: number): [end: number, kind: number] {
  let at = start;
  let kind = DIGIT;
  let last = SPACE;
  while (at < text.length) {
    const codePoint = text.codePointAt(at);
    const found = classOf(codePoint);
    if (found === LETTER || found === DIGIT) {
      if (found === LETTER) kind = LETTER;
      last = found;
      at += widthOf(codePoint);
    } else {
      const joined = joinerEnd(text, at, last, at === start);
      if (joined === at) break;
      at = joined;
    }
  }
  return [at, kind];
}

/** End of a sign that stands inside a word or a number; `at` itself when the word ends here. */
function joinerEnd(text: CodeUnits, at: number, before: number, first: boolean): number {
  const sign = text.codeAt(at);
  const after = classAt(text, at + 1);
  if (sign === DOLLAR && first) return at + 1;
  if (before === DIGIT && after === DIGIT && (sign === DOT || sign === COMMA)) return at + 1;
  if (before !== SPACE && after === LETTER && (sign === APOSTROPHE || sign === CURLY_APOSTROPHE || sign === AT || sign === DOLLAR)) return at + 1;
  if (sign !== STAR || before === SPACE) return at;
  let end = at;
  while (text.codeAt(end) === STAR) end += 1;
  return end - at <= 4 && classAt(text, end) === LETTER ? end : at;
}

function emojiEnd(text: CodeUnits, start: number): number {
  const first = text.codePointAt(start);
  let end = start;
  do end = oneEmojiEnd(text, end); while (text.codePointAt(end) === first);
  return end;
}

function oneEmojiEnd(text: CodeUnits, start: number): number {
  const first = text.codePointAt(start);
  let end = start + widthOf(first);
  if (isRegionalIndicator(first) && isRegionalIndicator(text.codePointAt(end))) return end + 2;
  for (;;) {
    const codePoint = text.codePointAt(end);
    if (modifiesEmoji(codePoint)) end += widthOf(codePoint);
    else if (codePoint === ZERO_WIDTH_JOINER && classAt(text, end + 1) === EMOJI) end += 1 + widthOf(text.codePointAt(end + 1));
    else return end;
  }
}

