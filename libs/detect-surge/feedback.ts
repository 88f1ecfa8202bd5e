/**
 * What a person's verdict does to a product. "False" and "expected" say that the surge belonged to the normal, whose sums it had joined
 * with the small weight of a surge: the rest of its weight is added, faded by the time since, so that the sums are what they would be
 * had its days counted in full. They are linear, so a verdict that is taken back takes back exactly what is left of it.
 *
 * Many of these say that the product's false alarms exceed its budget. With n of them in the last PERIODS periods of the budget,
 * of which m were watched, the posterior mean of "false alarms to the budget's" under a gamma prior of mean one and DOUBT alarms is
 * (DOUBT + n) / (DOUBT + m); from ENOUGH on its logarithm is added to the thresholds, which lowers the rate of alarms by that factor.
 * A verdict of brigading or real is counted elsewhere and changes nothing here.
 */
import { keepOf } from './baseline.js';
import { DAY_MS, type SurgeSettings } from './settings.js';
import { CAUTION_STEP, MOST_CAUTION, type SurgeTracker } from './tracker.js';

/** A closed surge: event times in ms, negatives (sum of P) and reviews since startedAt. */
export interface JudgedSurge {
  readonly startedAt: number;
  readonly openedAt: number;
  readonly closedAt: number;
  readonly observed: number;
  readonly reviews: number;
}

const PERIODS = 4;
const DOUBT = 2;
const ENOUGH = 3;

/** Earliest opening of the surges that count towards the threshold, event time. */
export function windowOf(settings: SurgeSettings, { at }: SurgeTracker): number {
  return at - (PERIODS * DAY_MS) / settings.budgetPerDay;
}

/** It lasted so long that its level became the normal when it closed: there is no rest to add. */
export function wasAdopted(settings: SurgeSettings, surge: JudgedSurge): boolean {
  return surge.closedAt - surge.openedAt >= settings.maxOpenMs;
}

/** `direction` 1 adds the surge to the normal, -1 takes it out again. Sums never fall below zero. */
export function learnSurge(settings: SurgeSettings, tracker: SurgeTracker, surge: JudgedSurge, direction: 1 | -1): SurgeTracker {
  if (wasAdopted(settings, surge)) return tracker;
  const { baseline: b } = tracker;
  const buckets = (surge.closedAt - surge.startedAt) / settings.bucketMs;
  const weight = direction * (1 - settings.surgeWeight) * meanKept(settings, tracker, surge);
  const otherSingle = b.otherSingles / Math.max(b.reviews - b.negatives, 1e-9);
  const plus = (sum: number, amount: number): number => Math.max(0, sum + weight * amount);
  return {
    ...tracker,
    baseline: {
      ...b,
      negatives: plus(b.negatives, surge.observed),
      exposure: plus(b.exposure, buckets),
      squares: plus(b.squares, surge.observed * unitOf(tracker)),
      shareNegatives: plus(b.shareNegatives, surge.observed),
      shareReviews: plus(b.shareReviews, surge.reviews),
      reviews: plus(b.reviews, surge.reviews),
      // Bursts as in the normal: the surge's own are not known any more
      singles: plus(b.singles, surge.observed * Math.min(1, b.singles / Math.max(b.negatives, 1e-9))),
      otherSingles: plus(b.otherSingles, Math.max(0, surge.reviews - surge.observed) * Math.min(1, otherSingle)),
    },
  };
}

/** What is left by now of a bucket of the surge, in the mean over its buckets. */
function meanKept(settings: SurgeSettings, { bucket }: SurgeTracker, { startedAt, closedAt }: JudgedSurge): number {
  const [first, last] = [Math.floor(startedAt / settings.bucketMs), Math.max(Math.floor(startedAt / settings.bucketMs), Math.ceil(closedAt / settings.bucketMs) - 1)];
  const keep = keepOf(settings);
  const newest = keep ** Math.max(0, bucket - 1 - last);
  const count = last - first + 1;
  return (newest * (1 - keep ** count)) / ((1 - keep) * count);
}

/** Mean P of a negative in the normal. Unchanged by what learnSurge adds, so that taking out finds the same. */
function unitOf({ baseline }: SurgeTracker): number {
  return baseline.negatives > 0 ? Math.min(1, baseline.squares / baseline.negatives) : 1;
}

/** Caution for `judged` surges that opened since windowOf and were no incidents: whole steps of CAUTION_STEP nats. */
export function withCaution(settings: SurgeSettings, tracker: SurgeTracker, judged: number): SurgeTracker {
  const watched = Math.max(0, tracker.at - Math.max(tracker.firstAt ?? tracker.at, windowOf(settings, tracker)));
  const budgeted = (watched / DAY_MS) * settings.budgetPerDay;
  const nats = judged < ENOUGH ? 0 : Math.max(0, Math.log((DOUBT + judged) / (DOUBT + budgeted)));
  return { ...tracker, caution: Math.min(MOST_CAUTION, Math.round(nats / CAUTION_STEP)) };
}
