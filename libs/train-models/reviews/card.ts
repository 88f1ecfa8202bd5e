/** The model card: what the model was made from, how good it is on texts it never saw, what it costs, what it cannot do. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BinaryFigures } from '../metrics.js';
import { reliabilityDiagram } from '../reliability-diagram.js';
import { INVARIANCE_KINDS } from './behaviour.js';
import type { BehaviourFigure } from './behaviour.js';
import type { EvaluationFigures } from './evaluation-sets.js';
import type { FaithfulnessFigures } from './faithfulness.js';
import type { FinishedEncoder } from './finish-encoder.js';
import type { DataFile } from './read-texts.js';

export interface ReviewFigures extends BinaryFigures {
  /** Share on the right side of one half among 1, 2, 4 and 5 stars; `accuracy` counts 3 stars among the rest. */
  readonly accuracyTwoSided: number;
}

/** What `tidewatch evaluate reviews --card` adds to the card of a model that is done. */
export interface JudgedModel {
  /** By set and model, rivals included. */
  readonly sets: Readonly<Record<string, Readonly<Record<string, EvaluationFigures>>>>;
  readonly explanations: FaithfulnessFigures;
  readonly behaviour: readonly BehaviourFigure[];
}

export interface ReviewModelCard {
  readonly modelId: string;
  readonly seed: number;
  /** Whether training started from word vectors. */
  readonly wordVectors: boolean;
  readonly data: readonly DataFile[];
  readonly counts: Readonly<Record<string, number>>;
  readonly split: string;
  readonly training: Readonly<Record<string, number | string>>;
  readonly calibration: FinishedEncoder['calibration'];
  /** By group of texts: overall, each stream, products never seen. */
  readonly figures: Readonly<Record<string, { readonly text: ReviewFigures; readonly history: ReviewFigures }>>;
  /** The same of the model that the training went on from, on the same reviews; null for a new model. */
  readonly before: (Pick<ReviewModelCard, 'figures'> & { readonly modelId: string }) | null;
  readonly expectation: { readonly logLoss: number; readonly logLossOfConstantShare: number; readonly logLossOfRunningShare: number; readonly reviews: number };
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
  readonly speed: { readonly textsPerSecond: number; readonly tokensPerSecond: number; readonly stepsPerSecondOf32: number; readonly note: string };
  readonly limits: readonly string[];
  readonly judged?: JudgedModel;
}

const RELIABILITY_FILE = 'reliability.svg';
const percent = (x: number): string => (Number.isNaN(x) ? '-' : `${(100 * x).toFixed(1)} %`);
const nats = (x: number): string => x.toFixed(4);

export function cardAsMarkdown(card: ReviewModelCard): string {
  const figureRow = (name: string) => {
    const { text, history } = card.figures[name]!;
    return `| ${name} | ${text.texts} | ${text.negatives} | ${percent(text.accuracy)} | ${percent(text.accuracyTwoSided)} | ${percent(text.auc)} | ${percent(text.averagePrecision)} | ${nats(text.logLoss)} | ${percent(text.calibrationError)} | ${percent(history.accuracy)} | ${percent(history.accuracyTwoSided)} | ${percent(history.auc)} | ${percent(history.averagePrecision)} | ${nats(history.logLoss)} | ${percent(history.calibrationError)} |`;
  };
  const table = (record: Readonly<Record<string, number | string>>) => Object.entries(record).map(([name, value]) => `| ${name} | ${value} |`).join('\n');
  return `# ${card.modelId}

Reads a product review and says how probable it is that its author gives one or two stars: from the text alone, and with the product's history.
Made by \`tidewatch train reviews${card.before === null ? '' : ` --from ${card.before.modelId}`}${card.wordVectors ? ' --word-vectors' : ''} --seed ${card.seed}\`. This page is generated; the same figures are in card.json.

## How good

Everything (epochs, calibration, the share of history) was decided on the dev set; the test reviews were scored after that. "Negative" is the class that is found; log loss in nats per review.

| test reviews | number | negative | text: accuracy | without 3 stars | AUC | average precision | log loss | calibration error | with history: accuracy | without 3 stars | AUC | average precision | log loss | calibration error |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
${Object.keys(card.figures).map(figureRow).join('\n')}

Expectation for the next review (${card.expectation.reviews} test reviews that are not a product's first): log loss ${nats(card.expectation.logLoss)}; the constant share of the training set has ${nats(card.expectation.logLossOfConstantShare)}, the product's own running share ${nats(card.expectation.logLossOfRunningShare)}.

${card.before === null ? '' : beforeAsMarkdown(card.before, card.figures)}## Made from

${card.split}

| file | rows | sha256 | terms |
|---|---|---|---|
${card.data.map((d) => `| ${d.file} | ${d.rows} | ${d.sha256.slice(0, 16)} | ${d.licence} |`).join('\n')}

| texts | number |
|---|---|
${table(card.counts)}

| training | |
|---|---|
${table(card.training)}

Blend and calibration, fitted on the dev set and folded into the weights: ${card.calibration.network.toFixed(3)} of the network's log odds, ${card.calibration.linear.map((share) => share.toFixed(3)).join(' and ')} of those of the linear part over words and pairs of words, offset ${card.calibration.offset.toFixed(3)}. So the manifest states temperature 1.

## Size and speed

| file | bytes | sha256 |
|---|---|---|
${Object.entries(card.files).map(([name, f]) => `| ${name} | ${f.bytes} | ${f.sha256.slice(0, 16)} |`).join('\n')}

${Math.round(card.speed.textsPerSecond)} texts/s (${Math.round(card.speed.tokensPerSecond)} tokens/s) through the encoder, ${Math.round(card.speed.stepsPerSecondOf32)} history steps/s in batches of 32. ${card.speed.note}

## Limits

${card.limits.map((line) => `- ${line}`).join('\n')}

What each part of the model is worth (ablations), families left out, and what was tried besides: docs/review-model.md of the project.
${card.judged === undefined ? '' : judgedAsMarkdown(card.judged)}`;
}

