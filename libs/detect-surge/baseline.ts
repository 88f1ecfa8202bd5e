/**
 * The product's normal: rate of negatives per bucket (gamma-Poisson) and share of negatives among all (beta), both with
 * exponential forgetting by bucket and shrunk to the prior; over-dispersion of each as the weighted mean of squared Pearson
 * residuals of bucket counts (against the variance that a sum of fractions has, not a count's), never below one (for a negative binomial of mean m and size k it tends to 1 + m / k).
 * Learned when a bucket ends, so the bucket that is being judged is never part of its own yardstick.
 */
import { DAY_MS, type SurgeSettings } from './settings.js';
import { thresholdOf } from './threshold.js';
import type { Baseline, Draft, SurgeTracker } from './tracker.js';

export interface Normal {
  /** Negatives and reviews per bucket, share of negatives: posterior means. */
  readonly rate: number;
  readonly volume: number;
  readonly share: number;
  /** Mean P of a negative, E[P^2] / E[P]: what one unit of count varies by without over-dispersion; 1 for whole counts. */
  readonly unit: number;
  readonly countDispersion: number;
  readonly shareDispersion: number;
  /** Rate and share raised by `guard` posterior standard deviations: what the detector compares with. */
  readonly guardedRate: number;
  readonly guardedShare: number;
  readonly countThreshold: number;
  readonly shareThreshold: number;
}

const normals = new WeakMap<Baseline, { settings: SurgeSettings; normal: Normal }>();

/** Posterior of the closed buckets. Remembered per baseline object: it changes once a bucket, not once a review. */
export function normalOf(settings: SurgeSettings, tracker: SurgeTracker): Normal {
  const held = normals.get(tracker.baseline);
  if (held?.settings === settings) return held.normal;
  const normal = computeNormal(settings, tracker);
  normals.set(tracker.baseline, { settings, normal });
  return normal;
}

function computeNormal(settings: SurgeSettings, { prior, baseline: b }: SurgeTracker): Normal {
  const { bucketMs, guard } = settings;
  const exposure = (prior.rateDays * DAY_MS) / bucketMs + b.exposure;
  const rate = (prior.rateShape + b.negatives) / exposure;
  const reviewed = prior.shareNegatives + prior.shareOthers + b.shareReviews;
  const share = Math.min(0.98, (prior.shareNegatives + b.shareNegatives) / reviewed);
  const countDispersion = Math.max(1, (prior.dispersion * prior.dispersionWeight + b.countResiduals) / (prior.dispersionWeight + b.countWeight));
  const shareDispersion = Math.max(1, (prior.dispersionWeight + b.shareResiduals) / (prior.dispersionWeight + b.shareWeight));
  const guardedRate = rate + guard * Math.sqrt((countDispersion * rate) / exposure);
  return {
    rate,
    volume: (prior.rateShape / share + b.reviews) / exposure,
    share,
    unit: Math.min(1, (1 + b.squares) / (1 + b.negatives)),
    countDispersion,
    shareDispersion,
    guardedRate,
    guardedShare: Math.min(0.99, share + guard * Math.sqrt((shareDispersion * share * (1 - share)) / reviewed)),
    countThreshold: thresholdOf(settings, 0, guardedRate, countDispersion),
    shareThreshold: thresholdOf(settings, 1, guardedRate, shareDispersion),
  };
}

/** A residual counts for at most this much: one wild day must not blind the detector for a month. */
const RESIDUAL_BOUND = 12;

/** Ends the open bucket: learns it and begins the next, empty. */
export function endBucket(settings: SurgeSettings, draft: Draft): void {
  const { baseline: b, bucketNegatives: negatives, bucketReviews: reviews, bucketSquares: squares } = draft;
  const normal = normalOf(settings, draft);
  const keep = keepOf(settings);
  const begin = draft.bucket * settings.bucketMs;
  const exposure = draft.firstAt !== null && draft.firstAt > begin ? 1 - (draft.firstAt - begin) / settings.bucketMs : 1;
  const weight = draft.bucketSurged === 1 ? settings.surgeWeight : 1;
  const shown = weight * Math.min(1, reviews > 0 ? (settings.volumeCap * Math.max(1, normal.volume)) / reviews : 1);
  const expected = normal.rate * exposure;
  const { unit } = normal;
  const judged = weight === 1 && b.exposure > 1;
  draft.baseline = {
    negatives: keep * b.negatives + weight * negatives,
    exposure: keep * b.exposure + weight * exposure,
    squares: keep * b.squares + weight * squares,
    shareNegatives: keep * b.shareNegatives + shown * negatives,
    shareReviews: keep * b.shareReviews + shown * reviews,
    reviews: keep * b.reviews + weight * reviews,
    countResiduals: keep * b.countResiduals + (judged ? Math.min(RESIDUAL_BOUND * normal.countDispersion, (negatives - expected) ** 2 / (unit * expected)) : 0),
    countWeight: keep * b.countWeight + (judged ? 1 : 0),
    shareResiduals: keep * b.shareResiduals + (judged && reviews > 0 ? Math.min(RESIDUAL_BOUND * normal.shareDispersion, (negatives - reviews * normal.share) ** 2 / (reviews * normal.share * Math.max(0.1, unit - normal.share))) : 0),
    shareWeight: keep * b.shareWeight + (judged && reviews > 0 ? 1 : 0),
  };
  draft.bucket += 1;
  draft.bucketNegatives = 0;
  draft.bucketReviews = 0;
  draft.bucketSquares = 0;
  draft.bucketSurged = draft.episode === null ? 0 : 1;
}

/** A review of a bucket that has ended: its share of what is left of that bucket. Residuals are not revised. */
export function learnLate(settings: SurgeSettings, draft: Draft, bucket: number, pNegative: number): void {
  const left = keepOf(settings) ** (draft.bucket - 1 - bucket) * (draft.episode !== null && (bucket + 1) * settings.bucketMs > draft.episode.startedAt ? settings.surgeWeight : 1);
  const b = draft.baseline;
  draft.baseline = { ...b, negatives: b.negatives + left * pNegative, squares: b.squares + left * pNegative * pNegative, shareNegatives: b.shareNegatives + left * pNegative, shareReviews: b.shareReviews + left, reviews: b.reviews + left };
}

/** The surge's level becomes the normal: old history counts a tenth, the episode's own days count in full. */
export function adoptEpisode(settings: SurgeSettings, draft: Draft, until: number): void {
  const episode = draft.episode!;
  const b = draft.baseline;
  const buckets = Math.max(1, (until - episode.startedAt) / settings.bucketMs);
  draft.baseline = {
    negatives: 0.1 * b.negatives + episode.observed,
    exposure: 0.1 * b.exposure + buckets,
    squares: 0.1 * b.squares + episode.observed * (b.squares / Math.max(b.negatives, 1e-9)),
    shareNegatives: 0.1 * b.shareNegatives + episode.observed,
    shareReviews: 0.1 * b.shareReviews + episode.reviews,
    reviews: 0.1 * b.reviews + episode.reviews,
    countResiduals: b.countResiduals,
    countWeight: b.countWeight,
    shareResiduals: b.shareResiduals,
    shareWeight: b.shareWeight,
  };
}

export function keepOf({ bucketMs, halfLifeMs }: SurgeSettings): number {
  return 2 ** (-bucketMs / halfLifeMs);
}
