/** `tidewatch backtest`: what the detectors would have said on recorded data. */
import type { Command } from 'commander';
import { backtestCounts } from './backtest-counts.js';
import { registerBacktestQuotes } from './backtest-quotes.js';
import { backtestSurges, type SurgesFlags } from './backtest-surges.js';

const SURGES_HELP = `
Examples:
  $ npm run tidewatch -- backtest surges reviews.jsonl.gz --json
  $ npm run tidewatch -- backtest surges export.csv --map productId=asin,text=reviewText --truth stars --budget 2/week

Runs the serving path over the file, in order of reviewedAt, without broker or database. Starts
from the default prior of all products; the service starts from the newest snapshot of its database. Prints one document with --json:
{ budget, products, from, to, reviews, surges }. The folder named by --out gets report.html with a chart per surge,
surges.json and refused.jsonl. Fields and formats as in "feed reviews --help".`;

const COUNTS_HELP = `
Example:
  $ npm run tidewatch -- backtest counts mentions.csv --out scores.csv

The score of a point uses the points up to it. The first 15 % (at most 750) only teach and score 0.`;

export function registerBacktest(program: Command): void {
  const backtest = program.command('backtest').description('what would have fired, on recorded data');
  registerBacktestQuotes(backtest);
  backtest.command('surges')
    .description('the surges that a file of reviews would have raised, with evidence')
    .argument('<file>', 'reviews: JSON lines or CSV, plain or gzip')
    .option('--map <pairs>', 'fields to rename: target=source,...')
    .option('--truth <which>', 'what counts as negative: model (its probability) or stars (two or less; no model is run)', 'model')
    .option('--budget <budget>', 'false alarms allowed per product, such as 1/quarter or 2/week', process.env['SURGE_ALARM_BUDGET'] ?? '1/quarter')
    .option('--calendar <file>', 'known events, an iCalendar file as "calendar import" takes it')
    .option('--out <folder>', 'where the report goes (default: .tidewatch/backtest/NAME)')
    .option('--json', 'print the document as JSON')
    .addHelpText('after', SURGES_HELP)
    .action((file: string, flags: SurgesFlags) => backtestSurges(file, flags));
  backtest.command('counts')
    .description('an anomaly score from 0 to 1 for every point of a plain series of counts or values')
    .argument('<file>', 'CSV with timestamp,value in order of time, plain or gzip')
    .requiredOption('--out <file>', 'CSV to write: timestamp,value,anomaly_score')
    .addHelpText('after', COUNTS_HELP)
    .action((file: string, flags: { readonly out: string }) => backtestCounts(file, flags));
}
