/** `tidewatch evaluate reviews`: how good a model is on texts it never saw, beside a rival trained on the same texts in the same run. */
import type { Command } from 'commander';
import { type TextEncoder, TidewatchError } from '#contracts';
import { loadSettings } from '#load-config';
import { behaviourCases, behaviourFigures, completeCard, evaluate, evaluationData, faithfulness, trainTfidf } from '#train-models';
import type { EvaluationFigures, JudgedModel } from '#train-models';
import { openModel } from '../stream-worker/open-model.js';
import { wordListRivals } from './word-list-rivals.js';

interface EvaluateFlags {
  readonly data: string;
  readonly model?: string;
  readonly test?: true;
  readonly rivals: boolean;
  readonly card?: true;
  readonly json?: true;
}

const RIVAL = 'TF-IDF + LR';
/** Texts whose words are deleted. */
const EXPLAINED = 1_000;

export function registerEvaluateReviews(evaluate: Command): void {
  evaluate.command('reviews')
    .description('the dev tenth of each stream and SST dev: two-sided accuracy and AUC, average precision, log loss, calibration error and its floor; whether shown words carry the score; behaviour in templated cases')
    .option('--data <folder>', 'holds reviews/ and sentiment/', '../shared/data')
    .option('--model <folder>', 'the model folder; REVIEW_MODEL otherwise')
    .option('--test', 'the newest tenth instead of the dev tenth: to be looked at once per released model, never to choose by')
    .option('--no-rivals', `without ${RIVAL}, which trains for about a minute, and without word lists`)
    .option('--card', 'write the figures into the card of the model too; with --test, for a model that is done')
    .option('--json', 'print the figures as JSON')
    .addHelpText('after', `
Example:
  tidewatch evaluate reviews --data ../shared/data --model models/reviews-v5

Accuracy and AUC are two-sided: three stars left out. Average precision asks the service's question, negative against all
others. The calibration error has 15 equal bins; its floor is what perfect calibration would show by chance. The text
alone is measured, without history. The model must have been trained with the splits of \`tidewatch train reviews\`.
VADER and AFINN are among the rivals where the packages vader-sentiment and sentiment are installed.
`)
    .action(async (flags: EvaluateFlags) => {
      const judged = await measure(flags);
      process.stdout.write(flags.json === true ? `${JSON.stringify(judged, null, 2)}\n` : asText(judged));
    });
}

async function measure(flags: EvaluateFlags): Promise<JudgedModel> {
  const settings = loadSettings(process.env);
  const say = (line: string) => { if (flags.json !== true) process.stderr.write(`${line}\n`); };
  const data = evaluationData(flags.data, flags.test === true ? 'test' : 'dev');
  const folder = flags.model ?? settings.models.reviews;
  const model = await openModel(folder, settings);
  try {
    const { encoder, manifest } = model;
    if (encoder === null) throw new TidewatchError('MODEL_INVALID', `${manifest.modelId} is a model for ${manifest.stream}; one for reviews was expected. Name its folder with --model.`);
    const sets: Record<string, Record<string, EvaluationFigures>> = {};
    say(`scoring with ${manifest.modelId}`);
    for (const set of data.sets) {
      const encoded = await encoder.encode(set.texts);
      sets[set.name] = { [manifest.modelId]: evaluate(set, encoded.map(({ logit }) => logit / (manifest.temperature ?? 1))) };
    }
    const { explanations, behaviour } = await judge(encoder, flags.data);
    if (flags.rivals) {
      say(`training ${RIVAL} on ${data.train.texts.length} texts`);
      const rivals = { [RIVAL]: trainTfidf(data.train.texts, data.train.labels), ...await wordListRivals(say) };
      for (const set of data.sets) for (const [name, rival] of Object.entries(rivals)) sets[set.name]![name] = evaluate(set, set.texts.map((text) => rival.score(text)));
    }
    const judged = { sets, explanations, behaviour };
    if (flags.card === true) completeCard(folder, judged);
    return judged;
  } finally {
    await model.close();
  }
}

async function judge(encoder: TextEncoder, dataFolder: string): Promise<Pick<JudgedModel, 'explanations' | 'behaviour'>> {
  const encode = (texts: readonly string[]) => encoder.encode(texts);
  const { sets } = evaluationData(dataFolder, 'dev');
  const evenly = sets.flatMap(({ texts }) => texts.filter((_, i) => i % Math.ceil((texts.length * sets.length) / (1.5 * EXPLAINED)) === 0)); // some are too short
  const cases = behaviourCases();
  const texts = [...new Set(cases.flatMap(({ text, beside }) => [text, beside ?? text]))];
  const logits = new Map((await encode(texts)).map(({ logit }, i) => [texts[i]!, logit]));
  return { explanations: await faithfulness(encode, evenly, EXPLAINED, 1), behaviour: behaviourFigures(cases, (text) => logits.get(text)!) };
}

function asText({ sets, explanations, behaviour }: JudgedModel): string {
  const percent = (x: number) => (Number.isNaN(x) ? '-' : (100 * x).toFixed(1)).padStart(6);
  const rows = Object.entries(sets).flatMap(([set, models]) => Object.entries(models).map(([name, f]) =>
    `${set.padEnd(28)} ${name.padEnd(24)} ${String(f.texts).padStart(6)} ${percent(f.accuracy)} ±${(100 * f.accuracyWithin).toFixed(1)} ${percent(f.auc)} ${percent(f.averagePrecision)} ${f.logLoss.toFixed(4).padStart(9)} ${percent(f.calibration.error)} ${percent(f.calibration.floor)}`));
  return [
    `${'set'.padEnd(28)} ${'model'.padEnd(24)}  texts  accuracy      AUC     AP  log loss    ECE  floor`, ...rows,
    `the three words of highest weight move the log odds by ${explanations.moveOfTop.toFixed(2)}, three at random by ${explanations.moveOfRandom.toFixed(2)}; median ratio ${explanations.medianRatio.toFixed(1)} over ${explanations.texts} dev texts`,
    `behaviour: ${behaviour.map(({ kind, passed, cases }) => `${kind} ${passed}/${cases}`).join(', ')}`, '',
  ].join('\n');
}
