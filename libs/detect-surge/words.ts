/**
 * The words of a review that may name a cause: those the model attended to first, then the text's own, without the words that
 * every English text has (in other languages Space-Saving and the significance check keep the common ones out).
 */
import type { WordWeight } from '#contracts';

const MOST = 12;
const READ = 600;
const COMMON = new Set(
  ('this that with have from they them their there then than been were will would could should about after again also because before being both '
    + 'does doing each even ever every just like more most much only other over same some such very what when where which while your yours into '
    + 'here make made many never still well work works working using used good great product really thing things want cant dont didnt doesnt wont')
    .split(' '),
);

/** A string that UTF-8 can hold: a cut pair becomes U+FFFD here and not in storage, where it would change what is read back. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

export function wordsOf(text: string, topWords: readonly WordWeight[]): readonly string[] {
  const found = new Set<string>();
  for (const { word } of topWords) add(found, word);
  for (const match of text.slice(0, READ).matchAll(/[\p{L}\p{N}]{4,}/gu)) {
    if (found.size >= MOST) break;
    add(found, match[0]);
  }
  return [...found];
}

function add(found: Set<string>, word: string): void {
  const plain = word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  if (plain.length >= 4 && plain.length <= 20 && !COMMON.has(plain)) found.add(plain);
}
