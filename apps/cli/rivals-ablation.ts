/**
 * What each piece of the detector costs and brings: the settings with one piece changed, each under the threshold's constant that meets the budget
 * in that very cell, so that delays compare. The streams are of the kind of rivals-cell.ts, under seeds of their own.
 */
import { cusumAlarms, makeStream, mergedOnsets, type StreamPlan, thresholdFor } from '#compare-detectors';
import { seededRandom } from '#seeded-random';
import { freshSurgeTracker, type SurgeSettings, surgeSettings } from '#detect-surge';
import { type CellPlan, delayOf, type Events, negativesOf, RISE_DAYS, runOurs, SHARE, WARM_DAYS } from './rivals-cell.js';

const DAY_MS = 86_400_000;
const SEEDS = 500_001;
/** Steps to the constant; each errs by the logarithm of realised over asked. */
const STEPS = 6;
export const ABLATION_RISES = [2, 3, 10] as const;

/** Weights of the six runs of ratio 1.5, 2, 3, 5, 10 and 20. */
const only3 = [0, 0, 1, 0, 0, 0];
const equal = only3.map(() => 1 / 6);

/** null: the Poisson CUSUM that looks for a rise by three. */
export const ABLATIONS: Readonly<Record<string, Partial<SurgeSettings> | null>> = {
  'the default': {},
  'runs weighted equally': { runWeights: equal },
  'the run of ratio 3 alone': { runWeights: only3 },
  'no guard': { guard: 0 },
  'a guard of a whole deviation': { guard: 1 },
  'over-dispersion forgotten like the rate': { dispersionHalfLifeMs: 28 * DAY_MS },
  'a floor of three negatives': { minNegatives: 3 },
  'no persistence': { persistMs: 0 },
  'no season': { season: 'none' },
  'bursts not thinned': { burstMs: 0 },
  'the count alone, behind the gate': { channels: ['count'] },
  'the count alone, without the gate': { channels: ['count'], countGate: 'none' },
  'the share alone': { channels: ['share'] },
  'Poisson CUSUM (3x)': null,
};

export interface AblationFigure {
  /** Realised over asked, on the streams that the constant was found on. */
  readonly realised: number;
  /** Mean hours to the alarm for each of ABLATION_RISES, missed ones as 14 days. */
  readonly meanHours: readonly number[];
}

/** Hours to the first alarm behind the onset, Infinity for none; null where an alarm stood when the rise began. */
type Delay = (events: Events, onset: number) => number | null;

export function ablate(plan: CellPlan, piece: string): AblationFigure {
  const base: StreamPlan = { days: plan.inControlDays, rate: plan.rate, share: SHARE, size: plan.size ?? Infinity };
  const calm = Array.from({ length: plan.inControlStreams }, (_, i): Events => makeStream(base, SEEDS + i));
  const wanted = plan.budgetPerDay * plan.inControlStreams * (plan.inControlDays - WARM_DAYS);
  const changed = ABLATIONS[piece]!;
  const { alarms, delay } = changed === null ? cusum(calm, wanted, plan.inControlDays) : ours(changed, plan, calm, wanted);
  const sums = ABLATION_RISES.map(() => [0, 0] as [number, number]);
  for (let i = 0; i < plan.runs; i += 1) {
    const seed = SEEDS + 100_000 + i;
    const onset = WARM_DAYS + seededRandom(seed)();
    ABLATION_RISES.forEach((times, at) => {
      const hours = delay(makeStream({ ...base, days: WARM_DAYS + RISE_DAYS + 1, rise: { from: onset, times } }, seed), onset);
      if (hours === null) return;
      sums[at]![0] += Math.min(hours, 24 * RISE_DAYS);
      sums[at]![1] += 1;
    });
  }
  return { realised: alarms / wanted, meanHours: sums.map(([sum, n]) => sum / n) };
}

function cusum(calm: readonly Events[], wanted: number, days: number): { alarms: number; delay: Delay } {
  const scores = calm.map((events) => cusumAlarms(negativesOf(events), 3, 28));
  const threshold = thresholdFor(scores, wanted, WARM_DAYS, days);
  const delay: Delay = (events, onset) => {
    const found = cusumAlarms(negativesOf(events), 3, 28);
    return found.some(({ at, score }) => score >= threshold && at <= onset && at > onset - 2) ? null : delayOf(found, threshold, onset);
  };
  return { alarms: scores.reduce((sum, each) => sum + mergedOnsets(each, threshold, WARM_DAYS, days).length, 0), delay };
}

function ours(changed: Partial<SurgeSettings>, { budgetPerDay, inControlDays }: CellPlan, calm: readonly Events[], wanted: number): { alarms: number; delay: Delay } {
  let [log, alarms] = [-1, 0];
  const settingsAt = () => surgeSettings({ budgetPerDay, ...changed, thresholdTable: [{ rate: 1, dispersion: 1, logs: [log, log, log] }] });
  const count = () => calm.reduce((sum, events) => sum + mergedOnsets(runOurs(settingsAt(), freshSurgeTracker({}), events).alarms, 0.5, WARM_DAYS, inControlDays).length, 0);
  for (let step = 0; step < STEPS; step += 1) {
    alarms = count();
    if (step < STEPS - 1) log += Math.log(Math.max(0.1, alarms / wanted));
  }
  const settings = settingsAt();
  const delay: Delay = (events, onset) => {
    const warm = runOurs(settings, freshSurgeTracker({}), events.filter(({ at }) => at < onset)).tracker;
    return warm.episode !== null ? null : delayOf(runOurs(settings, warm, events.filter(({ at }) => at >= onset)).alarms, 0.5, onset);
  };
  return { alarms, delay };
}
