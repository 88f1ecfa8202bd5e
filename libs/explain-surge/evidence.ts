/**
 * The reviews that show a surge best. What is new is a centre: each word, phrase, aspect or field by how much more often the surge's negatives have it
 * than the product's before (log ratio of shares), as heavy as it is common now. A review is good evidence when it is surely negative, lies near that
 * centre, and when the words that the model attended to are those that are new; one that says nearly the same as a better one is passed over.
 * A function of the sets alone: their order does not matter.
 */
import type { Complaint, WordWeight } from '#contracts';
import { copyGroups } from './copies.js';
import { featuresOf } from './features.js';
import type { Aspects } from './lexicon.js';
import { wordsOf } from './mentions.js';

export interface Witness extends Complaint {
  readonly reviewId: string;
  readonly pNegative: number;
  readonly topWords: readonly WordWeight[];
}

export const MOST_EVIDENCE = 5;
/** What says nearly the same is looked for among as many of the best. */
const CONSIDERED = 60;
/** Part of a review's worth that it keeps without nearness, and without attention: neither may hide the only reviews there are. */
const KEPT = 0.25;

/** Best first. */
export function bestEvidence<T extends Witness>(now: readonly T[], before: readonly Complaint[], aspects: Aspects): T[] {
  const held = now.map((witness) => featuresOf(witness, aspects));
  const weights = noveltyOf(held, before.map((complaint) => featuresOf(complaint, aspects)));
  const near = held.map((features) => nearness(features, weights));
  const nearest = Math.max(...near, 1e-9);
  const considered = now
    .map((witness, i) => ({ witness, worth: witness.pNegative * (KEPT + (1 - KEPT) * (near[i]! / nearest)) * (KEPT + (1 - KEPT) * attention(witness, weights)) }))
    .sort((a, b) => b.worth - a.worth || (a.witness.reviewId < b.witness.reviewId ? -1 : 1))
    .slice(0, CONSIDERED)
    .map(({ witness }) => witness);
  const sameAs = new Map<number, number>();
  for (const group of copyGroups(considered.map(({ text }) => text))) for (const place of group) sameAs.set(place, group[0]!);
  const seen = new Set<string>();
  return considered
    .filter((witness, place) => {
      const said = sameAs.has(place) ? `copy ${sameAs.get(place)}` : wordsOf(witness.text).join(' ');
      return !seen.has(said) && seen.add(said);
    })
    .slice(0, MOST_EVIDENCE);
}

/** By feature: share now, times the logarithm of how many times as often as before; what is not more often is left out. */
function noveltyOf(now: readonly ReadonlySet<string>[], before: readonly ReadonlySet<string>[]): Map<string, number> {
  const count = (sets: readonly ReadonlySet<string>[]) => {
    const counts = new Map<string, number>();
    for (const set of sets) for (const feature of set) counts.set(feature, (counts.get(feature) ?? 0) + 1);
    return counts;
  };
  const [carriers, earlier] = [count(now), count(before)];
  const weights = new Map<string, number>();
  for (const [feature, n] of carriers) {
    const ratio = ((n + 0.5) / (now.length + 1)) / (((earlier.get(feature) ?? 0) + 0.5) / (before.length + 1));
    if (n >= 2 && ratio > 1) weights.set(feature, (n / now.length) * Math.log(ratio));
  }
  return weights;
}

/** Cosine to the centre, but for the centre's own length. */
function nearness(features: ReadonlySet<string>, weights: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const feature of features) sum += weights.get(feature) ?? 0;
  return sum / Math.sqrt(Math.max(1, features.size));
}

/** Part of the model's attention that lies on words that are new. */
function attention({ topWords }: Witness, weights: ReadonlyMap<string, number>): number {
  let [all, fresh] = [0, 0];
  for (const { word, weight } of topWords) {
    const size = Math.max(0, weight);
    all += size;
    if (wordsOf(word).some((each) => weights.has(`term\n${each}`))) fresh += size;
  }
  return all > 0 ? fresh / all : 0;
}
