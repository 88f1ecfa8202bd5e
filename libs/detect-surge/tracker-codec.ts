/**
 * The tracker as bytes and back, exactly. Little-endian; format 5: u8 format, numbers in the order below (f64, seasons and hours f32),
 * the runs that live, then the episode (u8 present), and the calendar's snapshot (f64). Formats up to 4 have a list of evidence behind the episode, and those up to 3 a list
 * of terms behind that, which are dropped; formats up to 3 lack the episode's `muted` (nobody was held back), formats up to 2 the calendar. Format 1 also lacks bursts, hours, seasons, and
 * a run's numbers behind the fourth; a tracker read from it has seen no burst and knows no season. The byte of
 * bucketSurged keeps the caution in its upper seven bits, zero before there was any. A released format never changes: a new layout gets the next number, and
 * decode keeps reading the old one.
 */
import { type SurgeChannel, type SurgeStatus, TidewatchError } from '#contracts';
import { ByteReader, ByteWriter } from './bytes.js';
import { BURST_FIELDS, freshBursts, OTHER_SINGLES, SINGLES } from './burst.js';
import { freshRuns, RUN_FIELDS } from './cusum.js';
import { emptyHours, emptySeason, LEARNED_SIZE, SEASON_SIZE } from './season.js';
import type { Baseline, Episode, SurgeTracker } from './tracker.js';
import type { SurgePrior } from './prior.js';

const FORMAT = 5;
const FORMAT_1_RUN_FIELDS = 4;
const CHANNELS: readonly SurgeChannel[] = ['count', 'share'];
const STATUSES: readonly SurgeStatus[] = ['opened', 'worsening', 'easing', 'closed'];
const PRIOR = ['rateShape', 'rateDays', 'shareNegatives', 'shareOthers', 'dispersion', 'dispersionWeight'] as const satisfies readonly Exclude<keyof SurgePrior, 'season'>[];
const BASELINE = ['negatives', 'exposure', 'squares', 'shareNegatives', 'shareReviews', 'reviews', 'countResiduals', 'countWeight', 'shareResiduals', 'shareWeight'] as const satisfies readonly (keyof Baseline)[];
const BASELINE_2 = ['singles', 'otherSingles', 'burstExcess', 'burstWeight', 'otherBurstExcess', 'otherBurstWeight', 'volumeResiduals'] as const satisfies readonly (keyof Baseline)[];
const EPISODE = ['seq', 'openedAt', 'startedAt', 'changedAt', 'observed', 'reviews', 'rateBefore', 'shareBefore', 'dispersion', 'reported', 'severity', 'level', 'calm', 'calmSince', 'lastNegativeAt'] as const satisfies readonly Exclude<keyof Episode, 'muted'>[];
const MOST_EVIDENCE = 4;
const MOST_WORDS = 5;
const SIGNATURE_SIZE = 8;
const MOST_TERMS = 64;

function encode(tracker: SurgeTracker): Uint8Array {
  const out = new ByteWriter();
  out.u8(FORMAT);
  for (const name of PRIOR) out.f64(tracker.prior[name]);
  out.u8(tracker.prior.season === null ? 0 : 1);
  for (const value of tracker.prior.season ?? []) out.f32(value);
  out.u8(tracker.firstAt === null ? 0 : 1);
  for (const value of [tracker.firstAt ?? 0, tracker.at, tracker.reviews, tracker.bucket, tracker.bucketNegatives, tracker.bucketReviews, tracker.bucketSquares]) out.f64(value);
  out.u8(tracker.bucketSurged + 2 * tracker.caution);
  for (const name of BASELINE) out.f64(tracker.baseline[name]);
  for (const name of BASELINE_2) out.f64(tracker.baseline[name]);
  for (const value of tracker.bursts) out.f64(value);
  for (const value of tracker.hours) out.u16(value);
  for (const value of tracker.baseline.season) out.f32(value);
  // A run at zero has nothing else to say: most are, most of the time
  for (let slot = 0; slot < tracker.runs.length; slot += RUN_FIELDS) {
    const alive = tracker.runs[slot]! > 0;
    out.u8(alive ? 1 : 0);
    if (alive) for (let field = 0; field < RUN_FIELDS; field += 1) out.f64(tracker.runs[slot + field]!);
  }
  const { episode } = tracker;
  out.u8(episode === null ? 0 : 1);
  if (episode !== null) {
    out.u8(CHANNELS.indexOf(episode.channel));
    out.u8(CHANNELS.indexOf(episode.calmBy));
    out.u8(STATUSES.indexOf(episode.status));
    for (const name of EPISODE) out.f64(episode[name]);
    out.u8(episode.muted ? 1 : 0);
  }
  out.f64(tracker.calendar);
  return out.done();
}

