/**
 * The product's normal as the open bucket is judged by it: rate of negatives per bucket (gamma-Poisson) and share of negatives among
 * all (beta), both shrunk to the prior, over-dispersion, bursts, the day's season clock and the thresholds that follow.
 */
import { type BurstKind, burstKind } from './burst.js';
import { clockWithEvents } from './calendar.js';
import type { Level } from './cusum.js';
import { clockAt, dayClock, hasSeason, seasonFactors } from './season.js';
import { DAY_MS, type SurgeSettings } from './settings.js';
import { thresholdOf } from './threshold.js';
import type { Baseline, SurgeTracker } from './tracker.js';

export interface Normal {
  /** Buckets that the rate is known from, the prior's with them. */
  readonly exposure: number;
  /** Negatives and reviews per bucket (mean over the season), share of negatives: posterior means. */
  readonly rate: number;
  readonly volume: number;
  readonly share: number;
  /** Mean P of a negative, E[P^2] / E[P]: what one unit of count varies by without over-dispersion; 1 for whole counts. */
  readonly unit: number;
  /** Variance of a bucket's count over its mean (bursts taken out), and size of the gamma level that makes it. */
  readonly countDispersion: number;
  readonly countSize: number;
  readonly shareDispersion: number;
  readonly shareSize: number;
  /** Size of the share's level where the others' days swing too: smaller, for its tail is theirs. */
  readonly shareTail: number;
  readonly volumeDispersion: number;
  readonly negativeBursts: BurstKind;
  readonly otherBursts: BurstKind;
  /** Rate and share raised by `guard` posterior standard deviations, what the detector compares with. */
  readonly guardedRate: number;
  readonly guardedShare: number;
  /** The same where a follower in a burst does not count: negatives a bucket, and negatives to one other. */
  readonly pace: number;
  readonly odds: number;
  /** Season time within the open bucket, with known events in it; null without either. */
  readonly clock: readonly number[] | null;
  /** Of count and share, when they have been asked for: only a day with reviews asks. */
  readonly thresholds: [number | null, number | null];
}

const normals = new WeakMap<Baseline, { settings: SurgeSettings; bucket: number; normal: Normal }>();

/** Posterior of the closed buckets. Remembered per baseline object: it changes once a bucket, not once a review. */
export function normalOf(settings: SurgeSettings, tracker: SurgeTracker): Normal {
  const held = normals.get(tracker.baseline);
  if (held?.settings === settings && held.bucket === tracker.bucket) return held.normal;
  const normal = computeNormal(settings, tracker);
  normals.set(tracker.baseline, { settings, bucket: tracker.bucket, normal });
  return normal;
}

/** The same for a bucket that is left at once: not remembered. */
export function passingNormal(settings: SurgeSettings, tracker: SurgeTracker): Normal {
  const held = normals.get(tracker.baseline);
  return held?.settings === settings && held.bucket === tracker.bucket ? held.normal : computeNormal(settings, tracker);
}

/** 0: count, 1: share. */
export function thresholdIn(settings: SurgeSettings, normal: Normal, channel: 0 | 1): number {
  return (normal.thresholds[channel] ??= thresholdOf(settings, channel, normal.pace, channel === 0 ? normal.countDispersion : normal.shareDispersion));
}

