/** `tidewatch backtest quotes`: how the forecasts would have done on recorded quotes, beside the baselines. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { TidewatchError } from '#contracts';
import { loadSettings } from '#load-config';
import { openModel } from '../stream-worker/open-model.js';
import { quotesReport } from './backtest-quotes-report.js';
import { type QuoteDocument, runBacktestQuotes } from './backtest-quotes-run.js';
import { parseMap } from './feed-mapping.js';
import { ProgressLine } from './progress-line.js';

interface QuotesFlags { readonly map?: string; readonly from?: string; readonly out?: string; readonly model?: string; readonly json?: true }

const HELP = `
Examples:
  $ npm run tidewatch -- backtest quotes bars.csv.gz --from 2017-02-15 --json
  $ npm run tidewatch -- backtest quotes ticks.csv --map symbol=pair --out reports/ticks

Runs the serving path over the file, without broker or database; before --from the states only warm up. Baselines are fitted
per symbol on what had happened by then, again with every calendar month. Prints one document with --json:
{ bars, symbols, horizons: [{ horizon, forecasts, coverage, coverageRaw, width, crps, pinball, baselines, skill }], perSymbol }.
skill is 1 - CRPS / CRPS of the EWMA(0.94) walk with fitted Student-t errors. --out gets report.html and quotes.json.`;

export function registerBacktestQuotes(backtest: Command): void {
  backtest.command('quotes')
    .description('how the forecasts would have done on a file of quotes: coverage, CRPS, and skill against walks and GARCH')
    .argument('<file>', 'quotes in time order: JSON lines or CSV, plain or gzip')
    .option('--map <pairs>', 'fields to rename: target=source,...')
    .option('--from <date>', 'score the forecasts made from here on (ISO date or time)')
    .option('--model <folder>', 'another quote model than the one in service')
    .option('--out <folder>', 'where the report goes')
    .option('--json', 'print the document as JSON')
    .addHelpText('after', HELP)
    .action(backtestQuotes);
}

async function backtestQuotes(path: string, flags: QuotesFlags): Promise<void> {
  const from = flags.from === undefined ? -Infinity : Date.parse(flags.from);
  if (Number.isNaN(from)) throw new TidewatchError('SETTING_INVALID', `--from ${flags.from} is no date; expected ISO 8601, such as 2017-02-15 or 2017-02-15T09:30:00Z.`);
  const settings = loadSettings(process.env);
  const model = await openModel(flags.model ?? settings.models.quotes, settings);
  const progress = new ProgressLine();
  const begun = performance.now();
  try {
    const document = await runBacktestQuotes({
      path, map: flags.map === undefined ? new Map() : parseMap(flags.map), model, from, now: Date.now(),
      onProgress: (share, bars) => { progress.show('quotes', share, `${bars.toLocaleString('en')} bars, ${Math.round(bars / Math.max((performance.now() - begun) / 1000, 0.001)).toLocaleString('en')}/s`); },
      say: (line) => { progress.line(line); },
    });
    progress.end();
    if (document.bars === 0) throw new TidewatchError('INPUT_FILE_INVALID', `${path} holds no usable quote (${Object.entries(document.rejected).map(([code, n]) => `${n} x ${code}`).join(', ') || 'no rows'}); expected symbol, at and close in each row. --map renames columns.`);
    if (flags.out !== undefined) {
      mkdirSync(flags.out, { recursive: true });
      writeFileSync(join(flags.out, 'quotes.json'), `${JSON.stringify(document, null, 2)}\n`);
      writeFileSync(join(flags.out, 'report.html'), quotesReport(basename(path), document));
    }
    console.log(flags.json === true ? JSON.stringify(document, null, 2) : summary(document));
  } finally {
    await model.close();
  }
}

function summary({ modelId, bars, symbols, duplicates, rejected, horizons }: QuoteDocument): string {
  const percent = (x: number | null | undefined) => (typeof x === 'number' ? `${(100 * x).toFixed(1)} %` : '-');
  const ratio = (x: number | null | undefined) => (typeof x === 'number' ? x.toFixed(3) : '-');
  const refused = Object.values(rejected).reduce((sum, n) => sum + n, 0);
  return [
    `${modelId}: ${bars.toLocaleString('en')} bars of ${symbols} symbols (${duplicates.toLocaleString('en')} repeated, ${refused.toLocaleString('en')} refused). A ratio below 1 beats the baseline.`,
    ...horizons.map((h) => `  ${String(h.horizon).padStart(2)} ahead: ${h.forecasts} forecasts, bands 50/80/90/95/99 cover ${Object.values(h.coverage).map(percent).join(' / ')}; CRPS to the fitted t walk ${ratio(h.baselines['ewmaStudentT']?.ratio)}, to GARCH-t ${ratio(h.baselines['garchT']?.ratio)}, to the historical band ${ratio(h.baselines['historical']?.ratio)}`),
  ].join('\n');
}
