/**
 * What a token is looked up by: its normal form in the vocabulary, and up to three keys that stay the same under what
 * people do to words, each hashed to a row of its own:
 * - skeleton: accents off, digits and signs read as the letters they imitate, no letter twice in a row: b4d, baaad -> bad
 * - consonants: the skeleton's first letter and its consonants: terible, terrable, terrible -> trbl
 * - stem: the skeleton's first five letters: disappointed, disappointing -> disap
 * Words of three letters have no consonants key and words of five no stem: they would collide with too many others.
 */
import { DIGIT, LETTER } from './characters.js';

/** Longest part of a token that is looked at, in UTF-16 code units: nobody writes such words, but some paste them. */
const LONGEST = 48;
const IMITATES: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', '@': 'a', $: 's' };

/** The form that the vocabulary holds. `kind` as from segment. */
export function normalForm(token: string, kind: number): string {
  const plain = token.slice(0, LONGEST).normalize('NFKC').toLowerCase();
  if (kind === DIGIT) return numberForm(plain);
  if (kind !== LETTER) return plain.replace(/\ufe0f|[\u{1f3fb}-\u{1f3ff}]/gu, '').replace(/(.)\1+/gsu, '$1$1');
  return plain.replace(/[\u200b-\u200d\ufeff\u00ad]/g, '').replace(/’/g, "'").replace(/(.)\1{2,}/gsu, '$1$1');
}

/** Up to two digits stay (stars, hours, sizes); of longer numbers only the shape: 1999 -> 0000, 4.5 -> 4.5, 129.99 -> 000.00 */
function numberForm(plain: string): string {
  return plain.length <= 3 && plain.replace(/[.,]/g, '').length <= 2 ? plain : plain.replace(/\p{N}/gu, '0').slice(0, 8);
}

/** Each letter once where the form has it twice: soo -> so. The vocabulary is asked for it second. */
export const withoutRepeats = (form: string): string => form.replace(/(.)\1+/gsu, '$1');

/** The keys of a normal form, most exact first; '' where a key is left out. */
export function hashedKeys(form: string, kind: number): readonly [string, string, string] {
  if (kind !== LETTER) return [form, '', ''];
  const skeleton = skeletonOf(form);
  const consonants = skeleton.slice(0, 1) + skeleton.slice(1).replace(/[aeiouy]/g, '');
  return [`s${skeleton}`, skeleton.length > 3 ? `c${consonants}` : '', skeleton.length > 5 ? `p${skeleton.slice(0, 5)}` : ''];
}

function skeletonOf(form: string): string {
  const bare = /^[\x00-\x7f]*$/.test(form) ? form : form.normalize('NFKD').replace(/\p{M}/gu, '');
  return withoutRepeats(bare.replace(/[013457@$]/g, (sign) => IMITATES[sign]!).replace(/['*]/g, ''));
}

/** FNV-1a over UTF-16 code units, then the finalizer of MurmurHash3 so that the low bits are mixed too. */
export function hashOf(key: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