function decode(bytes: Uint8Array, format: number): SurgeTracker {
  if (!Number.isInteger(format) || format < 1 || format > FORMAT || bytes[0] !== format) {
    throw new TidewatchError('STATE_FORMAT_UNKNOWN', `a surge tracker of format ${format} (first byte ${bytes[0] ?? 'absent'}), this version reads formats 1 to ${FORMAT}. Run the version that wrote it, or start the product anew with "tidewatch state".`);
  }
  const from = new ByteReader(bytes);
  from.u8();
  const prior: SurgePrior = { ...named(PRIOR, from), season: format > 1 && from.u8() === 1 ? singles(from, SEASON_SIZE) : null };
  const hasFirst = from.u8() === 1;
  const [first, at, reviews, bucket, bucketNegatives, bucketReviews, bucketSquares] = [from.f64(), from.f64(), from.f64(), from.f64(), from.f64(), from.f64(), from.f64()] as const;
  const flags = from.u8();
  const learned = named(BASELINE, from);
  const before2 = { singles: learned.negatives, otherSingles: Math.max(0, learned.reviews - learned.negatives), burstExcess: 0, burstWeight: 0, otherBurstExcess: 0, otherBurstWeight: 0, volumeResiduals: learned.countWeight };
  const added = format > 1 ? named(BASELINE_2, from) : before2;
  const bursts = format > 1 ? Array.from({ length: BURST_FIELDS }, () => from.f64()) : burstsOf(bucketNegatives, bucketReviews);
  const hours = format > 1 ? Array.from({ length: 24 }, () => from.u16()) : emptyHours();
  const baseline: Baseline = { ...learned, ...added, season: format > 1 ? singles(from, LEARNED_SIZE) : emptySeason() };
  const runs = freshRuns();
  for (let slot = 0; slot < runs.length; slot += RUN_FIELDS) {
    if (from.u8() === 1) for (let field = 0; field < (format > 1 ? RUN_FIELDS : FORMAT_1_RUN_FIELDS); field += 1) runs[slot + field] = from.f64();
    if (format === 1) [runs[slot + 5], runs[slot + 6]] = [runs[slot + 2]!, Math.max(0, runs[slot + 3]! - runs[slot + 2]!)];
  }
  let episode: Episode | null = null;
  if (from.u8() === 1) {
    const channel = CHANNELS[from.u8()];
    const calmBy = CHANNELS[from.u8()];
    const status = STATUSES[from.u8()];
    if (channel === undefined || calmBy === undefined || status === undefined) throw from.corrupt('an unknown channel or status');
    episode = { channel, calmBy, status, ...named(EPISODE, from), muted: format > 3 && from.u8() === 1 };
  }
  if (format < 5) skipEvidence(from);
  if (format < 4) skipTerms(from);
  const calendar = format > 2 ? from.f64() : 0;
  from.end();
  return { prior, firstAt: hasFirst ? first : null, at, reviews, bucket, bucketNegatives, bucketReviews, bucketSquares, bucketSurged: flags % 2 === 1 ? 1 : 0, caution: flags >> 1, bursts, hours, baseline, runs, episode, calendar };
}

/** Up to format 4 the tracker kept reviews: id, position, time, P(negative), excerpt, words to highlight, and a signature of each. */
function skipEvidence(from: ByteReader): void {
  const skipWords = () => from.list(MOST_WORDS, () => [from.text(), from.u16(), from.u16(), from.f64()]);
  const skipSignature = () => Array.from({ length: SIGNATURE_SIZE }, () => from.u16());
  from.list(MOST_EVIDENCE, () => [from.text(), from.text(), from.i32(), from.i64(), from.f64(), from.f64(), from.text(), skipWords(), skipSignature()]);
}

/** Up to format 3 the tracker counted what its negatives have in common: kind, value, before, now of each, and two totals. */
function skipTerms(from: ByteReader): void {
  from.list(MOST_TERMS, () => [from.u8(), from.text(), from.f64(), from.i32()]);
  from.f64();
  from.f64();
}

/** Single-precision numbers. */
function singles(from: ByteReader, length: number): number[] {
  return Array.from({ length }, () => from.f32());
}

function burstsOf(negatives: number, reviews: number): number[] {
  const bursts = freshBursts();
  bursts[SINGLES] = negatives;
  bursts[OTHER_SINGLES] = Math.max(0, reviews - negatives);
  return bursts;
}

function named<Name extends string>(names: readonly Name[], from: ByteReader): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, from.f64()])) as Record<Name, number>;
}

export const surgeTrackerCodec = { format: FORMAT, encode, decode } as const;
