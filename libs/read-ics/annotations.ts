/**
 * What an entry says for Tidewatch: properties X-TIDEWATCH-PRODUCTS (ids between commas), X-TIDEWATCH-FACTOR, X-TIDEWATCH-MUTE and a kind
 * among its CATEGORIES; or, since few calendars let anybody write properties, a line of the description:
 *
 *   tidewatch: factor=3 products=kettle,toaster kind=sale
 *   tidewatch: mute
 */
import { EVENT_KINDS, LEAST_FACTOR, MOST_EVENT_PRODUCTS, MOST_FACTOR, type EventKind } from '#contracts';
import { fault, shown, type ContentLine } from './lines.js';

export interface Said {
  readonly kind: EventKind | null;
  readonly products: readonly string[] | null;
  readonly factor: number | null;
  readonly mute: boolean | null;
}

type Draft = { -readonly [K in keyof Said]: Said[K] };
const LINE = /^[ \t]*tidewatch:(.*)$/i;
const LONGEST_PRODUCT = 1_000;

/** `lines` of one VEVENT. INPUT_FILE_INVALID names the line. */
export function saidBy(lines: readonly ContentLine[]): Said {
  const said: Draft = { kind: null, products: null, factor: null, mute: null };
  for (const { number, name, value } of lines) {
    if (name === 'X-TIDEWATCH-PRODUCTS') said.products = productsOf(number, plain(value));
    if (name === 'X-TIDEWATCH-FACTOR') said.factor = factorOf(number, value);
    if (name === 'X-TIDEWATCH-MUTE') said.mute = muteOf(number, value);
    if (name === 'CATEGORIES') said.kind = value.split(',').map((each) => plain(each).trim().toLowerCase()).find(isKind) ?? said.kind;
    if (name === 'DESCRIPTION') for (const text of plain(value).split('\n')) takeLine(number, text, said);
  }
  return said;
}

function takeLine(number: number, text: string, said: Draft): void {
  const words = LINE.exec(text)?.[1];
  if (words === undefined) return;
  for (const word of words.trim().split(/\s+/)) {
    const [key, ...rest] = word.split('=');
    const value = rest.join('=');
    if (key === 'factor') said.factor = factorOf(number, value);
    else if (key === 'products') said.products = productsOf(number, value);
    else if (key === 'mute' && value === '') said.mute = true;
    else if (key === 'kind' && isKind(value)) said.kind = value;
    else throw fault(number, `found ${shown(word)} behind "tidewatch:", expected factor=NUMBER, products=ID,ID, kind=${EVENT_KINDS.join('|')} or mute.`);
  }
}

const isKind = (text: string): text is EventKind => (EVENT_KINDS as readonly string[]).includes(text);

/** Escapes of a text value undone. */
export const plain = (value: string): string => value.replace(/\\([\\;,nN])/g, (_, escaped: string) => (escaped === 'n' || escaped === 'N' ? '\n' : escaped));

function factorOf(number: number, text: string): number {
  const factor = Number(text);
  if (text.trim() === '' || !(factor >= LEAST_FACTOR && factor <= MOST_FACTOR)) throw fault(number, `found the factor ${shown(text)}, expected a number from ${LEAST_FACTOR} to ${MOST_FACTOR}: expected volume, times the usual.`);
  return factor;
}

function productsOf(number: number, text: string): readonly string[] | null {
  const products = [...new Set(text.split(',').map((each) => each.trim()).filter((each) => each !== ''))];
  if (products.length > MOST_EVENT_PRODUCTS || products.some((each) => each.length > LONGEST_PRODUCT)) throw fault(number, `found ${products.length} products, expected at most ${MOST_EVENT_PRODUCTS}, each of at most ${LONGEST_PRODUCT} characters.`);
  return products.length === 0 || (products.length === 1 && products[0] === '*') ? null : products;
}

function muteOf(number: number, text: string): boolean {
  const word = text.trim().toUpperCase();
  if (word !== 'TRUE' && word !== 'FALSE') throw fault(number, `found X-TIDEWATCH-MUTE ${shown(text)}, expected TRUE or FALSE.`);
  return word === 'TRUE';
}
