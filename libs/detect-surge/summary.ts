/** A few numbers per product for SQL and the page; never read back, except by poolPrior. */
import { normalOf } from './normal.js';
import { isWarm } from './observe.js';
import { seasonFactors, seasonKnown } from './season.js';
import { DAY_MS, defaultSurgeSettings, type SurgeSettings } from './settings.js';
import { CAUTION_STEP, type SurgeTracker } from './tracker.js';

export function summarizeSurge(tracker: SurgeTracker, settings: SurgeSettings = defaultSurgeSettings): Record<string, number | string | null | readonly number[]> {
  const normal = normalOf(settings, tracker);
  const perDay = DAY_MS / settings.bucketMs;
  const { episode, firstAt, at, reviews } = tracker;
  const warm = isWarm(settings, tracker);
  return {
    status: episode?.status ?? (warm ? 'watching' : 'warming'),
    reviews,
    days: firstAt === null ? 0 : (at - firstAt) / DAY_MS,
    ratePerDay: normal.rate * perDay,
    reviewsPerDay: normal.volume * perDay,
    share: normal.share,
    dispersion: normal.countDispersion,
    /** Factors of the local hour of the day (24) and of the day of the week from Monday (7); null until three weeks are known. */
    season: seasonKnown(tracker.baseline.season) ? seasonFactors(tracker.baseline.season, tracker.prior.season, normal.volumeDispersion).map((factor) => Math.round(factor * 1000) / 1000) : null,
    /** Reviews and days that the warm-up still needs; 0 when it is over. */
    warmupReviews: Math.max(0, settings.warmupReviews + 1 - reviews),
    warmupDays: warm ? 0 : Math.max(0, (settings.warmupMs - (firstAt === null ? 0 : at - firstAt)) / DAY_MS),
    /** Nats by which people's verdicts raised the thresholds. */
    thresholdRaised: CAUTION_STEP * tracker.caution,
    /** False alarms a day that its newest review was judged for, and whose budget that is. */
    budgetPerDay: settings.budgetPerDay,
    budgetSource: settings.budgetSource,
    /** Snapshot of the calendar of known events that was applied last. */
    calendar: tracker.calendar,
    severity: episode?.severity ?? null,
    openedAt: episode === null ? null : new Date(episode.openedAt).toISOString(),
    startedAt: episode === null ? null : new Date(episode.startedAt).toISOString(),
  };
}
