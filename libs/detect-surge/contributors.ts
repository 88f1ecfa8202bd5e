/**
 * Terms, versions, regions and sources that are over-represented among a surge's negatives against the product's own normal.
 * A bounded list per kind with Space-Saving replacement (Metwally, Agrawal & El Abbadi 2005): a newcomer inherits the count of the
 * entry it displaces as its past, so a past is never understated and what is merely common is never reported.
 * Significance: signed log-likelihood ratio G2 (Dunning 1993), at 0.05 corrected for all entries.
 */
import type { SurgeContributor, SurgeObservation } from '#contracts';
import type { SurgeSettings } from './settings.js';
import { type Draft, TERM_KINDS, type TermCount, type TermKind } from './tracker.js';
import { wellFormed, wordsOf } from './words.js';

const CAPACITY: Readonly<Record<TermKind, number>> = { term: 32, version: 4, region: 4, source: 4 };
const VALUE_LENGTH = 24;
/** Chi-square with one degree of freedom at 0.05 / 44. */
const SIGNIFICANT = 10.6;
const MIN_CARRIERS = 3;
const MIN_SHARE = 0.15;
const MIN_RATIO = 1.5;
const REPORTED = 6;

/** A negative review joins the counts of the current run or surge. */
export function countTerms(draft: Draft, observation: SurgeObservation): void {
  const terms = [...draft.terms];
  for (const kind of TERM_KINDS) for (const value of valuesOf(kind, observation)) addOne(terms, kind, value);
  draft.terms = terms;
  draft.termsNow += 1;
}

function valuesOf(kind: TermKind, { text, topWords, appVersion, region, source }: SurgeObservation): readonly string[] {
  if (kind === 'term') return wordsOf(text, topWords);
  const value = kind === 'version' ? appVersion : kind === 'region' ? region : source;
  return value === null || value === '' ? [] : [wellFormed(value.slice(0, VALUE_LENGTH))];
}

function addOne(terms: TermCount[], kind: TermKind, value: string): void {
  let size = 0;
  let least = -1;
  for (let i = 0; i < terms.length; i += 1) {
    const entry = terms[i]!;
    if (entry.kind !== kind) continue;
    if (entry.value === value) {
      terms[i] = { ...entry, now: entry.now + 1 };
      return;
    }
    size += 1;
    if (least < 0 || entry.before + entry.now < terms[least]!.before + terms[least]!.now) least = i;
  }
  if (size < CAPACITY[kind]) terms.push({ kind, value, before: 0, now: 1 });
  else terms[least] = { kind, value, before: terms[least]!.before + terms[least]!.now, now: 1 };
}

/** Nothing is afoot: what was counted is the product's normal. Old counts fade as new negatives come (half in about 140). */
export function restTerms(draft: Draft): void {
  if (draft.termsNow === 0) return;
  mergeTerms(draft, 1);
}

/** After a surge its terms join the normal with the small weight of a surge. */
export function closeTerms(settings: SurgeSettings, draft: Draft): void {
  mergeTerms(draft, settings.surgeWeight);
}

function mergeTerms(draft: Draft, weight: number): void {
  const keep = 0.995 ** Math.min(1000, draft.termsNow * weight);
  draft.terms = draft.terms.map(({ kind, value, before, now }) => ({ kind, value, before: keep * before + weight * now, now: 0 }));
  draft.termsBefore = keep * draft.termsBefore + weight * draft.termsNow;
  draft.termsNow = 0;
}

/** The most over-represented first. */
export function contributorsOf(draft: Draft): SurgeContributor[] {
  const { termsNow: now, termsBefore: before } = draft;
  return draft.terms
    .map((term) => ({ ...term, shareNow: term.now / Math.max(1, now), shareBefore: Math.min(1, term.before / Math.max(1, before)) }))
    .filter((t) => t.now >= MIN_CARRIERS && t.shareNow >= MIN_SHARE && t.shareNow >= MIN_RATIO * t.shareBefore)
    .map((t) => ({ ...t, g2: logLikelihoodRatio(t.now, now, t.before + 0.5, before + 1) }))
    .filter((t) => t.g2 >= SIGNIFICANT)
    .sort((a, b) => b.g2 - a.g2 || (a.value < b.value ? -1 : 1))
    .slice(0, REPORTED)
    .map(({ kind, value, shareNow, shareBefore }) => ({ kind, value, shareNow, shareBefore }));
}

/** G2 of two shares, a of n against b of m. */
function logLikelihoodRatio(a: number, n: number, b: number, m: number): number {
  const pooled = (a + b) / (n + m);
  const part = (observed: number, expected: number) => (observed > 0 ? observed * Math.log(observed / expected) : 0);
  return 2 * (part(a, n * pooled) + part(n - a, n * (1 - pooled)) + part(b, m * pooled) + part(Math.max(0, m - b), m * (1 - pooled)));
}
