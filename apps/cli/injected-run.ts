/**
 * One injected surge: a real stream of reviews, and into some days of it real negative reviews of another product, at a multiple of the
 * host's own negatives. Everything that would give them away except their words (source, language, region, version, verified)
 * is copied from a negative of the host; or, in a version run, they all carry a version that the host never had.
 */
import { type Complaint, type ReviewEvent, scoredText, type SurgeObservation, type SurgeRecord } from '#contracts';
import { elapseSurge, freshSurgeTracker, observeReview, type SurgeSettings } from '#detect-surge';
import { type Aspects, contributorsAmong, featuresOf, MOST_READ } from '#explain-surge';

export const DAY_MS = 86_400_000;
export const INJECTED_VERSION = 'injected 9.9.9';

export interface Product {
  readonly productId: string;
  /** In order of time. */
  readonly reviews: readonly Item[];
  readonly negatives: readonly Item[];
  /** Carriers of each feature among `negatives`. */
  readonly carriers: ReadonlyMap<string, number>;
  readonly aspects: Aspects;
}

export interface Item {
  readonly at: number;
  /** By its stars. */
  readonly negative: boolean;
  /** What the detector counts it as. */
  readonly counted: number;
  readonly complaint: Complaint;
}

/** A review, and what the detector counts it as. */
export interface CountedReview {
  readonly event: ReviewEvent;
  readonly counted: number;
}

export function productOf(productId: string, counted: readonly CountedReview[], negativeStars: number, aspects: Aspects): Product {
  const reviews = counted.map(({ event, counted }): Item => {
    const { appVersion, region, source, lang, verified } = event;
    return { at: event.reviewedAt, negative: event.rating !== null && event.rating <= negativeStars, counted, complaint: { text: scoredText(event), appVersion, region, source, lang, verified } };
  }).sort((a, b) => a.at - b.at);
  const negatives = reviews.filter(({ negative }) => negative);
  const carriers = new Map<string, number>();
  for (const { complaint } of negatives) for (const feature of featuresOf(complaint, aspects)) carriers.set(feature, (carriers.get(feature) ?? 0) + 1);
  return { productId, reviews, negatives, carriers, aspects };
}

export interface Injection {
  readonly host: Product;
  readonly donor: Product;
  readonly from: number;
  readonly days: number;
  readonly count: number;
  readonly version: boolean;
}

export interface InjectedResult {
  /** A surge opened while it lasted, or within a day after. */
  readonly found: boolean;
  readonly delayHours: number | null;
  /** Of the first three contributors: how many there are, and how many name what was injected. */
  readonly named: number;
  readonly right: number;
  readonly versionNamed: boolean;
  readonly top: readonly string[];
}

/** `random` gives uniform numbers in [0, 1). Deterministic in it. */
export function runInjection(settings: SurgeSettings, { host, donor, from, days, count, version }: Injection, random: () => number): InjectedResult {
  const pool = [...donor.negatives];
  const injected = Array.from({ length: count }, (): Item => {
    const { counted, complaint: { text } } = pool.splice(Math.floor(random() * pool.length), 1)[0]!;
    const { complaint } = host.negatives[Math.floor(random() * host.negatives.length)]!;
    return { at: Math.round(from + random() * days * DAY_MS), negative: true, counted, complaint: { ...complaint, text, ...(version ? { appVersion: INJECTED_VERSION } : {}) } };
  });
  const isInjected = new Set(injected);
  const stream = [...host.reviews, ...injected].sort((a, b) => a.at - b.at);
  const surge = firstSurge(settings, host.productId, stream, from, from + (days + 1) * DAY_MS);
  if (surge === null) return { found: false, delayHours: null, named: 0, right: 0, versionNamed: false, top: [] };
  const now = stream.filter(({ negative, at }) => negative && at >= surge.startedAt && at <= surge.at).slice(-MOST_READ);
  const before = stream.filter(({ negative, at }) => negative && at < surge.startedAt).slice(-MOST_READ);
  const others = stream.filter(({ negative, at }) => !negative && at >= surge.startedAt && at <= surge.at).slice(-MOST_READ);
  const of = (items: readonly Item[]) => items.map(({ complaint }) => complaint);
  const top = contributorsAmong(of(now), of(before), of(others), host.aspects).slice(0, 3);
  const right = top.filter(({ kind, value }) => {
    if (version && kind === 'version') return value === INJECTED_VERSION;
    const feature = `${kind}\n${value}`;
    const carrying = now.filter(({ complaint }) => featuresOf(complaint, host.aspects).has(feature));
    const shareOf = ({ carriers, negatives }: Product) => ((carriers.get(feature) ?? 0) + 0.5) / (negatives.length + 1);
    return carrying.filter((item) => isInjected.has(item)).length >= (2 / 3) * carrying.length && shareOf(donor) >= 2 * shareOf(host);
  }).length;
  return {
    found: true, delayHours: (surge.openedAt - from) / 3_600_000, named: top.length, right,
    versionNamed: top.some(({ kind, value }) => kind === 'version' && value === INJECTED_VERSION), top: top.map(({ kind, value }) => `${kind} ${value}`),
  };
}

/** The newest record of the first surge that opens between the two times. */
function firstSurge(settings: SurgeSettings, productId: string, stream: readonly Item[], from: number, to: number): SurgeRecord | null {
  let tracker = freshSurgeTracker({});
  let found: SurgeRecord | null = null;
  const take = (records: readonly SurgeRecord[]) => {
    for (const record of records) if (record.surgeId === found?.surgeId || (found === null && record.status === 'opened' && record.openedAt >= from && record.openedAt <= to)) found = record;
  };
  stream.every(({ at, counted }) => {
    const observation: SurgeObservation = { productId, at, pNegative: counted };
    const step = observeReview(settings, tracker, observation, 'stars');
    tracker = step.tracker;
    take(step.records);
    return found === null ? at <= to : found.status !== 'closed';
  });
  take(elapseSurge(settings, tracker, productId, to + 30 * DAY_MS, 'stars').records);
  return found;
}
