/** The reviews that show a surge over several products: in turn the best of each, the worst product first, and no near-copies of each other. */
import { copyGroups } from './copies.js';

const MOST = 5;

/** `lists`: each product's evidence, best first. */
export function evidenceOver<T extends { readonly excerpt: string }>(lists: readonly (readonly T[])[]): T[] {
  const picked: T[] = [];
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  for (let rank = 0; rank < longest; rank += 1) {
    for (const list of lists) {
      const next = list[rank];
      if (picked.length >= MOST) return picked;
      if (next !== undefined && copyGroups([...picked, next].map(({ excerpt }) => excerpt)).length === 0) picked.push(next);
    }
  }
  return picked;
}
