/**
 * How event time follows the clock: six days of history within 20 seconds, the four days of the main surge within the
 * next 220, the rest at a minute a second until it meets the clock, and then as time goes by. Nothing lies in the future.
 */
import { DAY, PACE_MARKS } from './plot.js';

const HISTORY_SPEED = PACE_MARKS.warmUp / 20_000;
const STORY_SPEED = (PACE_MARKS.end - PACE_MARKS.warmUp) / 220_000;
const EVENING_SPEED = 60;
/** A feed that was away for long is back within about ten minutes. */
const CATCH_UP_MS = 600_000;

/** Milliseconds of event time per millisecond of the clock, when the story stands at `at` and the clock at `now`. */
export function speedAt(start: number, at: number, now: number): number {
  const behind = now - at;
  if (behind <= 0) return 0;
  if (at < start + PACE_MARKS.warmUp) return HISTORY_SPEED;
  if (at < start + PACE_MARKS.end) return STORY_SPEED;
  return behind > 2 * DAY ? Math.max(STORY_SPEED, behind / CATCH_UP_MS) : behind > 1_000 ? EVENING_SPEED : 1;
}

/** Event time after `elapsed` more milliseconds of the clock; never behind `at`, never beyond `now`. */
export function advance(start: number, at: number, now: number, elapsed: number): number {
  return Math.max(at, Math.min(now, Math.round(at + speedAt(start, at, now) * elapsed)));
}
