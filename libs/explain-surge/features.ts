/**
 * What a review carries that may name a cause: its words and pairs of neighbouring words (without those that every English text has; in
 * other languages the test against the normal keeps common ones out), the aspects it speaks of, and what its producer said of it.
 */
import type { Complaint, SurgeContributor } from '#contracts';
import type { Aspects } from './lexicon.js';
import { aspectsIn, wordsOf } from './mentions.js';

export type Kind = SurgeContributor['kind'];

const READ = 2_000;
const VALUE_LENGTH = 60;
const COMMON = new Set(
  ('a an the and or but nor so yet if then else than that this these those there here where when while who whom whose which what why how i me my mine myself we us our ours you your yours he him his she '
    + 'her hers it its itself they them their theirs is am are was were be been being do does did done doing have has had having will would shall should can could may might must ought not no yes never ever '
    + 'always only just even also too very much many more most less least few some any all both each every either neither other another such own same again once already still now soon later before after '
    + 'about above below over under up down in out on off at by for from with without to into onto of as like through during until since because though although however therefore well really quite rather '
    + 'almost maybe perhaps get gets got getting go goes going gone went come comes came make makes made making take takes took say says said see seen know knew think thought want wanted need needed use used using try '
    + 'tried thing things something anything nothing everything one two first last lot lots way time day back good great bad best better worse worst nice im ive id ill dont doesnt didnt cant couldnt wont '
    + 'wouldnt isnt arent wasnt werent hasnt havent hadnt youre theyre thats theres whats lets let keep keeps kept put give gives gave given tell told buy bought product products item items review reviews star stars')
    .split(' '),
);

/** Each feature once, as `kind` and `value` with a line feed between. */
export function featuresOf({ text, appVersion, region, source, lang, verified }: Complaint, aspects: Aspects): Set<string> {
  const found = new Set<string>();
  const add = (kind: Kind, value: string | null): void => {
    const line = value === null ? '' : value.slice(0, VALUE_LENGTH).replace(/\s+/g, ' ').replace(/\p{Surrogate}/gu, '\ufffd').trim();
    if (line !== '') found.add(`${kind}\n${line}`);
  };
  const read = text.slice(0, READ);
  const words = wordsOf(read);
  words.forEach((word, i) => {
    const telling = isTelling(word);
    if (telling) add('term', word);
    const next = words[i + 1];
    if (next === undefined) return;
    if (telling && isTelling(next)) add('phrase', `${word} ${next}`);
  });
  for (const aspect of aspectsIn(aspects, read)) add('aspect', aspect);
  add('version', appVersion);
  add('region', region);
  add('source', source);
  add('language', lang);
  if (verified !== null) add('verified', verified ? 'yes' : 'no');
  return found;
}

const isTelling = (word: string): boolean => word.length >= 3 && word.length <= 30 && !COMMON.has(word) && !/^\p{N}+$/u.test(word);
