/** One review's words from the grammar in phrases.ts: opener, one or two points, closer; sentiment and stars agree. */
import type { Product } from './catalog.js';
import { BLAME_CLOSERS, BLAME_OPENERS, BLAME_TITLES, COMMON, MIXED, OF_PRODUCT, PERSON, PRAISE_CLOSERS, PRAISE_OPENERS, PRAISE_TITLES, SALE_PRAISE, WHEN, WHEN2 } from './phrases.js';
import type { Cause } from './plot.js';
import type { Random } from './random.js';

export type Mood = 'praise' | 'blame' | 'surge' | 'sale';

export interface Words {
  readonly title: string | null;
  readonly text: string;
  readonly rating: number | null;
}

export function composeReview(random: Random, product: Product, mood: Mood, cause: Cause | null): Words {
  const unhappy = mood === 'blame' || mood === 'surge';
  const side = unhappy ? 'blame' : 'praise';
  const common = COMMON[product.kind === 'app' ? 'app' : 'thing'][side];
  const own = OF_PRODUCT[product.id]?.[side] ?? common;
  const points = [random.pick(mood === 'surge' && cause !== null ? cause.complaints : random.chance(0.65) ? own : common)];
  if (random.chance(mood === 'surge' ? 0.15 : 0.4)) {
    const second = random.pick(random.chance(0.5) ? own : common);
    if (!points.includes(second)) points.push(second);
  }
  const mixed = mood === 'praise' && random.chance(0.04);
  const opener = mixed ? random.pick(MIXED) : mood === 'sale' ? random.pick(SALE_PRAISE) : random.pick(unhappy ? BLAME_OPENERS : PRAISE_OPENERS);
  const body = sentence(opener, joinPoints(random, points));
  const closer = random.pick(unhappy ? BLAME_CLOSERS : PRAISE_CLOSERS);
  const text = fill(random, product, closer === '' || mixed ? body : `${body} ${closer}`);
  const titles = mood === 'surge' && cause !== null ? cause.titles : unhappy ? BLAME_TITLES : PRAISE_TITLES;
  return { title: !mixed && random.chance(0.45) ? random.pick(titles) : null, text: typed(random, text), rating: random.chance(0.92) ? stars(random, unhappy, mixed) : null };
}

function stars(random: Random, unhappy: boolean, mixed: boolean): number {
  if (mixed) return random.chance(0.7) ? 3 : 4;
  return unhappy ? (random.chance(0.75) ? 1 : 2) : (random.chance(0.7) ? 5 : 4);
}

const joinPoints = (random: Random, points: readonly string[]) => points.length === 1 ? points[0]! : points.join(random.pick([' and ', ', and ', '; also, ']));

/** "Love it: the sound …" and "Excellent. The sound …": the points go on or begin anew, as the opener ends. */
function sentence(opener: string, points: string): string {
  const begins = opener === '' || opener.endsWith('.');
  const body = begins ? points[0]!.toUpperCase() + points.slice(1) : points;
  return `${opener === '' ? '' : `${opener} `}${body}.`;
}

const fill = (random: Random, product: Product, text: string) =>
  text.replaceAll('{name}', product.name).replaceAll('{when}', random.pick(WHEN)).replaceAll('{when2}', random.pick(WHEN2)).replaceAll('{person}', random.pick(PERSON));

/** People do not all type alike: some all in lower case, some without the last stop, some with a stress too many. */
function typed(random: Random, text: string): string {
  const habit = random.next();
  if (habit < 0.12) return text.toLowerCase();
  if (habit < 0.2) return text.replace(/\.$/, '');
  return habit < 0.26 ? text.replace(/[.]$/, '!!') : text;
}
