/**
 * The threshold's table by stochastic approximation: simulate every kind of product with the table as it stands, compare realised
 * with asked, correct, with ever more alarms and ever smaller steps. Rates, sizes, share and seeds differ from those of the proof.
 * Slow products' days say nothing of their over-dispersion, so the kinds of one such rate share a node.
 */
import { normalOf } from './normal.js';
import { observeReview } from './observe.js';
import { surgeSettings } from './settings.js';
import { burnInDays, type SurgeCell } from './simulate-cell.js';
import { simulateStream } from './simulate-stream.js';
import type { TableNode } from './table-node.js';
import { BUDGET_DAYS } from './threshold.js';
import { freshSurgeTracker } from './tracker.js';

const SHARE = 0.15;
const SIZES = [Infinity, 4, 1.25] as const;
/** Rate, and whether its kinds have a node each. */
const RATES = [[0.1, false], [0.3, false], [1, true], [3, true], [10, true], [30, true], [100, true]] as const;
/** Of each round: alarms expected of a kind, and the step. */
export const CALIBRATION_ROUNDS: readonly (readonly [number, number])[] = [[60, 0.9], [150, 0.9], [300, 0.7], [400, 0.5]];
/** A factor beyond these is no use: the volume floor or the warm-up decides there. */
const [LEAST, MOST] = [Math.log(0.02), Math.log(50)] as const;

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
  const days = burnInDays({ rate, size, share: 1 }) + 1_000;
  let tracker = freshSurgeTracker({});
  let [sum, n, bucket] = [0, 0, 0];
  for (const observation of simulateStream({ rate, size, share: SHARE }, days, seed)) {
    tracker = observeReview(settings, tracker, observation, 'simulated').tracker;
    if (tracker.bucket === bucket) continue;
    bucket = tracker.bucket;
    sum += Math.log(normalOf(settings, tracker).countDispersion);
    n += 1;
  }
  return sum / n;
}

/** The table before the first round: theory's constant everywhere. `dispersions` as logDispersion gives them, one for each kind. */
export function firstTable(kinds: readonly CalibrationKind[], dispersions: readonly number[]): TableNode[] {
  return [...new Set(kinds.map(({ node }) => node))].map((node) => {
    const own = kinds.flatMap((kind, i) => (kind.node === node ? [dispersions[i]!] : []));
    return { rate: kinds.find((kind) => kind.node === node)!.rate, dispersion: round(Math.exp(mean(own))), logs: BUDGET_DAYS.map(() => 0) };
  });
}

/** One cell of a round: a kind under one budget. */
export function calibrationCell({ rate, size }: CalibrationKind, budget: number, round: number, seed: number, effort: number, table: readonly TableNode[]): SurgeCell {
  const alarms = Math.ceil(CALIBRATION_ROUNDS[round]![0] * effort);
  return { stream: { rate, size, share: SHARE }, budgetDays: BUDGET_DAYS[budget]!, seed: seed + budget * 7919 + round * 104_729, reviews: 3_000_000 * effort, alarms, settings: { thresholdTable: table } };
}

/** The table after a round; `ratios` are realised over asked, [kinds][BUDGET_DAYS]. */
export function nextTable(table: readonly TableNode[], kinds: readonly CalibrationKind[], ratios: readonly (readonly number[])[], step: number): TableNode[] {
  return table.map((node, n) => ({
    ...node,
    logs: node.logs.map((log, b) => round(clamp(log + step * mean(kinds.flatMap((kind, i) => (kind.node === n ? [Math.log(Math.min(8, Math.max(0.1, ratios[i]![b]!)))] : [])))))),
  }));
}

const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
const clamp = (log: number): number => Math.min(MOST, Math.max(LEAST, log));
const round = (value: number): number => Math.round(value * 1000) / 1000;
