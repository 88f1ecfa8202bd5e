/** The model card: what the model was made from, how good it is on texts it never saw, what it costs, what it cannot do. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BinaryFigures } from '../metrics.js';
import { INVARIANCE_KINDS } from './behaviour.js';
import type { BehaviourFigure } from './behaviour.js';
import type { EvaluationFigures } from './evaluation-sets.js';
import type { FaithfulnessFigures } from './faithfulness.js';
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
  readonly calibration: { readonly temperature: number; readonly offset: number; readonly note: string };
  /** By group of texts: overall, each stream, products never seen. */
  readonly figures: Readonly<Record<string, { readonly text: ReviewFigures; readonly history: ReviewFigures }>>;
  readonly expectation: { readonly logLoss: number; readonly logLossOfConstantShare: number; readonly logLossOfRunningShare: number; readonly reviews: number };
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
  readonly speed: { readonly textsPerSecond: number; readonly tokensPerSecond: number; readonly stepsPerSecondOf32: number; readonly note: string };
  readonly limits: readonly string[];
  readonly judged?: JudgedModel;
}

export const LIMITS: readonly string[] = [
  'English reviews of hardware, instruments, books, films, household goods, cars and one streaming app. Other languages and other trades were hardly seen.',
  'Stars are the label: 1 and 2 count as negative. People give stars that contradict their words (the app reviews are full of it), so no model reaches certainty there.',
  'Irony, quotations and comparisons with another product are often misread. Very short texts carry little: their score is close to a guess.',
  'Of texts beyond the token limit only the head and the tail are read.',
  'The test reviews are the newest of the same streams, not of new ones; the row "products never seen" is the nearest to a new product.',
  'Most training products have few reviews, so what history adds is learnt from a handful of busy ones.',
  'The weights of words say where the encoder looked; how far the score rests on them is measured below, on average and not for each text.',
];

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
Made by \`tidewatch train reviews${card.wordVectors ? ' --word-vectors' : ''} --seed ${card.seed}\`. This page is generated; the same figures are in card.json.

## How good

Everything (epochs, calibration, the share of history) was decided on the dev set; the test reviews were scored after that. "Negative" is the class that is found; log loss in nats per review.

| test reviews | number | negative | text: accuracy | without 3 stars | AUC | average precision | log loss | calibration error | with history: accuracy | without 3 stars | AUC | average precision | log loss | calibration error |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
${Object.keys(card.figures).map(figureRow).join('\n')}

Expectation for the next review (${card.expectation.reviews} test reviews that are not a product's first): log loss ${nats(card.expectation.logLoss)}; the constant share of the training set has ${nats(card.expectation.logLossOfConstantShare)}, the product's own running share ${nats(card.expectation.logLossOfRunningShare)}.

## Made from

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

Calibration, fitted on the dev set and folded into the weights: temperature ${card.calibration.temperature.toFixed(3)}, offset ${card.calibration.offset.toFixed(3)}. ${card.calibration.note}

## Size and speed

| file | bytes | sha256 |
|---|---|---|
${Object.entries(card.files).map(([name, f]) => `| ${name} | ${f.bytes} | ${f.sha256.slice(0, 16)} |`).join('\n')}

${Math.round(card.speed.textsPerSecond)} texts/s (${Math.round(card.speed.tokensPerSecond)} tokens/s) through the encoder, ${Math.round(card.speed.stepsPerSecondOf32)} history steps/s in batches of 32. ${card.speed.note}

## Limits

${card.limits.map((line) => `- ${line}`).join('\n')}
${card.judged === undefined ? '' : judgedAsMarkdown(card.judged)}`;
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
}
