/**
 * What event time alone causes: bucket borders, easing, closing, the end of what muted. Each happens at its own exact time, worked out from the state
 * as of the newest review or border, never at the time of the call; so it does not matter who notices, or how often.
 * elapseSurge goes no further than the newest transition that was due: with none, it returns the tracker it was given, and
 * a review that arrives later than that transition finds what it would have found without the call.
 */
import type { SurgeRecord } from '#contracts';
import { adoptEpisode, endBucket } from './baseline.js';
import { stretched, unmutedFrom, whenStretched } from './calendar.js';
import { clipBegins, fall } from './cusum.js';
import { calmPerMs, recordOf, transition, unmuted } from './episode.js';
import { countLevel, type Normal, normalOf, passedAt, passingNormal } from './normal.js';
import type { SurgeSettings } from './settings.js';
import { type Draft, draftOf, type SurgeTracker } from './tracker.js';

export interface SurgeStep {
  readonly tracker: SurgeTracker;
  readonly records: readonly SurgeRecord[];
}

/** `now`: event time up to which nothing more is expected, epoch ms. Emits easing, closed and the end of a mute, never an opening. */
export function elapseSurge(settings: SurgeSettings, tracker: SurgeTracker, productId: string, now: number, modelId: string): SurgeStep {
  if (tracker.episode === null || now <= tracker.at) return { tracker, records: [] };
  const draft = draftOf(tracker);
  if (settings.calendar.id !== draft.calendar) adoptCalendar(settings, draft);
  const records: SurgeRecord[] = [];
  let reached = tracker;
  advance(settings, draft, productId, now, modelId, (record) => {
    records.push(record);
    reached = draftOf(draft);
  }, () => draft.episode === null);
  return { tracker: reached, records };
}

/** Moves the draft over all borders up to `to`, emitting what was due; leaves it as of the newest border. */
export function advance(settings: SurgeSettings, draft: Draft, productId: string, to: number, modelId: string, emit: (record: SurgeRecord) => void, stop: () => boolean = () => false): void {
  for (;;) {
    const border = (draft.bucket + 1) * settings.bucketMs;
    settleDue(settings, draft, productId, Math.min(border, to), modelId, emit);
    if (border > to || stop()) return;
    const normal = passingNormal(settings, draft);
    passTime(settings, draft, border, normal);
    endBucket(settings, draft, normal);
  }
}

/** From now on another snapshot of the calendar holds. The open bucket's clock may show less than it did: no run began later than now. */
export function adoptCalendar(settings: SurgeSettings, draft: Draft): void {
  draft.calendar = settings.calendar.id;
  if (draft.firstAt === null) return;
  const { expected } = countLevel(settings, draft, normalOf(settings, draft), draft.at);
  clipBegins(draft.runs, expected);
}

/** The runs, or the episode's calm, up to `to` within one bucket. */
export function passTime(settings: SurgeSettings, draft: Draft, to: number, normal: Normal): void {
  if (draft.episode !== null) {
    const elapsed = stretched(settings.calendar, draft.at, to);
    draft.episode = { ...draft.episode, calm: draft.episode.calm + calmPerMs(settings, draft.episode) * elapsed };
  } else {
    const level = countLevel(settings, draft, normal, draft.at);
    fall(draft.runs, level, Math.max(0, normal.pace * passedAt(settings, normal, draft.bucket, to) - level.expected));
  }
  draft.at = to;
}

/** Emits every transition of the open surge that was due by `limit`, each at its own time. */
export function settleDue(settings: SurgeSettings, draft: Draft, productId: string, limit: number, modelId: string, emit: (record: SurgeRecord) => void): void {
  while (draft.episode !== null) {
    const due = nextDue(settings, draft);
    if (due.at > limit) return;
    draft.episode = due.status === 'unmuted' ? unmuted(draft.episode, due.at) : transition(settings, draft.episode, due.status, due.at);
    if (due.status === 'closed') {
      const record = recordOf(settings, draft, productId, modelId);
      if (due.adopt) adoptEpisode(settings, draft, due.at);
      draft.episode = null;
      emit(record);
    } else {
      emit(recordOf(settings, draft, productId, modelId));
    }
  }
}

interface Due {
  readonly at: number;
  readonly status: 'easing' | 'closed' | 'unmuted';
  readonly adopt: boolean;
}

function nextDue(settings: SurgeSettings, draft: Draft): Due {
  const due = easingOrClosing(settings, draft);
  if (!draft.episode!.muted) return due;
  // Under another calendar than at the newest transition it may be over already: from then on
  const at = unmutedFrom(settings.calendar, Math.max(draft.at, draft.episode!.changedAt));
  return at < due.at ? { at, status: 'unmuted', adopt: false } : due;
}

function easingOrClosing(settings: SurgeSettings, draft: Draft): Due {
  const episode = draft.episode!;
  const perMs = calmPerMs(settings, episode);
  const reaches = (evidence: number): number => (episode.calm >= evidence ? draft.at : perMs > 0 ? Math.ceil(whenStretched(settings.calendar, draft.at, (evidence - episode.calm) / perMs)) : Infinity);
  const notBefore = (at: number): number => Math.max(at, episode.changedAt);
  const worn = { at: notBefore(episode.openedAt + settings.maxOpenMs), status: 'closed' as const, adopt: true };
  const quiet = { at: notBefore(Math.min(Math.max(reaches(settings.closeEvidence), episode.calmSince + settings.minQuietMs), episode.lastNegativeAt + Math.max(settings.silenceMs, settings.minQuietMs))), status: 'closed' as const, adopt: false };
  const closing = worn.at < quiet.at ? worn : quiet;
  if (episode.status === 'easing') return closing;
  const easing = { at: notBefore(Math.min(Math.max(reaches(settings.easeEvidence), episode.calmSince + settings.minCalmMs), closing.at)), status: 'easing' as const, adopt: false };
  return easing;
}
