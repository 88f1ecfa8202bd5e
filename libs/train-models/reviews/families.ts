/** An encoder trained without one family of texts, and judged on it, beside TF-IDF trained on the same texts. */
import { scoredText } from '#contracts';
import { ENCODER_SIZES, encoderNetwork, tableRows } from '#models';
import { trainTfidf } from '../tfidf.js';
import { encodeSet } from './encode-set.js';
import { evaluate } from './evaluation-sets.js';
import type { EvaluationFigures } from './evaluation-sets.js';
import { finishEncoder } from './finish-encoder.js';
import type { LeftOut } from './leave-out.js';
import { prepare } from './prepare.js';
import { trainEncoder } from './train-encoder.js';
import { findVectors } from './train-reviews.js';
import type { TrainReviewsOptions } from './train-reviews.js';

export interface FamilyFigures {
  readonly trainedOn: number;
  readonly encoder: EvaluationFigures;
  readonly tfidf: EvaluationFigures;
}

/** outFolder: where the training keeps its place while it runs. No history part is trained. */
export async function judgeFamily(options: TrainReviewsOptions, leftOut: LeftOut): Promise<FamilyFigures> {
  const data = await prepare({ ...options, vectors: findVectors(options.vectors), tokenSize: ENCODER_SIZES.tokenSize, leftOut });
  const trained = await trainEncoder({
    ...options, set: data.set, network: encoderNetwork(ENCODER_SIZES), negative: data.negative, targets: data.targets, weights: data.weights, train: data.train, dev: data.dev, devWeights: data.devWeights,
    tableRows: tableRows(data.spec), startRows: data.start?.rows ?? null, base: null, checkpoint: `${options.outFolder}/.family`, resume: false,
  });
  const finished = await finishEncoder(trained, data, null);
  const { logits } = await encodeSet(finished.encoder, data.set, data.leftOut, ENCODER_SIZES.vectorSize);
  const read = (places: readonly number[]) => ({ texts: places.map((i) => scoredText(data.texts[i]!)), labels: places.map((i) => Number(data.negative[i])) });
  const judged = { name: leftOut.source, ...read(data.leftOut), clear: data.leftOut.map((i) => data.texts[i]!.rating !== 3) };
  const known = read(data.train);
  const rival = trainTfidf(known.texts, known.labels);
  return { trainedOn: data.train.length, encoder: evaluate(judged, [...logits]), tfidf: evaluate(judged, judged.texts.map((text) => rival.score(text))) };
}
