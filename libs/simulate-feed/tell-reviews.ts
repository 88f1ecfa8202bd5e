/**
 * The reviews of one product in one hour of the story, with their repeats and corrections. A function of seed, start,
 * product and hour alone. A later edit of a review carries revision 1 and other words.
 * Praise, sale and surge counts are Poisson. Ordinary complaints come more evenly (one in each step of their expected
 * count, anywhere in the step), since ten days of 24 products would by chance hold two or three alarms at the default
 * budget of one per product and quarter, and a demonstration should show the one that has a cause.
 */
import { APP_SOURCES, PRODUCTS, REGIONS, REGION_WEIGHTS, SHOP_SOURCES, SOURCE_WEIGHTS } from './catalog.js';
import { composeReview, type Mood } from './compose-review.js';
import { HOUR, ordinaryHours, rhythm, saleRate, surgeRate, surgesAt, versionsAt, type Cause } from './plot.js';
import { stream, type Random } from './random.js';
import type { StoryMessage } from './message.js';

const REPEATED = 0.006;
const CORRECTED = 0.003;

export function tellReviews(seed: number, start: number, product: number, hour: number): StoryMessage[] {
  const { perHour, negativeShare } = PRODUCTS[product]!;
  const random = stream(seed, 1, product, hour);
  const middle = (hour + 0.5) * HOUR;
  const ordinary = perHour * rhythm(middle);
  const surge = surgesAt(seed, middle).find((candidate) => candidate.product === product);
  const moods: readonly (readonly [Mood, number, Cause | null])[] = [
    ['praise', random.poisson(ordinary * (1 - negativeShare)), null],
    ['blame', complaints(seed, product, hour), null],
    ['sale', random.poisson(saleRate(product, middle)), null],
    ['surge', surge === undefined ? 0 : random.poisson(surgeRate(surge, middle)), surge?.cause ?? null],
  ];
  return moods.flatMap(([mood, count, cause]) => Array.from({ length: count }, () => tellReview(random, start, product, hour, mood, cause)).flat());
}

/** Number of steps k whose moment, k and a fraction drawn for it, is passed within the hour by the expected count. */
function complaints(seed: number, product: number, hour: number): number {
  const { perHour, negativeShare } = PRODUCTS[product]!;
  const expectedBy = (t: number) => perHour * negativeShare * ordinaryHours(t);
  const [from, until] = [expectedBy(hour * HOUR), expectedBy((hour + 1) * HOUR)];
  let count = 0;
  for (let step = Math.floor(from); step < until; step += 1) {
    const moment = step + stream(seed, 4, product, step).next();
    if (moment >= from && moment < until) count += 1;
  }
  return count;
}

function tellReview(random: Random, start: number, product: number, hour: number, mood: Mood, cause: Cause | null): StoryMessage[] {
  const subject = PRODUCTS[product]!;
  const since = hour * HOUR + random.below(HOUR);
  const at = start + since;
  const fields = {
    // The start is part of the id: a story told again from another day is other reviews, not conflicting ones.
    reviewId: `${(start / 86_400_000).toString(36)}-${random.hex()}${random.hex()}`,
    productId: subject.id,
    productName: subject.name,
    ...absentLeftOut(composeReview(random, subject, mood, cause)),
    reviewedAt: new Date(at).toISOString(),
    lang: 'en',
    source: (subject.kind === 'app' ? APP_SOURCES : SHOP_SOURCES)[random.weighted(SOURCE_WEIGHTS)]!,
    region: cause !== null && random.chance(0.55) ? cause.region : REGIONS[random.weighted(REGION_WEIGHTS)]!,
    ...(subject.version === null ? { verified: random.chance(0.8) } : { appVersion: version(random, product, subject.version, since, cause) }),
  };
  const message = (body: object, later: number): StoryMessage => ({ stream: 'reviews', key: subject.id, value: JSON.stringify(body), at: Math.min(at + later, start + (hour + 1) * HOUR - 1) });
  const told = [message(fields, 0)];
  const luck = random.next();
  if (luck < REPEATED) told.push(message(fields, 90_000));
  else if (luck < REPEATED + CORRECTED) told.push(message({ ...fields, revision: 1, text: `${fields.text} Edit: still the same after ${random.pick(['a day', 'a call with support', 'a second try'])}.` }, 600_000));
  return told;
}

function version(random: Random, product: number, before: string, since: number, cause: Cause | null): string {
  if (cause !== null && cause.version !== null && random.chance(0.92)) return cause.version;
  const { names, weights } = versionsAt(product, before, since);
  return names[random.weighted(weights)]!;
}

const absentLeftOut = <T extends object>(fields: T) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as { [K in keyof T]: NonNullable<T[K]> };
