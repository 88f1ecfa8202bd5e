/** `tidewatch evaluate rivals`: our detector beside those of the literature, at the same realised false-alarm rate. */
import type { Command } from 'commander';
import { parseBudget } from '#load-config';
import { positive } from './calibrate.js';
import { ablationTable, type RivalsCell, rivalsSummary, rivalsTable } from './rivals-report.js';
import { ABLATION_RISES, ABLATIONS, type AblationFigure } from './rivals-ablation.js';
import type { CellPlan, DetectorFigure } from './rivals-cell.js';
import { onThreads } from './rivals-threads.js';

interface RivalsFlags {
  readonly budget: string;
  readonly threads: string;
  readonly effort: number;
  readonly quick?: true;
  readonly ablations?: true;
  readonly json?: true;
}

/** Rate of negatives and size of the days' swing that pieces are tried on. */
const ABLATION_CELLS = [[0.5, null], [5, null], [5, 5], [5, 1]] as const;

const HELP = `
Examples:
  $ npm run tidewatch -- evaluate rivals --json > docs/surge-rivals.json
  $ npm run tidewatch -- evaluate rivals --quick
  $ npm run tidewatch -- evaluate rivals --ablations`;

export function registerEvaluateRivals(evaluate: Command): void {
  evaluate.command('rivals')
    .description('delay and missed rises of the surge detector beside its rivals, at the same realised false-alarm rate, on simulated streams')
    .option('--budget <budget>', 'our alarm budget; the rivals get the rate that we then realise', '1/month')
    .option('--threads <n>', 'cells computed side by side', '2')
    .option('--effort <factor>', '1 is 40 streams without a rise and 200 with one of each size', positive, 1)
    .option('--quick', 'a fifth of that, without the busiest cells')
    .option('--ablations', 'instead: our own delay with one piece of the detector changed after the other, at the same false alarms')
    .option('--json', 'print all figures as JSON')
    .addHelpText('after', HELP)
    .action((flags: RivalsFlags) => evaluateRivals(flags));
}

async function evaluateRivals(flags: RivalsFlags): Promise<void> {
  const budgetPerDay = parseBudget(flags.budget, '--budget');
  const effort = flags.quick === true ? 0.2 : flags.effort;
  const size = { inControlStreams: Math.ceil(40 * effort), runs: Math.ceil(200 * effort) };
  const planOf = (rate: number, dispersion: number | null): CellPlan => ({ rate, size: dispersion, inControlDays: 460, budgetPerDay, ...size });
  if (flags.ablations === true) {
    const plans = ABLATION_CELLS.map(([rate, dispersion]) => planOf(rate, dispersion));
    const pieces = Object.keys(ABLATIONS);
    const figures = await onThreads<AblationFigure>(pieces.flatMap((piece) => plans.map((plan) => ({ plan, piece }))), flags.threads);
    const rows = pieces.map((piece, i) => ({ piece, cells: figures.slice(i * plans.length, (i + 1) * plans.length) }));
    console.log(flags.json === true ? JSON.stringify({ budget: flags.budget, plans, rises: ABLATION_RISES, rows }, null, 1) : ablationTable(plans, rows));
    return;
  }
  const plans = (flags.quick === true ? [5, 0.5] : [50, 5, 0.5]).flatMap((rate) => [null, 5, 1].map((dispersion) => planOf(rate, dispersion)));
  const figures = await onThreads<DetectorFigure[]>(plans.map((plan) => ({ plan })), flags.threads);
  const cells = plans.map((plan, i): RivalsCell => ({ ...plan, detectors: figures[i]! }));
  console.log(flags.json === true ? JSON.stringify({ budget: flags.budget, effort, cells }, null, 1) : `${rivalsSummary(cells)}\n\n${rivalsTable(cells)}`);
}
