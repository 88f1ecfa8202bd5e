/**
 * The reviews that show a surge best: at most four, high P(negative), no near-copies of each other (MinHash over four-letter
 * shingles: Broder 1997; a signature of an older version is nobody's copy). Before a surge opens the newest candidates are kept, so that the opening already has its evidence.
 */
import type { SurgeEvidence, SurgeObservation, WordWeight } from '#contracts';
import type { SurgeSettings } from './settings.js';
import type { Draft, EvidenceItem } from './tracker.js';

export const EVIDENCE_SIZE = 4;
export const SIGNATURE_SIZE = 8;
/** Of a hash, those that say the place. */
const PLACE_BITS = 3;
const EMPTY = 0xffffffff;
const EXCERPT_LENGTH = 280;
/** Equal MinHash values, of SIGNATURE_SIZE, from which two texts are near-copies. */
const COPY_MATCHES = 5;

export function keepEvidence(_settings: SurgeSettings, draft: Draft, observation: SurgeObservation, pNegative: number): void {
  const { text, topWords, reviewId, position, at } = observation;
  const full = draft.evidence.length >= EVIDENCE_SIZE;
  const lowest = draft.evidence.reduce((low, item, i) => (item.pNegative < draft.evidence[low]!.pNegative ? i : low), 0);
  if (full && draft.episode !== null && draft.evidence[lowest]!.pNegative >= pNegative) return;
  const { excerpt, words } = excerptOf(text, topWords);
  const item: EvidenceItem = { reviewId: wellFormed(reviewId), position, at, pNegative, excerpt, topWords: words, signature: signatureOf(text) };
  const copy = draft.evidence.findIndex((other) => isCopy(other.signature, item.signature));
  if (copy >= 0) {
    if (draft.evidence[copy]!.pNegative < pNegative) draft.evidence = draft.evidence.with(copy, item);
  } else if (!full) draft.evidence = [...draft.evidence, item];
  else draft.evidence = [...draft.evidence.toSpliced(draft.episode === null ? 0 : lowest, 1), item];
}

export function rankEvidence(items: readonly EvidenceItem[]): SurgeEvidence[] {
  return items
    .toSorted((a, b) => b.pNegative - a.pNegative || a.at - b.at || (a.reviewId < b.reviewId ? -1 : 1))
    .map(({ reviewId, position, at, pNegative, excerpt, topWords }, i) => ({ rank: i + 1, reviewId, position, at, pNegative, excerpt, topWords }));
}

/** A cut of the text around its weightiest word, and the words that lie inside, with offsets into the cut. */
export function excerptOf(text: string, topWords: readonly WordWeight[]): { excerpt: string; words: WordWeight[] } {
  let from = 0;
  const first = topWords[0];
  if (text.length > EXCERPT_LENGTH && first !== undefined && first.end > EXCERPT_LENGTH) {
    from = Math.min(Math.max(0, first.start - 100), text.length - EXCERPT_LENGTH);
    const space = text.indexOf(' ', from);
    if (space >= 0 && space < first.start) from = space + 1;
    if (isLowSurrogate(text.charCodeAt(from))) from += 1;
  }
  let to = Math.min(text.length, from + EXCERPT_LENGTH);
  if (to < text.length && isLowSurrogate(text.charCodeAt(to))) to -= 1;
  const words = topWords
    .filter((w) => w.start >= from && w.end <= to)
    .slice(0, 5)
    .map(({ word, start, end, weight }) => ({ word: wellFormed(word.slice(0, 40)), start: start - from, end: end - from, weight }));
  return { excerpt: wellFormed(text.slice(from, to)), words };
}

/** A string that UTF-8 can hold: a cut pair becomes U+FFFD here and not in storage, where it would change what is read back. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/**
 * One-permutation MinHash (Li, Owen & Zhang 2012) of the four-letter shingles of letters and digits, lower case; [SIGNATURE_SIZE] of 16 bits: each shingle is
 * hashed once and falls into one of the places, which keeps its least. A place without a shingle takes that of the next (Shrivastava & Li 2014).
 */
export function signatureOf(text: string): Uint16Array {
  const plain = text.slice(0, 600).toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
  const lowest = new Uint32Array(SIGNATURE_SIZE).fill(EMPTY);
  for (let i = 0; i === 0 || i + 4 <= plain.length; i += 1) {
    let hash = 0x811c9dc5;
    for (let j = i; j < Math.min(i + 4, plain.length); j += 1) hash = Math.imul(hash ^ plain.charCodeAt(j), 0x01000193);
    const mixed = mix(hash);
    const place = mixed % SIGNATURE_SIZE;
    if (mixed < lowest[place]!) lowest[place] = mixed;
  }
  return Uint16Array.from(lowest, (_, place) => {
    let from = 0;
    while (lowest[(place + from) % SIGNATURE_SIZE] === EMPTY) from += 1;
    return ((lowest[(place + from) % SIGNATURE_SIZE]! >>> PLACE_BITS) + from * 0x9e37) & 0xffff;
  });
}

function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export function isCopy(a: Uint16Array, b: Uint16Array): boolean {
  let equal = 0;
  for (let k = 0; k < SIGNATURE_SIZE; k += 1) if (a[k] === b[k]) equal += 1;
  return equal >= COPY_MATCHES;
}
