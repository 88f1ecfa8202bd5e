/** `tidewatch evaluate rivals`: our detector beside those of the literature, at the same realised false-alarm rate. */
import { Worker } from 'node:worker_threads';
import type { Command } from 'commander';
import { parseBudget } from '#load-config';
import { ProgressLine } from './progress-line.js';
import type { CellPlan, DetectorFigure } from './rivals-cell.js';

interface RivalsFlags {
  readonly budget: string;
  readonly threads: string;
  readonly quick?: true;
  readonly json?: true;
}
export interface RivalsCell extends CellPlan {
  readonly detectors: readonly DetectorFigure[];
}

const HELP = `
Examples:
  $ npm run tidewatch -- evaluate rivals --json > docs/surge-rivals.json
  $ npm run tidewatch -- evaluate rivals --quick`;

export function registerEvaluateRivals(evaluate: Command): void {
  evaluate.command('rivals')
    .description('delay and missed rises of the surge detector beside its rivals, at the same realised false-alarm rate, on simulated streams')
    .option('--budget <budget>', 'our alarm budget; the rivals get the rate that we then realise', '1/month')
    .option('--threads <n>', 'cells computed side by side', '2')
    .option('--quick', 'a fifth of the streams, without the busiest cells')
    .option('--json', 'print all figures as JSON')
    .addHelpText('after', HELP)
    .action((flags: RivalsFlags) => evaluateRivals(flags));
}

async function evaluateRivals(flags: RivalsFlags): Promise<void> {
  const budgetPerDay = parseBudget(flags.budget, '--budget');
  const size = flags.quick === true ? { inControlStreams: 10, runs: 40 } : { inControlStreams: 40, runs: 200 };
  const plans = (flags.quick === true ? [5, 0.5] : [50, 5, 0.5]).flatMap((rate) => [null, 5, 1].map((dispersion): CellPlan => ({ rate, size: dispersion, inControlDays: 460, budgetPerDay, ...size })));
  const progress = new ProgressLine();
  const cells = new Array<RivalsCell>(plans.length);
  let next = 0;
  let done = 0;
  const threads = Math.min(plans.length, Math.max(1, Math.floor(Number(flags.threads)) || 1));
  await Promise.all(Array.from({ length: threads }, async () => {
    const worker = new Worker(new URL('./rivals-worker.js', import.meta.url));
    try {
      for (let i = next; i < plans.length; i = next) {
        next += 1;
        const detectors = await new Promise<DetectorFigure[]>((resolve, reject) => {
          worker.once('message', resolve);
          worker.once('error', reject);
          worker.postMessage(plans[i]!);
        });
        worker.removeAllListeners();
        cells[i] = { ...plans[i]!, detectors };
        done += 1;
        progress.show('comparing', done / plans.length, `${done} of ${plans.length} cells`);
      }
    } finally {
      await worker.terminate();
    }
  }));
  progress.end();
  console.log(flags.json === true ? JSON.stringify({ budget: flags.budget, cells }, null, 1) : rivalsTable(cells));
}

/** Median delay in hours (missed share) per detector and rise, a table per cell. */
export function rivalsTable(cells: readonly RivalsCell[]): string {
  return cells.map(({ rate, size, detectors }) => {
    const rises = detectors[0]!.delays.map(({ rise }) => `${rise}x`);
    const rows = detectors.map(({ detector, verified, delays }) => `| ${detector} | ${(91.3 * verified).toFixed(2)} | ${delays.map(({ medianHours, missed }) => `${medianHours === null ? '-' : medianHours.toFixed(1)} (${Math.round(100 * missed)} %)`).join(' | ')} |`);
    return [`### ${rate} negatives a day, ${size === null ? 'Poisson' : `over-dispersed, k = ${size}`}`, '', `| detector | false alarms a quarter | ${rises.join(' | ')} |`, `|---|---|${rises.map(() => '---').join('|')}|`, ...rows].join('\n');
  }).join('\n\n');
}
