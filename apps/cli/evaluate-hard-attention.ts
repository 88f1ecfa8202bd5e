/** `tidewatch evaluate hard-attention`: what a review model loses and gains where it reads only some tokens of long texts; and such a model. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import { TidewatchError } from '#contracts';
import { loadSettings } from '#load-config';
import { compareReadings, readBaseModel, readingsAsMarkdown, trainingTexts, writeHardModel } from '#train-models';
import { openModel } from '../stream-worker/open-model.js';
import { wholeNumber } from './until-stopped.js';

interface HardAttentionFlags {
  readonly data: string;
  readonly model: string;
  readonly over: string;
  readonly keep: string;
  readonly out?: string;
}

/** Beside the number that was asked for. */
const SHOWN = [32, 48, 64, 96];

export function registerEvaluateHardAttention(evaluate: Command): void {
  evaluate.command('hard-attention')
    .description('a review model that reads only the weightiest tokens of long texts: accuracy and speed by how many; with --out such a model')
    .option('--data <folder>', 'holds reviews/ and sentiment/', '../shared/data')
    .option('--model <folder>', 'one that `tidewatch train reviews` made', 'models/reviews-v5')
    .option('--over <tokens>', 'texts of more tokens are long', '128')
    .option('--keep <tokens>', 'tokens that are read of a long text', '64')
    .option('--out <folder>', 'write the model with hard attention there')
    .addHelpText('after', '\nExample:\n  tidewatch evaluate hard-attention --keep 64 --out .tidewatch/models/reviews-hard\n')
    .action(async (flags: HardAttentionFlags) => {
      const over = wholeNumber('--over', flags.over, 8, 4096);
      const keep = wholeNumber('--keep', flags.keep, 2, over);
      const model = await openModel(flags.model, { ...loadSettings(process.env), encoderThreads: 1 }); // what is wrong with it is said here
      await model.close();
      const base = readBaseModel(flags.model, model.manifest);
      const readings = await compareReadings(base, trainingTexts(flags.data), over, [...new Set([...SHOWN.filter((n) => n <= over), keep])].sort((a, b) => a - b));
      if (readings.length === 0) throw new TidewatchError('SETTING_INVALID', `No dev text in ${flags.data} has more than ${over} tokens. Give a smaller --over.`);
      process.stdout.write(readingsAsMarkdown(readings));
      if (flags.out !== undefined) process.stdout.write(`${writeHardModel(flags.out, basename(flags.out), { folder: flags.model, manifest: model.manifest, base }, { over, keep }, readings)} is in ${flags.out}\n`);
    });
}