function beforeAsMarkdown({ modelId, figures: before }: NonNullable<ReviewModelCard['before']>, after: ReviewModelCard['figures']): string {
  const rows = Object.entries(after).flatMap(([name, { history }]) => {
    const was = before[name]!.history;
    return [`| ${name} | ${history.texts} | ${percent(was.accuracy)} | ${percent(history.accuracy)} | ${percent(was.auc)} | ${percent(history.auc)} | ${nats(was.logLoss)} | ${nats(history.logLoss)} |`];
  });
  return `## Beside the model that it went on from

${modelId} on the same test reviews, with history.

| test reviews | number | accuracy before | now | AUC before | now | log loss before | now |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}

`;
}

function judgedAsMarkdown({ sets, explanations, behaviour }: JudgedModel): string {
  const rows = Object.entries(sets).flatMap(([set, models]) => Object.entries(models).map(([name, f]) =>
    `| ${set} | ${name} | ${f.texts} | ${percent(f.accuracy)} ± ${(100 * f.accuracyWithin).toFixed(1)} | ${percent(f.auc)} | ${percent(f.averagePrecision)} | ${nats(f.logLoss)} | ${percent(f.calibration.error)} | ${percent(f.calibration.floor)} |`));
  const passed = behaviour.reduce((sum, { passed: n }) => sum + n, 0);
  const cases = behaviour.reduce((sum, { cases: n }) => sum + n, 0);
  return `
## Beside rivals

The newest tenth of each stream, and SST's dev sentences (which no model trained on; epochs and calibration looked at them). Accuracy, with its 95 % interval, and AUC are two-sided: three stars left out. Average precision: negative against all others. Calibration error in 15 equal bins, and what perfect calibration would show by chance.

| set | model | texts | accuracy | AUC | average precision | log loss | calibration error | its floor |
|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}

![Reliability: observed share against stated probability, per set](${RELIABILITY_FILE})

## Do the shown words carry the score?

Deleting the three words of highest weight moves the log odds by ${explanations.moveOfTop.toFixed(2)} (median over ${explanations.texts} dev reviews of ten words and more), three words drawn at random by ${explanations.moveOfRandom.toFixed(2)}; the median ratio is ${explanations.medianRatio.toFixed(1)}.

## Behaviour

${passed} of ${cases} templated cases pass. Kinds marked * change what means nothing: the verdict must stay.

| kind | passed | of | examples that fail |
|---|---|---|---|
${behaviour.map(({ kind, passed: n, cases: of, failures }) => `| ${kind}${INVARIANCE_KINDS.includes(kind) ? ' *' : ''} | ${n} | ${of} | ${failures.slice(0, 2).map((text) => text.replace(/[|\n<]/g, ' ')).join(' / ')} |`).join('\n')}
`;
}

/** Adds what was judged to the card in a model's folder. */
export function completeCard(folder: string, judged: JudgedModel): void {
  const card = { ...(JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8')) as ReviewModelCard), judged };
  writeFileSync(join(folder, 'card.json'), `${JSON.stringify(card, null, 2)}\n`);
  writeFileSync(join(folder, 'card.md'), cardAsMarkdown(card));
  writeFileSync(join(folder, RELIABILITY_FILE), reliabilityDiagram(Object.entries(judged.sets).map(([title, models]) => ({ title, bins: models[card.modelId]!.calibration.bins }))));
}
