/** A family of texts, or a fold of one, that is kept out of training altogether, to see how a model reads what it never met. */
import { TidewatchError } from '#contracts';
import type { LabelledText } from './read-texts.js';

export interface LeftOut {
  readonly source: string;
  /** The texts of the source whose place in it leaves this rest; null for all of them. */
  readonly fold: { readonly rest: number; readonly of: number } | null;
}

/** `amazon_multidomain`, or `cr.all:0/10` for the first of ten folds. */
export function parseLeftOut(name: string, sources: readonly string[]): LeftOut {
  const [, source = '', rest, of] = /^([^:]+)(?::(\d+)\/(\d+))?$/.exec(name) ?? [];
  if (!sources.includes(source) || (of !== undefined && !(Number(rest) < Number(of)))) throw new TidewatchError('SETTING_INVALID', `${name} cannot be left out: one of ${sources.join(', ')} was expected, or a fold of it, such as cr.all:0/10.`);
  return { source, fold: of === undefined ? null : { rest: Number(rest), of: Number(of) } };
}

/** Whether each text is left out. */
export function leftOutOf(texts: readonly LabelledText[], leftOut: LeftOut | null): boolean[] {
  let place = -1;
  return texts.map(({ source }) => {
    if (leftOut === null || source !== leftOut.source) return false;
    place += 1;
    return leftOut.fold === null || place % leftOut.fold.of === leftOut.fold.rest;
  });
}

/** The letters of a text: the sets of sentences repeat each other with other spaces and signs. */
export const lettersOf = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
