/**
 * A trained encoder with hard attention: what it loses and gains on the long texts of the dev set, by how many tokens it
 * reads; and its folder. Nothing is trained: the scorer is the weight that a word has in the linear part.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ModelManifest, scoredText } from '#contracts';
import { createTokenizer, ENCODER_SIZES, encoderGraph } from '#models';
import type { TokenSelection } from '#models';
import type { BaseModel } from './base-model.js';
import { encodeSet } from './encode-set.js';
import { evaluate } from './evaluation-sets.js';
import type { EvaluationFigures } from './evaluation-sets.js';
import type { TrainingTexts } from './read-texts.js';
import { splitByTime } from './split.js';
import { tokenizeAll } from './tokenized-set.js';
import { modelIdOf, writeTogether } from './write-model.js';

export interface ReadingFigures {
  /** Tokens read of each text; null for all. */
  readonly keep: number | null;
  /** Share of the texts' tokens that were read. */
  readonly share: number;
  readonly figures: EvaluationFigures;
  /** One thread, least of the rounds. */
  readonly seconds: number;
}

/** Rounds of timing, every reading in each of them. */
const ROUNDS = 5;

/** On the dev reviews and sentences of more than `over` tokens. */
export async function compareReadings(base: BaseModel, { reviews, judged }: TrainingTexts, over: number, keeps: readonly number[]): Promise<readonly ReadingFigures[]> {
  const parts = splitByTime(reviews);
  const dev = [...reviews.filter((_, i) => parts[i] === 'dev'), ...judged];
  const set = tokenizeAll(createTokenizer({ ...base.spec, knownAlone: false }, base.vocabulary), dev.map(scoredText), base.spec.knownAlone === true);
  const long = dev.flatMap((_, i) => (set.lengths[i]! > over ? [i] : []));
  if (long.length === 0) return [];
  const texts = { name: 'long', texts: [], labels: long.map((i) => Number(dev[i]!.negative)), clear: long.map((i) => dev[i]!.rating !== 3) };
  const tokens = long.reduce((sum, i) => sum + set.lengths[i]!, 0);
  const readings = [null, ...keeps].map((keep) => ({ keep, encoder: hardEncoder(base, keep === null ? null : { over, keep }), seconds: Infinity, figures: null as EvaluationFigures | null }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const reading of readings) {
      const from = performance.now();
      const { logits } = await encodeSet(reading.encoder, set, long, ENCODER_SIZES.vectorSize);
      reading.seconds = Math.min(reading.seconds, (performance.now() - from) / 1e3);
      reading.figures ??= evaluate(texts, [...logits]);
    }
  }
  return readings.map(({ keep, seconds, figures }) => ({ keep, share: keep === null ? 1 : (keep * long.length) / tokens, figures: figures!, seconds }));
}

const hardEncoder = ({ encoder: { parameters, table, linear } }: BaseModel, selection: TokenSelection | null): Uint8Array => encoderGraph(ENCODER_SIZES, parameters, table, linear, selection);

/** The base's folder with that encoder, under a name of its own. Returns the model's id. */
export function writeHardModel(folder: string, name: string, from: { readonly folder: string; readonly manifest: ModelManifest; readonly base: BaseModel }, selection: TokenSelection, readings: readonly ReadingFigures[]): string {
  const { encoder, state, hashes: before } = from.manifest;
  const kept = Object.keys(before).filter((file) => file !== encoder!.file);
  const files: Record<string, Uint8Array> = Object.fromEntries([[encoder!.file, hardEncoder(from.base, selection)], ...kept.map((file) => [file, readFileSync(join(from.folder, file))])]) as Record<string, Uint8Array>;
  const hashes = { ...before, [encoder!.file]: createHash('sha256').update(files[encoder!.file]!).digest('hex') };
  const modelId = modelIdOf(name, hashes, state);
  const manifest: ModelManifest = { ...from.manifest, modelId, encoder: { ...encoder!, selects: selection }, hashes };
  const json = (value: unknown) => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  const card = `# ${modelId}

${from.manifest.modelId} with hard attention: of texts of more than ${selection.over} tokens the network reads the ${selection.keep} that weigh most. Shorter texts have the scores of that model, to the bit; its card says the rest.

${readingsAsMarkdown(readings)}`;
  writeTogether(folder, { ...files, 'model.json': json(manifest), 'card.json': json({ modelId, from: from.manifest.modelId, selects: selection, readings }), 'card.md': Buffer.from(card) });
  return modelId;
}

export function readingsAsMarkdown(readings: readonly ReadingFigures[]): string {
  const percent = (x: number, digits = 1) => (100 * x).toFixed(digits);
  const lines = readings.map(({ keep, share, figures: f, seconds }) => `| ${keep ?? 'all'} | ${percent(share, 0)} % | ${percent(f.accuracy)} ± ${percent(f.accuracyWithin)} % | ${percent(f.auc)} % | ${f.logLoss.toFixed(4)} | ${(readings[0]!.seconds / seconds).toFixed(2)} |\n`);
  return `| tokens read of ${readings[0]?.figures.texts ?? 0} long dev texts | share | accuracy | AUC | log loss | times as fast |\n|---|---|---|---|---|---|\n${lines.join('')}`;
}
