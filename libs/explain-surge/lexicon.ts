/**
 * Aspects of products and services, and the words that speak of them: a file that people edit (models/aspects.json, or that of ASPECTS_FILE).
 *   { "aspects": { "battery": ["batter*", "power bank", "!swollen"] },
 *     "domains": { "cars": { "groups": ["Dodge"], "aspects": { "engine": ["engine*", "!stall*"] } } } }
 * A word ending in * stands for all that begin so, two words for a phrase. One that begins with ! says by itself that something is wrong:
 * negated ("no crash since") it speaks of nothing, while "does not charge" speaks of the battery. A domain's words hold for the products of its
 * groups, and go before the common ones. What is not listed is still found, as a term.
 */
import { TidewatchError } from '#contracts';

export interface Mention {
  readonly aspect: string;
  readonly fault: boolean;
}

const LONGEST = 40;
const MOST_WORDS = 10_000;
const MOST_KNOWN = 50_000;

/** The words that hold for one product. */
export class Aspects {
  private readonly exact = new Map<string, Mention>();
  private readonly beginnings: (readonly [string, Mention])[] = [];
  private readonly known = new Map<string, Mention | null>();

  /** Of two lists that hold the same word, the first decides. */
  constructor(...lists: readonly Readonly<Record<string, readonly string[]>>[]) {
    for (const list of lists) for (const [aspect, words] of Object.entries(list)) for (const word of words) this.add(aspect, word);
  }

  /** Of all lists, by name. */
  get names(): readonly string[] {
    return [...new Set([...this.exact.values(), ...this.beginnings.map(([, mention]) => mention)].map(({ aspect }) => aspect))].sort();
  }

  /** `words`: one, or two that stand side by side; lower case. */
  find(words: string): Mention | null {
    const direct = this.exact.get(words);
    if (direct !== undefined || words.includes(' ')) return direct ?? null;
    let found = this.known.get(words);
    if (found === undefined) {
      found = this.beginnings.find(([beginning]) => words.startsWith(beginning))?.[1] ?? null;
      if (this.known.size < MOST_KNOWN) this.known.set(words, found);
    }
    return found;
  }

  private add(aspect: string, word: string): void {
    const mention = { aspect, fault: word.startsWith('!') };
    const plain = mention.fault ? word.slice(1) : word;
    if (plain.endsWith('*')) this.beginnings.push([plain.slice(0, -1), mention]);
    else if (!this.exact.has(plain)) this.exact.set(plain, mention);
  }
}

export interface Lexicon {
  /** `group`: that of the product; null: none. The very same object for the same domain. */
  aspectsOf(group: string | null): Aspects;
}

/** `body` as it was read from `name`. SETTING_INVALID says where it is broken. */
export function lexiconFrom(body: unknown, name: string): Lexicon {
  const refuse = (where: string, found: string, expected: string): never => {
    throw new TidewatchError('SETTING_INVALID', `${name}: ${where} is ${found}, expected ${expected}. Mend it, or leave ASPECTS_FILE out for the lexicon that comes with Tidewatch.`);
  };
  const { aspects, domains = {}, ...others } = objectOf(body, 'the file', refuse);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) refuse(`"${unknown.slice(0, 40)}"`, 'unknown', 'no more than "aspects" and "domains"');
  const common = wordLists(aspects, '"aspects"', refuse);
  const plain = new Aspects(common);
  const byGroup = new Map<string, Aspects>();
  for (const [domain, given] of Object.entries(objectOf(domains, '"domains"', refuse))) {
    const where = `domain ${JSON.stringify(domain.slice(0, 60))}`;
    const { groups, aspects: words } = objectOf(given, where, refuse);
    if (!Array.isArray(groups) || groups.length === 0 || !groups.every((group) => typeof group === 'string' && group !== '')) return refuse(`"groups" of ${where}`, shown(groups), 'a list of names of product groups');
    const own = new Aspects(wordLists(words, `"aspects" of ${where}`, refuse), common);
    for (const group of groups as string[]) {
      if (byGroup.has(group)) refuse(`group ${JSON.stringify(group)} of ${where}`, 'in another domain, too', 'each group in one domain');
      byGroup.set(group, own);
    }
  }
  return { aspectsOf: (group) => (group === null ? plain : byGroup.get(group) ?? plain) };
}

type Refuse = (where: string, found: string, expected: string) => never;

const shown = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value).slice(0, 60));

function objectOf(value: unknown, where: string, refuse: Refuse): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : refuse(where, shown(value), 'an object { ... }');
}

function wordLists(value: unknown, where: string, refuse: Refuse): Readonly<Record<string, readonly string[]>> {
  const lists = Object.entries(objectOf(value, where, refuse));
  let total = 0;
  for (const [aspect, words] of lists) {
    const of = `${JSON.stringify(aspect.slice(0, LONGEST))} in ${where}`;
    if (aspect.trim() === '' || aspect.length > LONGEST) refuse(of, 'no name', `a name of 1 to ${LONGEST} characters`);
    if (!Array.isArray(words) || words.length === 0) return refuse(of, shown(words), 'a list of words');
    for (const word of words as unknown[]) if (typeof word !== 'string' || !/^!?[\p{L}\p{N}]+( [\p{L}\p{N}]+|\*)?$/u.test(word) || word !== word.toLowerCase()) refuse(`a word of ${of}`, shown(word), 'one or two words in lower case, letters and digits alone, such as "refund*", "log in" or "!crash*"');
    total += words.length;
  }
  if (total > MOST_WORDS) refuse(where, `${total} words`, `at most ${MOST_WORDS}`);
  return Object.fromEntries(lists) as Record<string, readonly string[]>;
}
