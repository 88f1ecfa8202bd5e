/** What `tidewatch evaluate rivals` prints, in Markdown. */
import type { AblationFigure } from './rivals-ablation.js';
import type { CellPlan, DelayFigure, DetectorFigure } from './rivals-cell.js';

export interface RivalsCell extends CellPlan {
  readonly detectors: readonly DetectorFigure[];
}

/** A rise that is never found counts as found when the watch ends. */
const LONGEST_HOURS = 14 * 24;
const hours = (value: number | null): number => value ?? LONGEST_HOURS;

/** Each rival over the cells in which either finds half of the rises: ratio of medians (geometric mean), missed shares, and how often it is ahead of us. */
export function rivalsSummary(cells: readonly RivalsCell[]): string {
  const rivals = cells[0]!.detectors.slice(1).map(({ detector }) => detector);
  const lines = rivals.map((rival) => {
    const pairs = cells.flatMap(({ detectors }) => {
      const its = detectors.find(({ detector }) => detector === rival)!.delays;
      return detectors[0]!.delays.map((ours, i): readonly [DelayFigure, DelayFigure] => [ours, its[i]!]);
    }).filter(([ours, its]) => ours.medianHours !== null || its.medianHours !== null);
    const mean = (valueOf: (pair: readonly [DelayFigure, DelayFigure]) => number) => pairs.reduce((sum, pair) => sum + valueOf(pair), 0) / pairs.length;
    const ratio = Math.exp(mean(([ours, its]) => Math.log(hours(ours.medianHours) / hours(its.medianHours))));
    const behind = pairs.filter(([ours, its]) => hours(its.medianHours) <= 0.8 * hours(ours.medianHours)).length;
    const surely = pairs.filter(([ours, its]) => hours(its.highHours) < hours(ours.lowHours)).length;
    return `| ${rival} | ${ratio.toFixed(2)} | ${percent(mean(([ours]) => ours.missed))} | ${percent(mean(([, its]) => its.missed))} | ${behind} | ${surely} | ${pairs.length} |`;
  });
  return ['| rival | our delay / its delay | missed, ours | missed, its | a fifth ahead of us | surely ahead | of the cells |', '|---|---|---|---|---|---|---|', ...lines].join('\n');
}

const percent = (share: number) => `${Math.round(100 * share)} %`;

const nameOf = ({ rate, size }: CellPlan) => `${rate} a day, ${size === null ? 'Poisson' : `k = ${size}`}`;

/** Mean delay in hours by rise, a column per cell. */
export function ablationTable(plans: readonly CellPlan[], rows: readonly { readonly piece: string; readonly cells: readonly AblationFigure[] }[]): string {
  const lines = rows.map(({ piece, cells }) => `| ${piece} | ${cells.map(({ meanHours }) => meanHours.map((hours) => hours.toFixed(hours < 10 ? 1 : 0)).join(', ')).join(' | ')} |`);
  return [`| | ${plans.map(nameOf).join(' | ')} |`, `|---|${plans.map(() => '---').join('|')}|`, ...lines].join('\n');
}

/** Median delay in hours (missed share) per detector and rise, a table per cell. */
export function rivalsTable(cells: readonly RivalsCell[]): string {
  return cells.map(({ rate, size, detectors }) => {
    const rises = detectors[0]!.delays.map(({ rise }) => `${rise}x`);
    const rows = detectors.map(({ detector, verified, delays }) => `| ${detector} | ${(91.3 * verified).toFixed(2)} | ${delays.map(({ medianHours, missed }) => `${medianHours === null ? '-' : medianHours.toFixed(1)} (${Math.round(100 * missed)} %)`).join(' | ')} |`);
    return [`### ${rate} negatives a day, ${size === null ? 'Poisson' : `over-dispersed, k = ${size}`}`, '', `| detector | false alarms a quarter | ${rises.join(' | ')} |`, `|---|---|${rises.map(() => '---').join('|')}|`, ...rows].join('\n');
  }).join('\n\n');
}
