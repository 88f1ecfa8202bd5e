/**
 * From the alarm budget to the CUSUM's threshold. Runs begin at negatives, and one passes h with probability about
 * c exp(-h), so rate * c * exp(-h) false alarms are raised per bucket: h = ln(1 + c * rate / budget). Theory gives c for a baseline
 * that is known (overshoot, drift); what the plug-in baseline, forgetting, guard, gate and volume floor make of it is measured:
 * THRESHOLD_TABLE holds a factor on c for rate, over-dispersion and budget, found by simulation of the whole detector until
 * the realised false alarms were the ones asked for (`tidewatch calibrate surges`; Robbins & Monro 1951).
 */
import { DAY_MS, type SurgeSettings } from './settings.js';
import type { TableNode } from './table-node.js';
import { THRESHOLD_TABLE } from './threshold-table.js';

/** c of each channel, by over-dispersion: [dispersion, count, share], read by interpolation. The coarse part, chosen by hand. */
export const CORRECTION: readonly (readonly [number, number, number])[] = [
  [1, 0.5, 0.4],
  [1.5, 0.8, 1],
  [3, 0.8, 2],
  [5, 1, 2.5],
];

/** Days between false alarms that the table was made for. */
export const BUDGET_DAYS: readonly number[] = [7, 30, 91];

export function thresholdOf(settings: SurgeSettings, channel: 0 | 1, rate: number, dispersion: number): number {
  const budget = (settings.budgetPerDay * settings.bucketMs) / DAY_MS / settings.channels.length;
  const factor = settings.thresholdFactor ?? Math.exp(logFactor(rate, dispersion, DAY_MS / (settings.budgetPerDay * settings.bucketMs)));
  return Math.log1p((factor * correctionOf(channel, dispersion) * rate) / budget);
}

/** The table between its nodes, by negatives and false alarms' distance in buckets (which were days): linear in the logarithms, level beyond its edges. */
export function logFactor(rate: number, dispersion: number, budget: number, table: readonly TableNode[] = THRESHOLD_TABLE): number {
  if (table.length === 0) return 0;
  const rates = [...new Set(table.map((node) => node.rate))];
  return between(rates.map((at) => {
    const nodes = table.filter((node) => node.rate === at).sort((a, b) => a.dispersion - b.dispersion);
    return [Math.log(at), between(nodes.map((node) => [Math.log(node.dispersion), between(node.logs.map((log, i) => [Math.log(BUDGET_DAYS[i]!), log]), Math.log(budget))]), Math.log(dispersion))];
  }), Math.log(rate));
}

function between(points: readonly (readonly [number, number])[] | readonly number[][], x: number): number {
  let low = points[0]!;
  for (const high of points) {
    if (x <= high[0]) return high[0] === low[0] ? high[1] : low[1] + ((high[1] - low[1]) * (x - low[0])) / (high[0] - low[0]);
    low = high;
  }
  return low[1];
}

function correctionOf(channel: 0 | 1, dispersion: number): number {
  return between(CORRECTION.map((row) => [row[0], row[channel + 1]!]), dispersion);
}
