/**
 * The count's gate: a rise of negatives that comes with a rise of everything is no news. It holds back where the others have come
 * more often than usual since the change and the share of negatives has not surely risen. Where the others come as usual, time itself is
 * the yardstick and nothing is asked of the share: its proof would take longer than the count's.
 */
import { stretched } from './calendar.js';
import type { Suspicion } from './cusum.js';
import { type Normal, passedAt } from './normal.js';
import type { SurgeSettings } from './settings.js';
import type { SurgeTracker } from './tracker.js';

/** Standard deviations by which the others' number counts as risen: early, for the gate must be closed before the count is sure. */
const RISEN = 1;

export function isExplainedByVolume(settings: SurgeSettings, tracker: SurgeTracker, { singles, otherSingles, startedAt }: Suspicion, normal: Normal): boolean {
  const usual = normal.otherBursts.rate * passedSince(settings, tracker, normal, startedAt);
  if (otherSingles - usual < RISEN * Math.sqrt(usual * normal.volumeDispersion)) return false;
  const share = normal.odds / (1 + normal.odds);
  const expected = (singles + otherSingles) * share;
  const buckets = Math.max(1, (tracker.at - startedAt) / settings.bucketMs);
  return singles - expected < settings.gateZ * Math.sqrt(expected * (1 - share) + expected ** 2 / (normal.shareSize * buckets));
}

/** Detector's time in buckets; of earlier buckets with the calendar's events, but without the season, which is even over whole ones. */
function passedSince(settings: SurgeSettings, { bucket, at }: SurgeTracker, normal: Normal, from: number): number {
  const begin = bucket * settings.bucketMs;
  const now = passedAt(settings, normal, bucket, at);
  return from >= begin ? now - passedAt(settings, normal, bucket, from) : now + stretched(settings.calendar, from, begin) / settings.bucketMs;
}
