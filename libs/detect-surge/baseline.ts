/**
 * What the normal is learned from: sums over closed buckets with exponential forgetting; over-dispersion of each as the mean of
 * squared Pearson residuals of bucket counts, bursts taken out (against the variance that a sum of fractions has, not a count's; for a
 * negative binomial of mean m and size k it tends to 1 + m / k).
 * Learned when a bucket ends, so the bucket that is being judged is never part of its own yardstick.
 */
import { OTHER_SINGLES, SINGLES } from './burst.js';
import { anyEvent } from './calendar.js';
import { nextBucket } from './cusum.js';
import { type Normal, passedAt } from './normal.js';
import { hasSeason, learnSeason } from './season.js';
import type { SurgeSettings } from './settings.js';
import type { Draft } from './tracker.js';

/** A residual counts for at most this much: one wild day must not blind the detector for a month. */
const RESIDUAL_BOUND = 12;
/** Of a day on which a surge opened or closed. Left out, the wildest days would never count, and whoever asks for many alarms would be told of a tame product. */
const SURGED_BOUND = 6;

/** Ends the open bucket: learns it and begins the next, empty. */
export function endBucket(settings: SurgeSettings, draft: Draft, normal: Normal): void {
  const { baseline: b, bucket, bursts, bucketNegatives: negatives, bucketReviews: reviews, bucketSquares: squares } = draft;
  const keep = keepOf(settings);
  const keepSwing = 2 ** (-settings.bucketMs / settings.dispersionHalfLifeMs);
  const end = (bucket + 1) * settings.bucketMs;
  const whole = passedAt(settings, normal, bucket, end);
  const exposure = draft.firstAt !== null && draft.firstAt > bucket * settings.bucketMs ? whole - passedAt(settings, normal, bucket, draft.firstAt) : whole;
  // What an event brings is a guess: its days teach as little as those of a surge
  const eventful = anyEvent(settings.calendar, bucket * settings.bucketMs, end);
  const weight = draft.bucketSurged === 1 || eventful ? settings.surgeWeight : 1;
  const shown = weight * Math.min(1, reviews > 0 ? (settings.volumeCap * Math.max(1, normal.volume)) / reviews : 1);
  const [singles, others] = [bursts[SINGLES]!, bursts[OTHER_SINGLES]!];
  const within = draft.episode !== null && draft.episode.openedAt < bucket * settings.bucketMs;
  const judged = !within && !eventful && b.exposure > 1 && exposure > 0.01;
  const bound = draft.bucketSurged === 1 ? SURGED_BOUND : RESIDUAL_BOUND;
  const { unit, negativeBursts, otherBursts } = normal;
  const share = negativeBursts.rate / (negativeBursts.rate + otherBursts.rate);
  const countResidual = judged ? residual(singles - negativeBursts.rate * exposure, unit * negativeBursts.rate * exposure, normal.countDispersion, bound) : 0;
  const shareJudged = judged && singles + others > 0;
  draft.baseline = {
    negatives: keep * b.negatives + weight * negatives,
    exposure: keep * b.exposure + weight * exposure,
    squares: keep * b.squares + weight * squares,
    shareNegatives: keep * b.shareNegatives + shown * negatives,
    shareReviews: keep * b.shareReviews + shown * reviews,
    reviews: keep * b.reviews + weight * reviews,
    singles: keep * b.singles + weight * singles,
    otherSingles: keep * b.otherSingles + weight * others,
    // A surge is a burst of another kind
    burstExcess: keep * b.burstExcess + (weight === 1 ? bursts[4]! : 0),
    burstWeight: keep * b.burstWeight + (weight === 1 ? bursts[5]! : 0),
    otherBurstExcess: keep * b.otherBurstExcess + (weight === 1 ? bursts[6]! : 0),
    otherBurstWeight: keep * b.otherBurstWeight + (weight === 1 ? bursts[7]! : 0),
    countResiduals: keepSwing * b.countResiduals + countResidual,
    countWeight: keepSwing * b.countWeight + (judged ? 1 : 0),
    shareResiduals: keepSwing * b.shareResiduals + (shareJudged ? residual(singles - (singles + others) * share, (singles + others) * share * Math.max(0.1, unit - share), normal.shareDispersion, bound) : 0),
    shareWeight: keepSwing * b.shareWeight + (shareJudged ? 1 : 0),
    volumeResiduals: keepSwing * b.volumeResiduals + (judged ? residual(reviews - normal.volume * exposure, normal.volume * exposure, normal.volumeDispersion, bound) : 0),
    season: hasSeason(settings) ? learnSeason(b.season, draft.hours, settings.timeZone, bucket, shown) : b.season,
  };
  draft.bucket += 1;
  draft.bucketNegatives = 0;
  draft.bucketReviews = 0;
  draft.bucketSquares = 0;
  draft.bucketSurged = draft.episode === null ? 0 : 1;
  bursts.fill(0, SINGLES);
  draft.hours.fill(0);
  nextBucket(draft.runs);
}

/** Squared Pearson residual, bounded; of few events it is seldom and large, so the bound must leave room for it. */
function residual(off: number, given: number, dispersion: number, bound: number): number {
  const variance = Math.max(given, 1e-9);
  return Math.min(bound * (dispersion + 1 / variance), (off * off) / variance);
}

/** A review of a bucket that has ended: its share of what is left of that bucket. Residuals are not revised. */
export function learnLate(settings: SurgeSettings, draft: Draft, bucket: number, pNegative: number): void {
  const left = keepOf(settings) ** (draft.bucket - 1 - bucket) * (draft.episode !== null && (bucket + 1) * settings.bucketMs > draft.episode.startedAt ? settings.surgeWeight : 1);
  const b = draft.baseline;
  draft.baseline = { ...b, negatives: b.negatives + left * pNegative, squares: b.squares + left * pNegative * pNegative, shareNegatives: b.shareNegatives + left * pNegative, shareReviews: b.shareReviews + left, reviews: b.reviews + left, singles: b.singles + left * pNegative, otherSingles: b.otherSingles + left * (1 - pNegative) };
}

/** The surge's level becomes the normal: old history counts a tenth, the episode's own days count in full. */
export function adoptEpisode(settings: SurgeSettings, draft: Draft, until: number): void {
  const episode = draft.episode!;
  const b = draft.baseline;
  const buckets = Math.max(1, (until - episode.startedAt) / settings.bucketMs);
  const others = Math.max(0, episode.reviews - episode.observed);
  draft.baseline = {
    ...b,
    negatives: 0.1 * b.negatives + episode.observed,
    exposure: 0.1 * b.exposure + buckets,
    squares: 0.1 * b.squares + episode.observed * (b.squares / Math.max(b.negatives, 1e-9)),
    shareNegatives: 0.1 * b.shareNegatives + episode.observed,
    shareReviews: 0.1 * b.shareReviews + episode.reviews,
    reviews: 0.1 * b.reviews + episode.reviews,
    singles: 0.1 * b.singles + episode.observed * ((1 + b.singles) / (1 + b.negatives)),
    otherSingles: 0.1 * b.otherSingles + others * ((1 + b.otherSingles) / (1 + Math.max(0, b.reviews - b.negatives))),
  };
}

export function keepOf({ bucketMs, halfLifeMs }: SurgeSettings): number {
  return 2 ** (-bucketMs / halfLifeMs);
}
