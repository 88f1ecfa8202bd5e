/** `tidewatch train quotes`: trains the quote model on a data folder or on one's own files of bars; stops on Ctrl-C after the epoch in progress and goes on with --resume. */
import { existsSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { TidewatchError } from '#contracts';
import { defaultTrainQuotes, type QuoteCard, type QuoteFile, type QuoteRows, readQuoteFile, trainQuotes } from '#train-models';
import { parseMap } from './feed-mapping.js';
import { ownQuoteFile, readOwnQuotes } from './train-own-quotes.js';
import { untilStopped, wholeNumber } from './until-stopped.js';

interface QuoteFlags {
  readonly data: string[];
  readonly map?: string;
  readonly horizons: string;
  readonly out: string;
  readonly seed: string;
  readonly epochs: string;
  readonly resume?: true;
  readonly json?: true;
}

const HELP = `
Examples:
  tidewatch train quotes --data ../shared/data --out models/quotes-v2
  tidewatch train quotes --data my-bars.csv --map symbol=ticker,at=date --horizons 1,3,12 --out .tidewatch/models/mine

Split by time: the newest fifth is the test, the tenth before it decides the epoch; one symbol in five is never trained on. Rows
that cannot be used are left out and counted. QUOTE_MODEL=<folder> and a restart of the quote workers serve the new model; states begin anew.`;

export function registerTrainQuotes(train: Command): void {
  train.command('quotes')
    .description('train the quote model: quantile forecasts several bars ahead; ends with figures on the newest fifth and on symbols it never saw')
    .option('--data <paths...>', 'files of your own bars (JSON lines or CSV, gzip too), or a folder that holds quotes/', ['../shared/data'])
    .option('--map <pairs>', 'columns of your files, such as symbol=ticker,at=date')
    .option('--horizons <bars>', 'how many bars ahead, ascending', defaultTrainQuotes.horizons.join(','))
    .option('--out <folder>', 'the model folder to write', `.tidewatch/models/${defaultTrainQuotes.name}`)
    .option('--seed <n>', 'same data, seed and settings: same model files', String(defaultTrainQuotes.seed))
    .option('--epochs <n>', 'the best of them by the dev part is kept', String(defaultTrainQuotes.epochs))
    .option('--resume', 'go on with a training that was stopped')
    .option('--json', 'print the card as JSON')
    .addHelpText('after', HELP)
    .action(async (flags: QuoteFlags) => {
      const horizons = parseHorizons(flags.horizons);
      const seed = wholeNumber('--seed', flags.seed, 0, 2 ** 31 - 1);
      const epochs = wholeNumber('--epochs', flags.epochs, 1, 1000);
      const refused = new Map<string, number>();
      const source = sourceOf(flags, (code) => void refused.set(code, (refused.get(code) ?? 0) + 1));
      await untilStopped(flags.json === true, async (signal, onProgress) => {
        const card = await trainQuotes({ ...defaultTrainQuotes, ...source, horizons, outFolder: flags.out, seed, epochs, resume: flags.resume === true, signal, onProgress });
        if (refused.size > 0) console.error(`left out: ${[...refused].map(([code, n]) => `${n} x ${code}`).join(', ')}`);
        console.log(flags.json === true ? JSON.stringify(card, null, 2) : summary(card, flags.out));
      });
    });
}

/** The shipped model's files where one folder is named, otherwise the files themselves. */
function sourceOf({ data, map }: QuoteFlags, onRefused: (code: string) => void): { readonly files: readonly QuoteFile[]; readonly read: (file: QuoteFile) => Promise<QuoteRows> } {
  const [first] = data;
  const absent = data.find((path) => !existsSync(path));
  if (absent !== undefined) throw new TidewatchError('INPUT_FILE_INVALID', `${absent} does not exist; --data takes files of your own bars, or a folder that holds quotes/.`);
  if (data.length === 1 && statSync(first!).isDirectory()) {
    if (map !== undefined) throw new TidewatchError('SETTING_INVALID', '--map names the columns of your own files; a data folder has columns of its own. Leave one of them out.');
    return { files: defaultTrainQuotes.files, read: (file) => Promise.resolve(readQuoteFile(first!, file)) };
  }
  const options = { map: map === undefined ? new Map<string, string>() : parseMap(map), now: Date.now(), onRefused };
  const paths = new Map(data.map((path) => [ownQuoteFile(path).name, path]));
  if (paths.size < data.length) throw new TidewatchError('SETTING_INVALID', `two of the files ${data.join(', ')} have the same name, which the card goes by; rename one.`);
  return { files: data.map(ownQuoteFile), read: (file) => readOwnQuotes(paths.get(file.name)!, options) };
}

export function parseHorizons(text: string): number[] {
  const horizons = text.split(',').map(Number);
  if (!horizons.every((h, i) => Number.isInteger(h) && h >= 1 && h <= 250 && (i === 0 || h > horizons[i - 1]!))) {
    throw new TidewatchError('SETTING_INVALID', `--horizons is ${text}; expected whole numbers of bars from 1 to 250, ascending, such as 1,2,5,10,20.`);
  }
  return horizons;
}

function summary(card: QuoteCard, folder: string): string {
  const percent = (share: number | undefined): string => `${(100 * (share ?? Number.NaN)).toFixed(1)} %`;
  const lines = card.test.map((f) =>
    `  ${f.file.padEnd(24)} ${String(f.horizon).padStart(2)} ahead, ${f.symbols.padEnd(6)}  CRPS / Student-t walk ${f.crpsToStudentT.toFixed(3)}   90 % band covered ${percent(f.coverage['0.9'])}   (${f.forecasts} forecasts)`);
  return [`${card.modelId} is in ${folder}; card.md has all figures.`, 'On the newest fifth of each file (a ratio below 1 beats the walk):', ...lines].join('\n');
}
