/**
 * What is carried per product from review to review. Immutable for callers: a step copies it into a draft and returns
 * that. Constant size: numbers, and no word of any review. Everything is as of `at`, the newest review or bucket border;
 * time after that is worked out when it is asked for, so that it does not matter how often anyone asks.
 */
import type { SurgeChannel, SurgeStatus } from '#contracts';
import { freshBursts } from './burst.js';
import { freshRuns } from './cusum.js';
import { type SurgePrior, surgePriorFrom } from './prior.js';
import { emptyHours, emptySeason } from './season.js';

/** Exponentially weighted sums over closed buckets. */
export interface Baseline {
  /** Expected negatives (sum of P), and exposure in buckets. */
  readonly negatives: number;
  readonly exposure: number;
  /** Sum of P squared, beside `negatives`: what a Poisson bucket's variance would be. */
  readonly squares: number;
  /** Negatives and reviews that the share is learned from (volume capped). */
  readonly shareNegatives: number;
  readonly shareReviews: number;
  /** Reviews by exposure: usual volume. */
  readonly reviews: number;
  /** Of negatives and of others, what counts when a follower in a burst does not (burst.ts). */
  readonly singles: number;
  readonly otherSingles: number;
  /** Close reviews beyond chance, and out of how many, negatives and others. */
  readonly burstExcess: number;
  readonly burstWeight: number;
  readonly otherBurstExcess: number;
  readonly otherBurstWeight: number;
  /** Pearson residuals squared, and their weights: over-dispersion of count and share. */
  readonly countResiduals: number;
  readonly countWeight: number;
  readonly shareResiduals: number;
  readonly shareWeight: number;
  /** The same for the volume, beside countWeight. */
  readonly volumeResiduals: number;
  /** Reviews by local hour and weekday with a long memory, [LEARNED_SIZE], see season.ts. */
  readonly season: readonly number[];
}

export interface Episode {
  readonly channel: SurgeChannel;
  /** What its end is judged by: the count where that is risen too (it also sees silence), else the share. */
  readonly calmBy: SurgeChannel;
  readonly status: SurgeStatus;
  readonly seq: number;
  readonly openedAt: number;
  readonly startedAt: number;
  /** Newest transition. */
  readonly changedAt: number;
  /** Negatives (sum of P) and reviews since startedAt. */
  readonly observed: number;
  readonly reviews: number;
  /** Frozen at the opening: negatives per bucket, share, and over-dispersion of the channel. */
  readonly rateBefore: number;
  readonly shareBefore: number;
  readonly dispersion: number;
  /** `observed` at the newest transition. */
  readonly reported: number;
  /** Highest so far. */
  readonly severity: number;
  /** The level (rate per bucket, or share) halfway down to normal: what "goes on" means to `calm`. */
  readonly level: number;
  /** Log likelihood ratio of normal against `level` since it was last zero. */
  readonly calm: number;
  readonly calmSince: number;
  readonly lastNegativeAt: number;
  /** A known event muted its newest transition. */
  readonly muted: boolean;
}

/** One step of caution, nats on the thresholds, and the most steps there are (the codec keeps seven bits). */
export const CAUTION_STEP = 0.1;
export const MOST_CAUTION = 127;

export interface SurgeTracker {
  readonly prior: SurgePrior;
  readonly firstAt: number | null;
  readonly at: number;
  /** Reviews ever observed. */
  readonly reviews: number;
  readonly bucket: number;
  readonly bucketNegatives: number;
  readonly bucketReviews: number;
  readonly bucketSquares: number;
  /** 1 when a surge touched the open bucket. */
  readonly bucketSurged: 0 | 1;
  /** Steps by which people's verdicts raised the thresholds, see feedback.ts. */
  readonly caution: number;
  /** [BURST_FIELDS] of the open bucket, see burst.ts. */
  readonly bursts: number[];
  /** Reviews of the open bucket by local hour of the day, [24]. */
  readonly hours: number[];
  readonly baseline: Baseline;
  /** [2 channels, RATIOS, RUN_FIELDS], see cusum.ts. */
  readonly runs: number[];
  readonly episode: Episode | null;
  /** Snapshot of the calendar that was applied last; 0: the empty one. */
  readonly calendar: number;
}

export type Draft = { -readonly [K in keyof SurgeTracker]: SurgeTracker[K] };

/** `prior` is the body of the reviews snapshot; '{}' means the defaults. */
export function freshSurgeTracker(prior: SurgePrior | Readonly<Record<string, unknown>>): SurgeTracker {
  return {
    prior: surgePriorFrom(prior),
    firstAt: null,
    at: 0,
    reviews: 0,
    bucket: 0,
    bucketNegatives: 0,
    bucketReviews: 0,
    bucketSquares: 0,
    bucketSurged: 0,
    caution: 0,
    bursts: freshBursts(),
    hours: emptyHours(),
    baseline: {
      negatives: 0, exposure: 0, squares: 0, shareNegatives: 0, shareReviews: 0, reviews: 0, singles: 0, otherSingles: 0, burstExcess: 0, burstWeight: 0, otherBurstExcess: 0, otherBurstWeight: 0,
      countResiduals: 0, countWeight: 0, shareResiduals: 0, shareWeight: 0, volumeResiduals: 0, season: emptySeason(),
    },
    runs: freshRuns(),
    episode: null,
    calendar: 0,
  };
}

export function draftOf(tracker: SurgeTracker): Draft {
  const { prior, firstAt, at, reviews, bucket, bucketNegatives, bucketReviews, bucketSquares, bucketSurged, caution, bursts, hours, baseline, runs, episode, calendar } = tracker;
  // Written out: a spread of this many fields takes four times as long
  return { prior, firstAt, at, reviews, bucket, bucketNegatives, bucketReviews, bucketSquares, bucketSurged, caution, bursts: bursts.slice(), hours: hours.slice(), baseline, runs: runs.slice(), episode, calendar };
}
