/**
 * The life of a surge. Severity, what keeps it going, what calms it, and the record of each transition.
 *
 * Severity 1-10 = 1 + 1.5 log2(sure ratio) + log2(1 + sure excess / 5), rounded: the sure excess is the observed minus 1.28
 * standard deviations (lower end of an 80 % band) minus the expected. Twice the normal with a handful of negatives is 2-3,
 * eight times over a day with 40 negatives 8-9. It is the highest so far: it never falls within an episode.
 *
 * Calm: the log likelihood ratio of "back to normal" against "goes on at half the excess", started anew whenever the surge
 * looks alive. It makes the surge easing, and, held long enough, closed. In the count channel it grows with time alone.
 */
import type { SurgeChannel, SurgeRecord, SurgeStatus } from '#contracts';
import { eventsBetween, mutedAt, stretched } from './calendar.js';
import { excessLimits } from './excess.js';
import { freshRuns, shareGain, type Suspicion } from './cusum.js';
import { type Normal, normalOf } from './normal.js';
import type { SurgeSettings } from './settings.js';
import type { Draft, Episode } from './tracker.js';

export function openEpisode(settings: SurgeSettings, draft: Draft, channel: SurgeChannel, found: Suspicion, normal: Normal): void {
  const opened: Episode = {
    channel,
    calmBy: channel,
    status: 'opened',
    seq: 1,
    openedAt: draft.at,
    startedAt: found.startedAt,
    changedAt: draft.at,
    observed: found.negatives,
    reviews: found.reviews,
    rateBefore: normal.rate,
    shareBefore: normal.share,
    dispersion: channel === 'count' ? normal.countDispersion : normal.shareDispersion,
    reported: found.negatives,
    severity: 1,
    level: 0,
    calm: 0,
    calmSince: draft.at,
    lastNegativeAt: draft.at,
    muted: mutedAt(settings.calendar, draft.at),
  };
  const sureRate = sureObserved(opened) / elapsedOf(settings, opened, draft.at);
  const judged: Episode = { ...opened, calmBy: channel === 'count' || sureRate > 1.5 * normal.rate ? 'count' : 'share' };
  draft.episode = { ...judged, level: levelOf(settings, judged, draft.at), severity: severityOf(settings, judged, draft.at) };
  draft.bucketSurged = 1;
  draft.runs = freshRuns();
}

/** Negatives expected since startedAt: by the clock in the count channel (a known event's time runs faster), by the reviews in the share channel. */
export function expectedOf(settings: SurgeSettings, episode: Episode, until: number): number {
  return episode.channel === 'count' ? (episode.rateBefore * stretched(settings.calendar, episode.startedAt, until)) / settings.bucketMs : episode.shareBefore * episode.reviews;
}

/** Standard error of the expected: as that of the rate, or of the share, that it follows from. */
function expectedError(settings: SurgeSettings, { episode, prior, baseline }: Draft, normal: Normal, expected: number): number {
  const { rateBefore, shareBefore, dispersion, channel } = episode!;
  const relative = channel === 'count' ? dispersion / (rateBefore * normal.exposure) : (dispersion * (1 - shareBefore)) / (shareBefore * (prior.shareNegatives + prior.shareOthers + baseline.shareReviews));
  return expected * Math.sqrt(relative);
}

function sureObserved(episode: Episode, deviations = 1.28): number {
  return Math.max(0, episode.observed - deviations * Math.sqrt(episode.dispersion * episode.observed));
}

export function severityOf(settings: SurgeSettings, episode: Episode, until: number): number {
  const expected = expectedOf(settings, episode, until);
  const sure = sureObserved(episode);
  const ratio = Math.max(1, sure / Math.max(expected, 0.1));
  const excess = Math.max(0, sure - expected);
  return Math.min(10, Math.max(1, Math.round(1 + 1.5 * Math.log2(ratio) + Math.log2(1 + excess / 5))));
}

/** Buckets since startedAt, at least a quarter: a rate from four reviews within minutes is no rate. */
function elapsedOf(settings: SurgeSettings, episode: Episode, until: number): number {
  return Math.max(stretched(settings.calendar, episode.startedAt, until) / settings.bucketMs, 0.25);
}

