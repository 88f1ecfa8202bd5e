/** `tidewatch train quotes`: trains the quote model; stops on Ctrl-C after the epoch in progress and goes on with --resume. */
import type { Command } from 'commander';
import { defaultTrainQuotes, type QuoteCard, trainQuotes } from '#train-models';
import { untilStopped, wholeNumber } from './until-stopped.js';

interface QuoteFlags {
  readonly data: string;
  readonly out: string;
  readonly seed: string;
  readonly epochs: string;
  readonly resume?: true;
  readonly json?: true;
}

export function registerTrainQuotes(train: Command): void {
  train.command('quotes')
    .description('train the quote model: quantile forecasts 1, 2, 5, 10 and 20 bars ahead; ends with figures on the newest fifth and on symbols it never saw')
    .option('--data <folder>', 'holds quotes/', '../shared/data')
    .option('--out <folder>', 'the model folder to write', `.tidewatch/models/${defaultTrainQuotes.name}`)
    .option('--seed <n>', 'same data, seed and settings: same model files', String(defaultTrainQuotes.seed))
    .option('--epochs <n>', 'the best of them by the dev part is kept', String(defaultTrainQuotes.epochs))
    .option('--resume', 'go on with a training that was stopped')
    .option('--json', 'print the card as JSON')
    .addHelpText('after', '\nExample:\n  tidewatch train quotes --data ../shared/data --out models/quotes-v2\n')
    .action(async (flags: QuoteFlags) => {
      await untilStopped(flags.json === true, async (signal, onProgress) => {
        const card = await trainQuotes({
          ...defaultTrainQuotes, dataFolder: flags.data, outFolder: flags.out, seed: wholeNumber('--seed', flags.seed, 0, 2 ** 31 - 1),
          epochs: wholeNumber('--epochs', flags.epochs, 1, 1000), resume: flags.resume === true, signal, onProgress,
        });
        console.log(flags.json === true ? JSON.stringify(card, null, 2) : summary(card, flags.out));
      });
    });
}

function summary(card: QuoteCard, folder: string): string {
  const percent = (share: number | undefined): string => `${(100 * (share ?? Number.NaN)).toFixed(1)} %`;
  const lines = card.test.map((f) =>
    `  ${f.file.padEnd(24)} ${String(f.horizon).padStart(2)} ahead, ${f.symbols.padEnd(6)}  CRPS / Student-t walk ${f.crpsToStudentT.toFixed(3)}   90 % band covered ${percent(f.coverage['0.9'])}   (${f.forecasts} forecasts)`);
  return [`${card.modelId} is in ${folder}; card.md has all figures.`, 'On the newest fifth of each file (a ratio below 1 beats the walk):', ...lines].join('\n');
}
