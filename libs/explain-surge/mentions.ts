/**
 * Which aspects a review speaks of. A mention counts within its clause, between marks of punctuation and words such as "but":
 * two words of different clauses are no phrase, and a word that names a fault does not count where it is negated there ("no crash since").
 */
import type { Aspects } from './lexicon.js';

const BREAKS = /[^\p{L}\p{N}\s'’\-/&_%]+|\b(?:but|although|though|however|except|while|whereas)\b/giu;
const NEGATORS = new Set('no not never without nothing none neither nor zero dont doesnt didnt isnt arent wasnt werent wont wouldnt cant couldnt hasnt havent hadnt'.split(' '));
/** "Never stops crashing" is no good news. */
const UNDONE = /^(?:stop|quit|fail|only|just)/;
const REACH = 3;

/** Lower case, without apostrophes. */
export const wordsOf = (text: string): string[] => text.normalize('NFKC').toLowerCase().replace(/['’]/g, '').match(/[\p{L}\p{N}]+/gu) ?? [];

export function aspectsIn(aspects: Aspects, text: string): Set<string> {
  const found = new Set<string>();
  for (const words of text.split(BREAKS).map(wordsOf)) {
    words.forEach((word, i) => {
      for (const mention of [aspects.find(word), i + 1 < words.length ? aspects.find(`${word} ${words[i + 1]}`) : null]) {
        if (mention !== null && !(mention.fault && isNegated(words, i))) found.add(mention.aspect);
      }
    });
  }
  return found;
}

function isNegated(words: readonly string[], at: number): boolean {
  for (let i = at - 1; i >= Math.max(0, at - REACH); i -= 1) {
    if (UNDONE.test(words[i]!)) return false;
    if (NEGATORS.has(words[i]!)) return true;
  }
  return false;
}