/** Halfway between normal and what the surge most likely is at least; at least 1.5 times normal, and never lower than it was: an ending surge must not become its own yardstick. */
function levelOf(settings: SurgeSettings, episode: Episode, until: number): number {
  const sure = sureObserved(episode, 0.5);
  if (episode.calmBy === 'count') return Math.max(episode.level, 1.5 * episode.rateBefore, (episode.rateBefore + sure / elapsedOf(settings, episode, until)) / 2);
  const least = Math.min(1.5 * episode.shareBefore, (1 + episode.shareBefore) / 2);
  return Math.min(0.99, Math.max(episode.level, least, (episode.shareBefore + sure / Math.max(1, episode.reviews)) / 2));
}

/** Growth of `calm` per ms of the detector's time without a review. */
export function calmPerMs(settings: SurgeSettings, episode: Episode): number {
  return episode.calmBy === 'count' ? (episode.level - episode.rateBefore) / settings.bucketMs : 0;
}

/** Takes a review into the episode. `at` is the newest event time (reviewedAt, unless that is late), `elapsed` the detector's time since the one before, ms. */
export function takeIntoEpisode(settings: SurgeSettings, episode: Episode, at: number, reviewedAt: number, pNegative: number, elapsed: number): Episode {
  const gain = episode.calmBy === 'count' ? Math.log1p(pNegative * (episode.level / episode.rateBefore - 1)) : shareGain(pNegative, episode.shareBefore, episode.level);
  const calm = episode.calm + calmPerMs(settings, episode) * elapsed - gain;
  const next = {
    ...episode,
    observed: episode.observed + pNegative,
    reviews: episode.reviews + 1,
    calm: Math.max(0, calm),
    calmSince: calm <= 0 ? at : episode.calmSince,
    lastNegativeAt: pNegative >= 0.5 ? Math.max(episode.lastNegativeAt, reviewedAt) : episode.lastNegativeAt,
  };
  return calm <= 0 ? { ...next, level: levelOf(settings, next, at) } : next;
}

/** Worse: severity or observed have risen enough since the newest record. The same after easing, so that a surge that dies away unevenly does not flap. */
export function worsened(settings: SurgeSettings, episode: Episode, at: number): Episode {
  const severity = severityOf(settings, episode, at);
  const grown = episode.calm <= 0 && episode.observed >= settings.worsenGrowth * episode.reported;
  if (!grown && severity < episode.severity + settings.worsenBy) return episode;
  return transition(settings, { ...episode, severity: Math.max(severity, episode.severity) }, 'worsening', at);
}

export function transition(settings: SurgeSettings, episode: Episode, status: SurgeStatus, at: number): Episode {
  return { ...episode, status, seq: episode.seq + 1, changedAt: at, reported: episode.observed, muted: mutedAt(settings.calendar, at) };
}

/** The event that muted it is over and it is still open: a transition that changes nothing else, so that it can be told now. */
export function unmuted(episode: Episode, at: number): Episode {
  return { ...episode, seq: episode.seq + 1, changedAt: at, muted: false };
}

/** The episode as a record at its newest transition. */
export function recordOf(settings: SurgeSettings, draft: Draft, productId: string, modelId: string): SurgeRecord {
  const episode = draft.episode!;
  const { channel, status, seq, openedAt, startedAt, changedAt: at, observed, severity, shareBefore } = episode;
  const expected = expectedOf(settings, episode, at);
  const { low, high } = excessLimits(observed, episode.dispersion, expected, expectedError(settings, draft, normalOf(settings, draft), expected));
  return {
    surgeId: `${productId}@${new Date(openedAt).toISOString()}`,
    seq,
    productId,
    status,
    channel,
    at,
    openedAt,
    closedAt: status === 'closed' ? at : null,
    startedAt,
    expected,
    observed,
    excess: observed - expected,
    excessLow: low,
    excessHigh: high,
    severity,
    shareBefore,
    shareNow: observed / Math.max(1, episode.reviews),
    budgetPerDay: settings.budgetPerDay,
    budgetSource: settings.budgetSource,
    settingsId: settings.settingsId,
    modelId,
    events: eventsBetween(settings.calendar, startedAt, at),
    muted: episode.muted,
    calendarId: settings.calendar.id,
  };
}