function computeNormal(settings: SurgeSettings, { prior, baseline: b, bucket }: SurgeTracker): Normal {
  const { bucketMs, guard, burstMs } = settings;
  const exposure = (prior.rateDays * DAY_MS) / bucketMs + b.exposure;
  const rate = (prior.rateShape + b.negatives) / exposure;
  const reviewed = prior.shareNegatives + prior.shareOthers + b.shareReviews;
  const share = Math.min(0.98, (prior.shareNegatives + b.shareNegatives) / reviewed);
  const volume = (prior.rateShape / share + b.reviews) / exposure;
  const judged = prior.dispersionWeight + b.countWeight;
  const countDispersion = Math.max(1, (prior.dispersion * prior.dispersionWeight + b.countResiduals) / judged);
  const shareDispersion = Math.max(1, (prior.dispersionWeight + b.shareResiduals) / (prior.dispersionWeight + b.shareWeight));
  const volumeDispersion = Math.max(1, (prior.dispersionWeight + b.volumeResiduals) / judged);
  const guardedRate = rate + guard * Math.sqrt((countDispersion * rate) / exposure);
  const guardedShare = Math.min(0.99, share + guard * Math.sqrt((shareDispersion * share * (1 - share)) / reviewed));
  const others = Math.max(0, b.reviews - b.negatives);
  const [single, otherSingle] = [(1 + b.singles) / (1 + b.negatives), (1 + b.otherSingles) / (1 + others)];
  const pace = guardedRate * single;
  const negativeBursts = burstKind(burstMs, bucketMs, rate, rate * single, b.burstExcess, b.burstWeight);
  const otherBursts = burstKind(burstMs, bucketMs, Math.max(0, volume - rate), Math.max(0, volume - rate) * otherSingle, b.otherBurstExcess, b.otherBurstWeight);
  const countSize = sizeOf(countDispersion, rate * single, b.countWeight, judged);
  const shareSize = sizeOf(shareDispersion, rate * single, b.shareWeight, prior.dispersionWeight + b.shareWeight);
  return {
    exposure, rate, volume, share,
    unit: Math.min(1, (1 + b.squares) / (1 + b.negatives)),
    countDispersion,
    countSize,
    shareDispersion,
    shareSize,
    shareTail: tailOf(share, shareSize, countSize),
    volumeDispersion,
    negativeBursts, otherBursts, guardedRate, guardedShare, pace,
    odds: (guardedShare / (1 - guardedShare)) * (single / otherSingle),
    clock: clockWithEvents(settings.calendar, hasSeason(settings) ? dayClock(seasonFactors(b.season, prior.season, volumeDispersion), settings.timeZone, bucket) : null, clockAt, bucket, bucketMs),
    thresholds: [null, null],
  };
}

/**
 * Of the gamma level: the variance beyond a Poisson's is mean squared over size. A Poisson's own dispersion is one with a variance of
 * 2 + 1 / mean over the buckets seen; what is not beyond that is drawn to nothing (James & Stein 1961), since a level that is not there delays.
 */
function sizeOf(dispersion: number, mean: number, buckets: number, weight: number): number {
  const over = dispersion - 1;
  const sure = over - ((2 + 1 / Math.max(mean, 1e-9)) * buckets) / (weight * weight * Math.max(over, 1e-9));
  return sure < 0.01 ? Infinity : Math.max(0.2, mean / sure);
}

/**
 * A share's level is that of the negatives over that of the others. What swings of the share the negatives' own do not explain is the
 * others' size: 1 / shareSize = (1 - share) (1 / countSize + 1 / others). A day with few others raises the share like a power, as a Polya
 * urn does that begins with `others` of them (Eggenberger & Polya 1923); its negatives are then odds times as many.
 */
function tailOf(share: number, shareSize: number, countSize: number): number {
  const swing = 1 / (shareSize * (1 - share)) - 1 / countSize;
  return swing <= 0 ? shareSize : Math.max(0.05, Math.min(shareSize, share / (1 - share) / swing));
}

/** Season time of the bucket passed at `at`, in buckets. */
export function passedAt(settings: SurgeSettings, normal: Normal, bucket: number, at: number): number {
  return clockAt(normal.clock, at / settings.bucketMs - bucket);
}

/** The open bucket as the count's runs and as the share's see it at `at`. */
export function countLevel(settings: SurgeSettings, { bucket, bursts }: SurgeTracker, normal: Normal, at: number): Level {
  return { size: normal.countSize, shown: bursts[2]!, expected: normal.pace * passedAt(settings, normal, bucket, at) };
}

export function shareLevel({ bursts }: SurgeTracker, normal: Normal): Level {
  return { size: normal.shareTail, shown: bursts[2]!, expected: normal.odds * bursts[3]! };
}
