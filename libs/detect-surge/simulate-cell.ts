/**
 * One cell of the proof: realised false alarms against the budget asked for, or the delay of a rise against Lorden's bound
 * ln(ARL0) / KL (Lorden 1971), on simulated streams through the serving step itself. Seeded: the same cell gives the same row.
 */
import { RATIOS } from './cusum.js';
import { observeReview } from './observe.js';
import { DAY_MS, type SurgeSettings, surgeSettings } from './settings.js';
import { simulateStream, type SimulatedStream, SIMULATION_START } from './simulate-stream.js';
import { BUDGET_DAYS } from './threshold.js';
import { freshSurgeTracker } from './tracker.js';

export interface SurgeCell {
  readonly stream: SimulatedStream;
  /** Days between false alarms that are asked for. */
  readonly budgetDays: number;
  readonly seed: number;
  /** Reviews to spend at most, and false alarms expected at which it is enough. */
  readonly reviews: number;
  readonly alarms: number;
  readonly settings?: Partial<SurgeSettings>;
}

export interface AlarmRow {
  readonly days: number;
  readonly opened: number;
  /** Realised over asked, with the 95 % interval of a Poisson count. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

export interface DelayRow {
  readonly runs: number;
  readonly medianDays: number;
  readonly withinDay: number;
  readonly missed: number;
  /** Median of estimated minus true start, and of its size, days. */
  readonly startBias: number;
  readonly startError: number;
}

/** Days before alarms count: the detector has seen its product for a season, or 60 negatives. */
export const burnInDays = ({ rate }: SimulatedStream): number => Math.min(1200, Math.max(90, Math.ceil(60 / rate)));

export function measureAlarms(cell: SurgeCell): AlarmRow {
  const settings = surgeSettings({ budgetPerDay: 1 / cell.budgetDays, ...cell.settings });
  const { rate, share } = cell.stream;
  const burnIn = burnInDays(cell.stream);
  const days = Math.ceil(burnIn + Math.min(cell.alarms * cell.budgetDays, Math.max(cell.budgetDays, (cell.reviews * share) / rate)));
  let tracker = freshSurgeTracker({});
  let opened = 0;
  for (const observation of simulateStream(cell.stream, days, cell.seed)) {
    const step = observeReview(settings, tracker, observation, 'simulated');
    tracker = step.tracker;
    if (step.records.length > 0 && observation.at >= SIMULATION_START + burnIn * DAY_MS) for (const record of step.records) if (record.status === 'opened') opened += 1;
  }
  const asked = (days - burnIn) / cell.budgetDays;
  const [low, high] = poissonInterval(opened);
  return { days: days - burnIn, opened, ratio: opened / asked, low: low / asked, high: high / asked };
}

/** 95 % interval of a Poisson mean from its count (Wilson-Hilferty). */
export function poissonInterval(count: number): [number, number] {
  const edge = (n: number, z: number) => n * (1 - 1 / (9 * n) + z / (3 * Math.sqrt(n))) ** 3;
  return [count === 0 ? 0 : edge(count, -1.96), edge(count + 1, 1.96)];
}

/** A product that was watched for the burn-in, and from a moment of the day on `ratio` times the negatives, until found or `horizon` days later. */
export function measureDelay(cell: SurgeCell, ratio: number, runs: number, horizon: number): DelayRow {
  const settings = surgeSettings({ budgetPerDay: 1 / cell.budgetDays, ...cell.settings });
  const burnIn = burnInDays(cell.stream);
  const delays: number[] = [];
  const starts: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const day = burnIn + ((run * 0.618_034) % 1);
    const changed = SIMULATION_START + day * DAY_MS;
    let tracker = freshSurgeTracker({});
    let found = Infinity;
    for (const observation of simulateStream({ ...cell.stream, rise: { day, ratio } }, burnIn + 1 + horizon, cell.seed + run * 7919)) {
      const step = observeReview(settings, tracker, observation, 'simulated');
      tracker = step.tracker;
      const opened = step.records.find((record) => record.status === 'opened' && record.at >= changed);
      if (opened === undefined) continue;
      found = (opened.at - changed) / DAY_MS;
      starts.push((opened.startedAt - changed) / DAY_MS);
      break;
    }
    delays.push(found);
  }
  const middle = (list: readonly number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN;
  return {
    runs, medianDays: middle(delays),
    withinDay: delays.filter((d) => d <= 1).length / runs,
    missed: delays.filter((d) => d === Infinity).length / runs,
    startBias: middle(starts), startError: middle(starts.map(Math.abs)),
  };
}

/** Steps to the threshold of a known size; a step errs by the logarithm of what it realised. */
export const KNOWN_STEPS = 4;

export interface KnownRow extends DelayRow {
  /** Days between false alarms, on a stream that the threshold was not found on. */
  readonly between: number;
}

/** The delay of whoever knew the size of the rise: the run of that ratio alone, under the threshold that meets the budget in this very cell. */
export function measureKnown(cell: SurgeCell, ratio: number, runs: number, horizon: number): KnownRow {
  const runWeights = RATIOS.map((each) => (each === ratio ? 1 : 0));
  const at = (log: number): SurgeCell => ({ ...cell, settings: { ...cell.settings, runWeights, thresholdTable: [{ rate: 1, dispersion: 1, logs: BUDGET_DAYS.map(() => log) }] } });
  let log = 0;
  for (let step = 0; step < KNOWN_STEPS; step += 1) log += Math.log(Math.max(0.05, measureAlarms(at(log)).ratio));
  const { days, opened } = measureAlarms({ ...at(log), seed: cell.seed + 1 });
  return { ...measureDelay(at(log), ratio, runs, horizon), between: days / Math.max(1, opened) };
}

/**
 * Lorden's bound in days for a Poisson rate of `rate` a day that rises by `ratio`: an observation is the time in which one negative is
 * expected, ARL0 is counted in these. Null where an alarm is asked for so often that the logarithm is below one.
 */
export function lordenDays(rate: number, ratio: number, daysBetweenAlarms: number): number | null {
  const expected = daysBetweenAlarms * rate;
  if (expected < Math.E) return null;
  return Math.log(expected) / ((ratio * Math.log(ratio) - ratio + 1) * rate);
}
