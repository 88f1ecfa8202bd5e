/**
 * What a surge's negatives have in common that the product's own negatives before it had not: each feature's share now and before,
 * their ratio, and its significance, corrected for all features that were looked at. What is merely common has a ratio near one
 * and never appears. What the producer said of a review (version, region ...) must stand out against the other reviews of the same time as
 * well: every version is new once. Of words and phrases that the same reviews carry, only the most significant is named.
 * A function of the two sets alone: the order of the reviews does not matter.
 */
import type { Complaint, SurgeContributor } from '#contracts';
import { featuresOf, type Kind } from './features.js';
import { benjaminiHochberg, upperTail } from './fisher.js';

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

interface Candidate extends Required<SurgeContributor> {
  readonly p: number;
  /** 0 where it is not asked. */
  readonly againstOthers: number;
  readonly carriers: ReadonlySet<number>;
}

/** The most significant first; empty when nothing stands out. `before`: the product's negatives before the surge began; `others`: its reviews since then that are not negative (their text is not read). */
export function contributorsAmong(now: readonly Complaint[], before: readonly Complaint[], others: readonly Complaint[]): SurgeContributor[] {
  const [n, m] = [now.length, before.length];
  if (n < MIN_CARRIERS || m === 0) return [];
  const carriers = new Map<string, Set<number>>();
  now.forEach((complaint, i) => {
    for (const feature of featuresOf(complaint)) {
      const held = carriers.get(feature);
      if (held === undefined) carriers.set(feature, new Set([i]));
      else held.add(i);
    }
  });
  const earlier = new Map<string, number>();
  for (const complaint of before) for (const feature of featuresOf(complaint)) if (carriers.has(feature)) earlier.set(feature, (earlier.get(feature) ?? 0) + 1);
  const praised = new Map<string, number>();
  for (const other of others) for (const feature of featuresOf({ ...other, text: '' })) praised.set(feature, (praised.get(feature) ?? 0) + 1);
  // Looked at is what has enough carriers in both together: their number is fixed by the test, so choosing by it is fair
  const looked = [...carriers].filter(([feature, held]) => held.size + (earlier.get(feature) ?? 0) >= MIN_CARRIERS).sort(([a], [b]) => (a < b ? -1 : 1));
  const candidates = looked.map(([feature, held]): Omit<Candidate, 'significance'> => {
    const b = earlier.get(feature) ?? 0;
    const [kind, value] = feature.split('\n') as [Kind, string];
    const [shareNow, shareBefore] = [held.size / n, b / m];
    return { kind, value, shareNow, shareBefore, ratio: shareNow / ((b + 0.5) / (m + 1)), p: upperTail(held.size, n, b, m), againstOthers: isField(kind) ? upperTail(held.size, n, praised.get(feature) ?? 0, others.length) : 0, carriers: held };
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

const groupOf = (kind: Kind): Kind => (kind === 'phrase' ? 'term' : kind);

const isField = (kind: Kind): boolean => kind !== 'term' && kind !== 'phrase' && kind !== 'aspect';

function overlap(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  let both = 0;
  for (const i of a) if (b.has(i)) both += 1;
  return both / (a.size + b.size - both);
}
