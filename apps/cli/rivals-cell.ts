/**
 * One cell of the comparison: a rate of negatives and an over-dispersion. Our detector runs with its own threshold; every rival gets the
 * threshold at which it raises as many false alarms as ours did on the same in-control streams (seeds kept apart from those that
 * delays are measured on). Every detector sees the same true labels; the rivals' thresholds know the cell, ours does not.
 */
import type { SurgeObservation } from '#contracts';
import { type Alarm, changePointScores, cusumAlarms, earsC1, earsC2, earsC3, farringtonScore, fixedThresholdAlarms, makeStream, mergedOnsets, rollingScores, type StreamPlan, thresholdFor } from '#compare-detectors';
import { seededRandom } from '#seeded-random';
import { freshSurgeTracker, observeReview, type SurgeSettings, surgeSettings, type SurgeTracker } from '#detect-surge';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);
export const WARM_DAYS = 60;
export const RISE_DAYS = 14;
export const SHARE = 0.2;
export const RISES = [1.5, 2, 3, 5, 10] as const;

export interface CellPlan {
  readonly rate: number;
  /** null: Poisson. */
  readonly size: number | null;
  readonly inControlStreams: number;
  readonly inControlDays: number;
  readonly runs: number;
  readonly budgetPerDay: number;
}
export interface DelayFigure {
  readonly rise: number;
  /** Hours from the rise to the alarm, missed ones as longest; null: more than half are missed. */
  readonly medianHours: number | null;
  /** The median's 83 % interval, as order statistics: where two of them lie apart, the medians differ at 95 %. */
  readonly lowHours: number | null;
  readonly highHours: number | null;
  readonly missed: number;
  readonly runs: number;
}
export interface DetectorFigure {
  readonly detector: string;
  /** False alarms a day on the in-control streams that delays' seeds do not touch; the second on fresh ones. */
  readonly fitted: number;
  readonly verified: number;
  readonly delays: readonly DelayFigure[];
}

export type Events = readonly { readonly at: number; readonly negative: boolean }[];
type Rival = (negatives: readonly number[], days: number, from: number, random: () => number) => Alarm[];

const counted = (negatives: readonly number[], days: number, perDay: number): Float64Array => {
  const counts = new Float64Array(days * perDay);
  for (const at of negatives) counts[Math.min(counts.length - 1, Math.floor(at * perDay))]! += 1;
  return counts;
};
/** A bucket is judged at its end; `jitter` below one part in a million breaks ties of counts. */
const bucketed = (perDay: number, scoresOf: (counts: Float64Array, from: number) => ArrayLike<number>): Rival => (negatives, days, from, random) => {
  const scores = scoresOf(counted(negatives, days, perDay), Math.floor(from * perDay));
  return Array.from(scores, (score, t) => ({ at: (t + 1) / perDay, score: score + 1e-6 * random() }));
};
const daily = (score: (counts: Float64Array, t: number) => number): Rival => bucketed(1, (counts, from) => counts.map((_, t) => (t < from ? -Infinity : score(counts, t))));

const rivalsOf = (rate: number): Readonly<Record<string, Rival>> => ({
  'fixed threshold per hour': (negatives, _days, _from, random) => fixedThresholdAlarms(negatives, random),
  'rolling 3 sigma, hours': bucketed(24, (counts) => rollingScores(counts, 28 * 24)),
  'rolling 3 sigma, days': bucketed(1, (counts) => rollingScores(counts, 28)),
  'EARS C1': daily(earsC1),
  'EARS C2': daily(earsC2),
  'EARS C3': daily(earsC3),
  Farrington: daily((counts, t) => farringtonScore(counts, t, { year: 0, back: 49, leftOut: 7, periods: 1, alpha: 0.005 }, 0)),
  'Poisson CUSUM (3x)': (negatives) => cusumAlarms(negatives, 3, 28),
  'Bayesian change point': bucketed(4, (counts) => changePointScores(counts, { hazard: 1 / 240, newest: 28, shape: 1, rate: 4 / rate, longest: 220 })),
});

export const negativesOf = (events: Events) => events.filter(({ negative }) => negative).map(({ at }) => at);

