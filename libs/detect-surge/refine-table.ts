/**
 * The threshold's table after a round of simulations. Each realised rate says where its cell's logarithm should have been; rounds are averaged by their
 * alarms, an older one at half its weight, for its neighbours were further off. A product's measured over-dispersion wanders over several nodes, so
 * a single cell is known badly and its neighbours pay for its error: cells are drawn towards a smooth surface (Whittaker 1923).
 * Where too few negatives come for the alarms asked for, the volume floor decides: such cells go their own way, as far as they may.
 */
import type { AlarmRow } from './simulate-cell.js';
import type { CalibrationKind } from './calibrate.js';
import type { TableNode } from './table-node.js';
import { BUDGET_DAYS } from './threshold.js';

/** A factor beyond these is no use. */
const [LEAST, MOST] = [Math.log(0.02), Math.log(50)] as const;
/** Negatives per alarm asked for below which the floor decides: three times four. */
const REACHABLE = 12;
/** One over the variance that second differences of the surface have. */
const STIFFNESS = 6;
const SWEEPS = 500;

/** Of a cell: alarms expected so far, and where they say that its logarithm should be. */
export interface Evidence {
  readonly weight: number;
  readonly log: number;
}

/** `rows` are the round's, [kinds][BUDGET_DAYS]; `before` is [nodes][BUDGET_DAYS], empty at first. */
export function refineTable(table: readonly TableNode[], kinds: readonly CalibrationKind[], rows: readonly (readonly AlarmRow[])[], before: readonly (readonly Evidence[])[]): { table: TableNode[]; evidence: Evidence[][] } {
  const evidence = table.map((node, n) => node.logs.map((log, b): Evidence => {
    const seen = rows.filter((_, i) => kinds[i]!.node === n).map((row) => row[b]!);
    const asked = seen.reduce((sum, { days }) => sum + days / BUDGET_DAYS[b]!, 0);
    const opened = seen.reduce((sum, row) => sum + row.opened, 0);
    const { weight, log: held } = before[n]?.[b] ?? { weight: 0, log: 0 };
    const should = clamp(log + Math.log((opened + 0.5) / (asked + 0.5)));
    return { weight: weight / 2 + asked, log: (held * weight / 2 + should * asked) / (weight / 2 + asked) };
  }));
  const smooth = smoothed(table, evidence);
  return { table: table.map((node, n) => ({ ...node, logs: smooth[n]!.map((log) => Math.round(clamp(log) * 1000) / 1000) })), evidence };
}

/** Least squares of the evidence and of second differences along rate, over-dispersion and budget, cell after cell. */
function smoothed(table: readonly TableNode[], evidence: readonly (readonly Evidence[])[]): number[][] {
  const logs = evidence.map((node) => node.map(({ log }) => log));
  const free = table.map(({ rate }) => BUDGET_DAYS.map((days) => rate * days >= REACHABLE));
  const triples = triplesOf(table).filter((triple) => triple.every(([n, b]) => free[n]![b]!));
  const around = table.map((_, n) => BUDGET_DAYS.map((_, b) => triples.filter((triple) => triple.some(([i, j]) => i === n && j === b))));
  const factors = [1, -2, 1] as const;
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    logs.forEach((node, n) => node.forEach((held, b) => {
      const { weight, log } = evidence[n]![b]!;
      let [pull, stiffness] = [weight * log, weight];
      for (const triple of around[n]![b]!) {
        const own = factors[triple.findIndex(([i, j]) => i === n && j === b)]!;
        const rest = triple.reduce((sum, [i, j], at) => sum + factors[at]! * logs[i]![j]!, 0) - own * held;
        pull -= STIFFNESS * own * rest;
        stiffness += STIFFNESS * own * own;
      }
      node[b] = pull / stiffness;
    }));
  }
  return logs;
}

type Place = readonly [node: number, budget: number];

/** Neighbours in a row: three rates with the same place among their nodes, three nodes of a rate, three budgets. */
function triplesOf(table: readonly TableNode[]): (readonly [Place, Place, Place])[] {
  const rates = [...new Set(table.map(({ rate }) => rate))].map((rate) => table.flatMap((node, n) => (node.rate === rate ? [n] : [])));
  const rows = [...rates, ...(rates.at(-1) ?? []).map((_, at) => rates.flatMap((nodes) => (nodes[at] === undefined || nodes.length === 1 ? [] : [nodes[at]])))];
  const budgets = BUDGET_DAYS.map((_, b) => b);
  const along = rows.flatMap((nodes) => nodes.slice(2).flatMap((n, i) => budgets.map((b) => [[nodes[i]!, b], [nodes[i + 1]!, b], [n, b]] as const)));
  return [...along, ...table.flatMap((_, n) => budgets.slice(2).map((b) => [[n, b - 2], [n, b - 1], [n, b]] as const))];
}

const clamp = (log: number): number => Math.min(MOST, Math.max(LEAST, log));
