/**
 * The surge step: one scored review in, the next tracker and the transitions it caused out.
 * A late review (older than the newest) is counted where it belongs as far as constant state can tell: in its bucket's share of
 * the baseline, in every run and in the open surge that had begun by then; what follows from it is dated at the newest event
 * time, since records do not go back. Time does not pass for it.
 */
import type { SurgeObservation, SurgeRecord } from '#contracts';
import { learnLate } from './baseline.js';
import { weigh } from './burst.js';
import { COUNT, SHARE, type Suspicion, suspicion, take, type Weighed } from './cusum.js';
import { stretched } from './calendar.js';
import { adoptCalendar, advance, passTime, settleDue, type SurgeStep } from './elapse.js';
import { openEpisode, recordOf, takeIntoEpisode, worsened } from './episode.js';
import { isExplainedByVolume } from './gate.js';
import { countLevel, type Normal, normalOf, passedAt, shareLevel, thresholdIn } from './normal.js';
import { countHour, hasSeason, isDateOnly } from './season.js';
import type { SurgeSettings } from './settings.js';
import { CAUTION_STEP, type Draft, draftOf, type SurgeTracker } from './tracker.js';

export function observeReview(settings: SurgeSettings, tracker: SurgeTracker, observation: SurgeObservation, modelId: string): SurgeStep {
  const { at, productId } = observation;
  const pNegative = Math.min(1, Math.max(0, observation.pNegative));
  const draft = draftOf(tracker);
  const records: SurgeRecord[] = [];
  const emit = (record: SurgeRecord) => records.push(record);
  if (draft.firstAt === null) {
    draft.firstAt = at;
    draft.at = at;
    draft.bucket = Math.floor(at / settings.bucketMs);
  }
  if (settings.calendar.id !== draft.calendar) adoptCalendar(settings, draft);
  const late = at < draft.at;
  if (!late) advance(settings, draft, productId, at, modelId, emit);
  const elapsed = late || draft.episode === null ? 0 : stretched(settings.calendar, draft.at, at);
  const bucket = Math.floor(at / settings.bucketMs);
  draft.reviews += 1;
  if (bucket === draft.bucket) {
    draft.bucketNegatives += pNegative;
    draft.bucketReviews += 1;
    draft.bucketSquares += pNegative * pNegative;
  } else {
    learnLate(settings, draft, bucket, pNegative);
  }
  if (draft.episode === null) {
    const normal = normalOf(settings, draft);
    watch(settings, draft, normal, at, pNegative, late);
    if (tryToOpen(settings, draft, normal)) emit(recordOf(settings, draft, productId, modelId));
  } else {
    follow(settings, draft, observation, pNegative, elapsed, late);
    const next = worsened(settings, draft.episode, draft.at);
    if (next !== draft.episode) {
      draft.episode = next;
      emit(recordOf(settings, draft, productId, modelId));
    }
    settleDue(settings, draft, productId, draft.at, modelId, emit);
  }
  return { tracker: draft, records };
}

/** No surge is open: the runs take the review. */
function watch(settings: SurgeSettings, draft: Draft, normal: Normal, at: number, pNegative: number, late: boolean): void {
  if (!late) passTime(settings, draft, at, normal);
  const count = countLevel(settings, draft, normal, draft.at);
  const share = shareLevel(draft, normal);
  const review = weighInto(settings, draft, normal, at, pNegative, late);
  if (isWarm(settings, draft)) take(draft.runs, review, count, share, normal.odds);
}

function follow(settings: SurgeSettings, draft: Draft, observation: SurgeObservation, pNegative: number, elapsed: number, late: boolean): void {
  const episode = draft.episode!;
  weighInto(settings, draft, normalOf(settings, draft), observation.at, pNegative, late);
  if (late && observation.at < episode.startedAt) return;
  if (!late) draft.at = observation.at;
  draft.episode = takeIntoEpisode(settings, episode, draft.at, observation.at, pNegative, elapsed);
}

/** Notes the review in the open bucket; a late one counts in full. */
function weighInto(settings: SurgeSettings, draft: Draft, normal: Normal, at: number, pNegative: number, late: boolean): Weighed {
  const { bucketMs, timeZone } = settings;
  if (late && Math.floor(at / bucketMs) !== draft.bucket) return { at, pNegative, negative: 1, other: 1, late };
  const dated = isDateOnly(at);
  if (hasSeason(settings) && !dated) countHour(draft.hours, timeZone, at);
  const [negative, other] = weigh(draft.bursts, normal.negativeBursts, normal.otherBursts, bucketMs, at, pNegative, passedAt(settings, normal, draft.bucket, at), dated || late);
  return { at, pNegative, negative, other, late };
}

/** Enough is known of the product to tell a rise from its normal. */
export function isWarm({ warmupReviews, warmupMs }: SurgeSettings, { reviews, firstAt, at }: SurgeTracker): boolean {
  return firstAt !== null && reviews > warmupReviews && at - firstAt >= warmupMs;
}

function tryToOpen(settings: SurgeSettings, draft: Draft, normal: Normal): boolean {
  if (!isWarm(settings, draft)) return false;
  const count = settings.channels.includes('count') ? alarm(settings, draft, COUNT, normal) : null;
  const share = settings.channels.includes('share') ? alarm(settings, draft, SHARE, normal) : null;
  if (count === null && share === null) return false;
  const byCount = share === null || (count !== null && count.margin >= share.margin);
  openEpisode(settings, draft, byCount ? 'count' : 'share', (byCount ? count! : share).found, normal);
  return true;
}

function alarm(settings: SurgeSettings, draft: Draft, channel: typeof COUNT | typeof SHARE, normal: Normal): { found: Suspicion; margin: number } | null {
  const threshold = thresholdIn(settings, normal, channel) + CAUTION_STEP * draft.caution;
  const found = suspicion(draft.runs, channel, threshold, settings.runWeights);
  if (found === null || found.log < threshold || found.singles < settings.minNegatives || draft.at - found.startedAt < settings.persistMs) return null;
  if (channel === COUNT && settings.countGate === 'share' && isExplainedByVolume(settings, draft, found, normal)) return null;
  return { found, margin: found.log - threshold };
}