export function compareCell(plan: CellPlan): DetectorFigure[] {
  const { rate, runs, inControlStreams, inControlDays } = plan;
  const settings = surgeSettings({ budgetPerDay: plan.budgetPerDay });
  const base: StreamPlan = { days: inControlDays, rate, share: SHARE, size: plan.size ?? Infinity };
  const calm = (from: number) => Array.from({ length: inControlStreams }, (_, i) => makeStream(base, from + i));
  const [fit, check] = [calm(1), calm(100_001)] as const;
  const onsets = (streams: readonly (readonly Alarm[])[], threshold: number) => streams.reduce((sum, stream) => sum + mergedOnsets(stream, threshold, WARM_DAYS, inControlDays).length, 0);
  const perDay = (alarms: number) => alarms / (inControlStreams * (inControlDays - WARM_DAYS));
  const ours = (streams: readonly Events[]) => onsets(streams.map((events) => runOurs(settings, freshSurgeTracker({}), events).alarms), 0.5);
  const wanted = ours(fit);
  const rivals = Object.entries(rivalsOf(rate)).map(([detector, rival]) => {
    const alarms = (streams: readonly Events[]) => streams.map((events, i) => rival(negativesOf(events), inControlDays, WARM_DAYS - 5, seededRandom(i + 1)));
    const threshold = thresholdFor(alarms(fit), wanted, WARM_DAYS, inControlDays);
    return { detector, rival, threshold, fitted: perDay(onsets(alarms(fit), threshold)), verified: perDay(onsets(alarms(check), threshold)) };
  });

  const delays = new Map<string, number[][]>([['tidewatch', RISES.map(() => [])], ...rivals.map(({ detector }): [string, number[][]] => [detector, RISES.map(() => [])])]);
  for (let i = 0; i < runs; i += 1) {
    const seed = 200_001 + i;
    const onset = WARM_DAYS + seededRandom(seed)();
    const days = WARM_DAYS + RISE_DAYS + 1;
    let warm: SurgeTracker | null = null;
    RISES.forEach((times, at) => {
      const events = makeStream({ ...base, days, rise: { from: onset, times } }, seed);
      warm ??= runOurs(settings, freshSurgeTracker({}), events.filter((event) => event.at < onset)).tracker;
      if (warm.episode === null) delays.get('tidewatch')![at]!.push(delayOf(runOurs(settings, warm, events.filter((event) => event.at >= onset)).alarms, 0.5, onset));
      const negatives = negativesOf(events);
      for (const { detector, rival, threshold } of rivals) {
        const alarms = rival(negatives, days, WARM_DAYS - 5, seededRandom(seed));
        if (alarms.some((alarm) => alarm.score >= threshold && alarm.at <= onset && alarm.at > onset - 2)) continue;
        delays.get(detector)![at]!.push(delayOf(alarms, threshold, onset));
      }
    });
  }
  const figures = (detector: string): DelayFigure[] => RISES.map((rise, at) => figureOf(rise, delays.get(detector)![at]!));
  return [
    { detector: 'tidewatch', fitted: perDay(wanted), verified: perDay(ours(check)), delays: figures('tidewatch') },
    ...rivals.map(({ detector, fitted, verified }) => ({ detector, fitted, verified, delays: figures(detector) })),
  ];
}

export function delayOf(alarms: readonly Alarm[], threshold: number, onset: number): number {
  const found = alarms.find(({ at, score }) => score >= threshold && at > onset && at <= onset + RISE_DAYS);
  return found === undefined ? Infinity : 24 * (found.at - onset);
}

function figureOf(rise: number, delays: readonly number[]): DelayFigure {
  const sorted = delays.toSorted((a, b) => a - b);
  const hoursAt = (rank: number): number | null => {
    const hours = sorted[Math.min(sorted.length - 1, Math.max(0, Math.floor(rank)))] ?? Infinity;
    return Number.isFinite(hours) ? hours : null;
  };
  const [middle, off] = [sorted.length / 2, 0.69 * Math.sqrt(sorted.length)];
  return { rise, medianHours: hoursAt(middle), lowHours: hoursAt(middle - off), highHours: hoursAt(middle + off), missed: delays.filter((delay) => delay === Infinity).length / Math.max(1, delays.length), runs: delays.length };
}

export function runOurs(settings: SurgeSettings, from: SurgeTracker, events: Events): { tracker: SurgeTracker; alarms: Alarm[] } {
  let tracker = from;
  const alarms: Alarm[] = [];
  events.forEach(({ at, negative }) => {
    const step = observeReview(settings, tracker, observation(at, negative), 'm');
    tracker = step.tracker;
    for (const record of step.records) if (record.status === 'opened') alarms.push({ at, score: 1 });
  });
  return { tracker, alarms };
}

const observation = (at: number, negative: boolean): SurgeObservation => ({ productId: 'p', at: START + Math.round(at * DAY), pNegative: negative ? 1 : 0 });
