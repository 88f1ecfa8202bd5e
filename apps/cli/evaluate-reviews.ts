/** `tidewatch evaluate reviews`: how good a model is on texts it never saw, beside a rival trained on the same texts in the same run. */
import type { Command } from 'commander';
import { TidewatchError } from '#contracts';
import { loadSettings } from '#load-config';
import { openModel } from '#run-onnx';
import { evaluate, evaluationData, trainTfidf } from '#train-models';
import type { EvaluationFigures } from '#train-models';

interface EvaluateFlags {
  readonly data: string;
  readonly model?: string;
  readonly test?: true;
  readonly rivals: boolean;
  readonly json?: true;
}

type Report = Readonly<Record<string, Readonly<Record<string, EvaluationFigures>>>>;

const RIVAL = 'TF-IDF + LR';

export function registerEvaluateReviews(evaluate: Command): void {
  evaluate.command('reviews')
    .description('the dev tenth of each stream and SST dev: two-sided accuracy and AUC, average precision, log loss, calibration error and its floor')
    .option('--data <folder>', 'holds reviews/ and sentiment/', '../shared/data')
    .option('--model <folder>', 'the model folder; REVIEW_MODEL otherwise')
    .option('--test', 'the newest tenth instead of the dev tenth: to be looked at once per released model, never to choose by')
    .option('--no-rivals', `without ${RIVAL}, which trains for about a minute`)
    .option('--json', 'print the figures as JSON')
    .addHelpText('after', `
Example:
  tidewatch evaluate reviews --data ../shared/data --model models/reviews-v1

Accuracy and AUC are two-sided: three stars left out. Average precision asks the service's question, negative against all
others. The calibration error has 15 equal bins; its floor is what perfect calibration would show by chance. The text
alone is measured, without history. The model must have been trained with the splits of \`tidewatch train reviews\`.
`)
    .action(async (flags: EvaluateFlags) => {
      const report = await measure(flags);
      process.stdout.write(flags.json === true ? `${JSON.stringify(report, null, 2)}\n` : asTable(report));
    });
}

async function measure(flags: EvaluateFlags): Promise<Report> {
  const settings = loadSettings(process.env);
  const say = (line: string) => { if (flags.json !== true) process.stderr.write(`${line}\n`); };
  const data = evaluationData(flags.data, flags.test === true ? 'test' : 'dev');
  const model = await openModel(flags.model ?? settings.models.reviews, { encoderThreads: settings.encoderThreads });
  try {
    const { encoder, manifest } = model;
    if (encoder === null) throw new TidewatchError('MODEL_INVALID', `${manifest.modelId} is a model for ${manifest.stream}; one for reviews was expected. Name its folder with --model.`);
    const report: Record<string, Record<string, EvaluationFigures>> = {};
    say(`scoring with ${manifest.modelId}`);
    for (const set of data.sets) {
      const encoded = await encoder.encode(set.texts);
      report[set.name] = { [manifest.modelId]: evaluate(set, encoded.map(({ logit }) => logit / (manifest.temperature ?? 1))) };
    }
    if (flags.rivals) {
      say(`training ${RIVAL} on ${data.train.texts.length} texts`);
      const rival = trainTfidf(data.train.texts, data.train.labels, 1);
      for (const set of data.sets) report[set.name]![RIVAL] = evaluate(set, set.texts.map((text) => rival.score(text)));
    }
    return report;
  } finally {
    await model.close();
  }
}

function asTable(report: Report): string {
  const percent = (x: number) => (Number.isNaN(x) ? '-' : (100 * x).toFixed(1)).padStart(6);
  const rows = Object.entries(report).flatMap(([set, models]) => Object.entries(models).map(([name, f]) =>
    `${set.padEnd(28)} ${name.padEnd(24)} ${String(f.texts).padStart(6)} ${percent(f.accuracy)} ±${(100 * f.accuracyWithin).toFixed(1)} ${percent(f.auc)} ${percent(f.averagePrecision)} ${f.logLoss.toFixed(4).padStart(9)} ${percent(f.calibration.error)} ${percent(f.calibration.floor)}`));
  return `${'set'.padEnd(28)} ${'model'.padEnd(24)}  texts  accuracy      AUC     AP  log loss    ECE  floor\n${rows.join('\n')}\n`;
}
