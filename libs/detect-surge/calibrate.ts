/**
 * The threshold's table by stochastic approximation: simulate every kind of product with the table as it stands, compare realised
 * with asked, correct (refine-table.ts), with ever more alarms. Rates, sizes, share and seeds differ from those of the proof.
 * Slow products' days say nothing of their over-dispersion, so the kinds of one such rate share a node.
 */
import { normalOf } from './normal.js';
import { observeReview } from './observe.js';
import { DAY_MS, surgeSettings } from './settings.js';
import { burnInDays, type SurgeCell } from './simulate-cell.js';
import { simulateStream, SIMULATION_START } from './simulate-stream.js';
import type { TableNode } from './table-node.js';
import { BUDGET_DAYS } from './threshold.js';
import { freshSurgeTracker } from './tracker.js';

const SHARE = 0.08;
const SIZES = [Infinity, 8, 3, 0.8] as const;
/** Rate, and whether its kinds have a node each. */
const RATES = [[0.1, false], [0.25, false], [0.6, true], [1.3, true], [3, true], [7, true], [16, true], [36, true], [100, true]] as const;
/** Alarms expected of a kind in each round. */
export const CALIBRATION_ROUNDS: readonly number[] = [60, 150, 300, 400, 400];
/** Reviews spent on as many alarms at most. */
const REVIEWS_PER_ALARM = 20_000;

/** A kind of product, and the node of the table that it corrects. */
export interface CalibrationKind {
  readonly rate: number;
  readonly size: number;
  readonly node: number;
}

export function calibrationKinds(): CalibrationKind[] {
  let node = -1;
  return RATES.flatMap(([rate, apart]) => SIZES.map((size, i) => {
    if (apart || i === 0) node += 1;
    return { rate, size, node };
  }));
}

/** What the detector measures as over-dispersion of such a product: mean over time of the logarithm. */
export function logDispersion(rate: number, size: number, seed: number): number {
  const settings = surgeSettings();
  const burnIn = burnInDays({ rate, size, share: SHARE });
  let tracker = freshSurgeTracker({});
  let [sum, n, bucket] = [0, 0, 0];
  for (const observation of simulateStream({ rate, size, share: SHARE }, burnIn + 1_000, seed)) {
    tracker = observeReview(settings, tracker, observation, 'simulated').tracker;
    if (tracker.bucket === bucket || observation.at < SIMULATION_START + burnIn * DAY_MS) continue;
    bucket = tracker.bucket;
    sum += Math.log(normalOf(settings, tracker).countDispersion);
    n += 1;
  }
  return sum / n;
}

/** The table before the first round: theory's constant over e, about what a middling product needs. `dispersions` as logDispersion gives them, one for each kind. */
export function firstTable(kinds: readonly CalibrationKind[], dispersions: readonly number[]): TableNode[] {
  return [...new Set(kinds.map(({ node }) => node))].map((node) => {
    const own = kinds.flatMap((kind, i) => (kind.node === node ? [dispersions[i]!] : []));
    return { rate: kinds.find((kind) => kind.node === node)!.rate, dispersion: round(Math.exp(mean(own))), logs: BUDGET_DAYS.map(() => -1) };
  });
}

/** One cell of a round: a kind under one budget. */
export function calibrationCell({ rate, size }: CalibrationKind, budget: number, round: number, seed: number, effort: number, table: readonly TableNode[]): SurgeCell {
  const alarms = Math.ceil(CALIBRATION_ROUNDS[round]! * effort);
  return { stream: { rate, size, share: SHARE }, budgetDays: BUDGET_DAYS[budget]!, seed: seed + budget * 7919 + round * 104_729, reviews: REVIEWS_PER_ALARM * alarms, alarms, settings: { thresholdTable: table } };
}

const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
const round = (value: number): number => Math.round(value * 1000) / 1000;
