/** `tidewatch evaluate families`: how the review model reads a family of texts that it was trained without, one family after the other. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadSettings } from '#load-config';
import { defaultTrainReviews, judgeFamily, parseLeftOut, TRAINING_SOURCES, trainingTexts } from '#train-models';
import type { EvaluationFigures, FamilyFigures } from '#train-models';
import { fetchWordVectors } from './train-vectors.js';
import { untilStopped, wholeNumber } from './until-stopped.js';

interface FamilyFlags {
  readonly data: string;
  readonly epochs: string;
  readonly seed: string;
  readonly scratch?: true;
}

export function registerEvaluateFamilies(evaluate: Command): void {
  evaluate.command('families')
    .description('train a model without a family of texts and judge it on that family: the encoder beside TF-IDF with logistic regression, and what history adds in a stream of reviews; minutes for each')
    .argument('[names...]', `of ${TRAINING_SOURCES.join(', ')}; a fold as cr.all:0/10`, [...TRAINING_SOURCES])
    .option('--data <folder>', 'holds reviews/ and sentiment/', '../shared/data')
    .option('--epochs <n>', 'of each training', '2')
    .option('--seed <n>', 'of each training', '1')
    .option('--scratch', 'without word vectors')
    .addHelpText('after', '\nExample:\n  tidewatch evaluate families uci_imdb.all cr.all:0/10\n')
    .action((names: string[], flags: FamilyFlags) => untilStopped(false, async (signal, onProgress) => {
      const families = names.map((name) => ({ name, leftOut: parseLeftOut(name, TRAINING_SOURCES) }));
      const texts = trainingTexts(flags.data);
      const folder = mkdtempSync(join(tmpdir(), 'tidewatch-families-'));
      try {
        for (const { name, leftOut } of families) {
          const { trainedOn, encoder, tfidf, histories } = await judgeFamily({
            ...defaultTrainReviews, texts, outFolder: folder, epochs: wholeNumber('--epochs', flags.epochs, 1, 100), seed: wholeNumber('--seed', flags.seed, 0, 2 ** 31 - 1),
            vectors: flags.scratch === true ? null : () => fetchWordVectors(join(loadSettings(process.env).home, 'cache')), signal, onProgress,
          }, leftOut);
          process.stdout.write(`without ${name}: trained on ${trainedOn}, judged on ${encoder.texts}\n${line('encoder', encoder)}${line('TF-IDF + LR', tfidf)}${histories === null ? '' : historyLines(histories)}`);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    }));
}

function historyLines(histories: NonNullable<FamilyFigures['histories']>): string {
  return Object.entries(histories).flatMap(([group, gain]) => (gain === null ? [] : [`  ${group}, ${gain.text.texts} reviews\n`, line('text alone', gain.text), line('history', gain.history), line('recalibrated', gain.recalibrated)])).join('');
}

function line(name: string, f: EvaluationFigures): string {
  const percent = (x: number) => (Number.isNaN(x) ? '-' : (100 * x).toFixed(1));
  return `  ${name.padEnd(12)} accuracy ${percent(f.accuracy)} ±${(100 * f.accuracyWithin).toFixed(1)}   AUC ${percent(f.auc)}   average precision ${percent(f.averagePrecision)}   log loss ${f.logLoss.toFixed(4)}   calibration error ${percent(f.calibration.error)}, floor ${percent(f.calibration.floor)}\n`;
}
