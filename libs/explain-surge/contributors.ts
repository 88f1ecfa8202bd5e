/**
 * What a surge's negatives have in common that the product's own negatives before it had not: each feature's share now and before,
 * their ratio, and its significance, corrected for all features that were looked at. What is merely common has a ratio near one
 * and never appears. What the producer said of a review (version, region ...) must stand out against the other reviews of the same time as
 * well: every version is new once. Of words and phrases that the same reviews carry, only the most significant is named.
 * A surge over several products is judged product by product, each against its own normal, and the evidence of all is put together; else
 * the words of the product that complains the most would stand out.
 * A function of the sets alone: the order of the reviews does not matter.
 */
import type { Complaint, SurgeContributor } from '#contracts';
import { featuresOf, type Kind } from './features.js';
import { benjaminiHochberg, stratifiedTail } from './fisher.js';
import type { Aspects } from './lexicon.js';

/** False discovery rate; and chance of a producer's field, where nothing is to it, to pass the second test. */
const SIGNIFICANT = 0.01;
const AGAINST_OTHERS = 0.05;
const MIN_CARRIERS = 3;
const MIN_SHARE = 0.05;
const MIN_RATIO = 1.5;
/** Carriers in common, of carriers of either, from which two say the same. */
const SAME = 0.6;
const REPORTED = 8;
/** Negatives that are read at most: of the surge, and of the time before it. The newest. */
export const MOST_READ = 2_000;

/** One product's part of a surge. */
export interface Reviews {
  /** Its negatives since the surge began, and before. */
  readonly now: readonly Complaint[];
  readonly before: readonly Complaint[];
  /** Its reviews since then that are not negative; their text is not read. */
  readonly others: readonly Complaint[];
  /** The lexicon that holds for it. */
  readonly aspects: Aspects;
}

/** Carriers of a feature: places among all negatives of the surge, and numbers by product. */
interface Carriers {
  readonly held: Set<number>;
  readonly now: number[];
  readonly before: number[];
  readonly others: number[];
}

interface Candidate extends Required<SurgeContributor> {
  readonly p: number;
  /** 0 where it is not asked. */
  readonly againstOthers: number;
  readonly carriers: ReadonlySet<number>;
}

/** Of one product's surge. */
export const contributorsAmong = (now: readonly Complaint[], before: readonly Complaint[], others: readonly Complaint[], aspects: Aspects): SurgeContributor[] => contributorsOver([{ now, before, others, aspects }]);

/** The most significant first; empty when nothing stands out, or nothing is known of before. */
export function contributorsOver(products: readonly Reviews[]): SurgeContributor[] {
  const n = products.reduce((sum, { now }) => sum + now.length, 0);
  const known = products.reduce((sum, { now, before }) => sum + (before.length > 0 ? now.length : 0), 0);
  if (n < MIN_CARRIERS || known === 0) return [];
  // Looked at is what has enough carriers in both together: their number is fixed by the test, so choosing by it is fair
  const looked = [...carriersOf(products)].filter(([, { held, before }]) => held.size + total(before) >= MIN_CARRIERS).sort(([a], [b]) => (a < b ? -1 : 1));
  const candidates = looked.map(([feature, { held, now, before, others }]): Omit<Candidate, 'significance'> => {
    const [kind, value] = feature.split('\n') as [Kind, string];
    // What it was before, had each product had the part in the negatives that it has now
    const usual = (share: (carriers: number, of: number) => number) => products.reduce((sum, product, i) => sum + (product.before.length === 0 ? 0 : (product.now.length / known) * share(before[i]!, product.before.length)), 0);
    const test = (against: readonly number[], size: (product: Reviews) => number) => stratifiedTail(products.map((product, i) => ({ a: now[i]!, n: product.now.length, b: against[i]!, m: size(product) })));
    return {
      kind, value, shareNow: held.size / n, shareBefore: usual((b, m) => b / m), ratio: held.size / n / usual((b, m) => (b + 0.5) / (m + 1)),
      p: test(before, (product) => product.before.length), againstOthers: isField(kind) ? test(others, (product) => product.others.length) : 0, carriers: held,
    };
  });
  const corrected = benjaminiHochberg(candidates.map(({ p }) => p));
  const standing = candidates
    .map((candidate, i): Candidate => ({ ...candidate, significance: corrected[i]! }))
    .filter((c) => c.significance <= SIGNIFICANT && c.againstOthers <= AGAINST_OTHERS && c.carriers.size >= MIN_CARRIERS && c.shareNow >= MIN_SHARE && c.ratio >= MIN_RATIO)
    .sort((x, y) => x.p - y.p || y.ratio - x.ratio || (x.value < y.value ? -1 : 1));
  const named: Candidate[] = [];
  for (const candidate of standing) {
    if (named.length >= REPORTED) break;
    if (!named.some((other) => groupOf(other.kind) === groupOf(candidate.kind) && overlap(other.carriers, candidate.carriers) >= SAME)) named.push(candidate);
  }
  return named.map(({ kind, value, shareNow, shareBefore, ratio, significance }) => ({ kind, value, shareNow, shareBefore, ratio, significance }));
}

/** Every feature of the surge's negatives. */
function carriersOf(products: readonly Reviews[]): Map<string, Carriers> {
  const found = new Map<string, Carriers>();
  const none = () => products.map(() => 0);
  let place = 0;
  products.forEach(({ now, aspects }, i) => {
    for (const complaint of now) {
      for (const feature of featuresOf(complaint, aspects)) {
        let carriers = found.get(feature);
        if (carriers === undefined) found.set(feature, (carriers = { held: new Set(), now: none(), before: none(), others: none() }));
        carriers.held.add(place);
        carriers.now[i]! += 1;
      }
      place += 1;
    }
  });
  products.forEach(({ before, others, aspects }, i) => {
    for (const complaint of before) for (const feature of featuresOf(complaint, aspects)) if (found.has(feature)) found.get(feature)!.before[i]! += 1;
    for (const other of others) for (const feature of featuresOf({ ...other, text: '' }, aspects)) if (found.has(feature)) found.get(feature)!.others[i]! += 1;
  });
  return found;
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

const groupOf = (kind: Kind): Kind => (kind === 'phrase' ? 'term' : kind);

const isField = (kind: Kind): boolean => kind !== 'term' && kind !== 'phrase' && kind !== 'aspect';

function overlap(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  let both = 0;
  for (const i of a) if (b.has(i)) both += 1;
  return both / (a.size + b.size - both);
}
