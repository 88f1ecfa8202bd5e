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

/** c of each channel, count and share: the coarse part. */
const CORRECTION = [0.5, 0.4] as const;

/**
 * The table is of both channels, whose false alarms are often the same ones, behind the gate. A channel that is asked for alone would raise so many times
 * the asked, a count by its gate: geometric means over rates of 1 to 20 a day and three over-dispersions, 1.1 to 2.1 in each.
 */
const ALONE = { count: { share: 1.55, none: 1.75 }, share: 1.35 } as const;

/** Days between false alarms that the table was made for. */
export const BUDGET_DAYS: readonly number[] = [7, 30, 91];

export function thresholdOf(settings: SurgeSettings, channel: 0 | 1, rate: number, dispersion: number): number {
  const budget = (settings.budgetPerDay * settings.bucketMs) / DAY_MS / settings.channels.length;
  const factor = Math.exp(logFactor(rate, dispersion, DAY_MS / (settings.budgetPerDay * settings.bucketMs), settings.thresholdTable ?? THRESHOLD_TABLE));
  const alone = settings.channels.length > 1 ? 1 : channel === 0 ? ALONE.count[settings.countGate] : ALONE.share;
  return Math.log1p((factor * alone * CORRECTION[channel] * rate) / budget);
}

/** Nodes of equal rate, sorted by rate and by over-dispersion. */
type Rows = readonly { readonly x: number; readonly nodes: readonly { readonly x: number; readonly logs: readonly number[] }[] }[];
const sorted = new WeakMap<readonly TableNode[], Rows>();
const BUDGET_LOGS = BUDGET_DAYS.map(Math.log);

function rowsOf(table: readonly TableNode[]): Rows {
  let rows = sorted.get(table);
  if (rows === undefined) {
    rows = [...new Set(table.map(({ rate }) => rate))].sort((a, b) => a - b).map((rate) => ({
      x: Math.log(rate),
      nodes: table.filter((node) => node.rate === rate).sort((a, b) => a.dispersion - b.dispersion).map(({ dispersion, logs }) => ({ x: Math.log(dispersion), logs })),
    }));
    sorted.set(table, rows);
  }
  return rows;
}

/** The table between its nodes, by negatives and false alarms' distance in buckets (which were days): linear in the logarithms, level beyond its edges. */
export function logFactor(rate: number, dispersion: number, budget: number, table: readonly TableNode[] = THRESHOLD_TABLE): number {
  const rows = rowsOf(table);
  if (rows.length === 0) return 0;
  const ofNode = (logs: readonly number[]): number => between(BUDGET_LOGS, (i) => logs[i]!, Math.log(budget));
  return between(rows.map(({ x }) => x), (r) => {
    const { nodes } = rows[r]!;
    return between(nodes.map(({ x }) => x), (i) => ofNode(nodes[i]!.logs), Math.log(dispersion));
  }, Math.log(rate));
}

function between(xs: readonly number[], valueAt: (index: number) => number, x: number): number {
  const above = xs.findIndex((at) => x <= at);
  if (above === 0) return valueAt(0);
  if (above < 0) return valueAt(xs.length - 1);
  const [low, high] = [xs[above - 1]!, xs[above]!];
  const left = valueAt(above - 1);
  return left + ((valueAt(above) - left) * (x - low)) / (high - low);
}
