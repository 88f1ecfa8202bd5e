/** `tidewatch evaluate ablations`: what each part of the review model is worth, all with the same data and budget. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { TidewatchError } from '#contracts';
import { loadSettings } from '#load-config';
import { ablate, ABLATIONS, defaultTrainReviews, trainingTexts } from '#train-models';
import type { AblationFigures } from '#train-models';
import { fetchWordVectors } from './train-vectors.js';
import { untilStopped, wholeNumber } from './until-stopped.js';

interface AblationFlags {
  readonly data: string;
  readonly limit: string;
  readonly epochs: string;
  readonly seed: string;
}

const HEAD = `| model | weights beside the rows | dev log loss, weighted | SST dev accuracy, AUC | Netflix AUC | devices AUC, average precision |
|---|---|---|---|---|---|
`;

export function registerEvaluateAblations(evaluate: Command): void {
  evaluate.command('ablations')
    .description('train simpler readers and the encoder with parts left out, on the same texts for as long, and judge them on the dev set; a minute or two for each')
    .argument('[names...]', `of ${Object.keys(ABLATIONS).join(', ')}`, Object.keys(ABLATIONS))
    .option('--data <folder>', 'holds reviews/ and sentiment/', '../shared/data')
    .option('--limit <n>', 'texts that each is trained on', '30000')
    .option('--epochs <n>', 'of each training', '2')
    .option('--seed <n>', 'of each training, and of the texts that are drawn', '1')
    .addHelpText('after', '\nOf "whole", the encoder as it ships, its linear part and the history part are measured besides.\n\nExample:\n  tidewatch evaluate ablations lstm lstm-attention whole --limit 10000\n')
    .action((names: string[], flags: AblationFlags) => untilStopped(false, async (signal, onProgress) => {
      const unknown = names.find((name) => ABLATIONS[name] === undefined);
      if (unknown !== undefined) throw new TidewatchError('SETTING_INVALID', `There is no ablation ${unknown}; expected some of ${Object.keys(ABLATIONS).join(', ')}.`);
      const numbers = { limit: wholeNumber('--limit', flags.limit, 100, 10_000_000), epochs: wholeNumber('--epochs', flags.epochs, 1, 100), seed: wholeNumber('--seed', flags.seed, 0, 2 ** 31 - 1) };
      const texts = trainingTexts(flags.data);
      const folder = mkdtempSync(join(tmpdir(), 'tidewatch-ablations-'));
      try {
        process.stdout.write(HEAD);
        for await (const row of ablate({ ...defaultTrainReviews, ...numbers, texts, outFolder: folder, vectors: () => fetchWordVectors(join(loadSettings(process.env).home, 'cache')), signal, onProgress }, names)) process.stdout.write(line(row));
      } finally {
        rmSync(folder, { recursive: true });
      }
    }));
}

function line({ name, weights, devLoss, bySource, history }: AblationFigures): string {
  const count = weights.toLocaleString('en');
  if (history !== null) return `| ${name} | ${count} | dev reviews: ${history.text.toFixed(4)} by text alone, ${history.verdict.toFixed(4)} with history (share ${history.share.toFixed(2)}) | | | |\n`;
  const percent = (source: string, ...keys: readonly ('accuracy' | 'auc' | 'averagePrecision')[]) => keys.map((key) => (100 * (bySource[source]?.[key] ?? NaN)).toFixed(1)).join(', ');
  return `| ${name} | ${count} | ${devLoss.toFixed(4)} | ${percent('sst2.dev', 'accuracy', 'auc')} | ${percent('googleplay_netflix_2024', 'auc')} | ${percent('datafiniti_amazon_devices', 'auc', 'averagePrecision')} |\n`;
}
