/**
 * A model trained without one family of texts, and judged on it: the encoder beside TF-IDF trained on the same texts, and,
 * where the family is a stream of reviews, what its products' histories add, from their first review on.
 */
import { scoredText } from '#contracts';
import { ENCODER_SIZES, encoderNetwork, tableRows } from '#models';
import { trainTfidf } from '../tfidf.js';
import { encodeSet } from './encode-set.js';
import { evaluate } from './evaluation-sets.js';
import type { EvaluationFigures } from './evaluation-sets.js';
import { finishEncoder } from './finish-encoder.js';
import type { LeftOut } from './leave-out.js';
import { historiesOf, laneOf } from './histories.js';
import { learnHistories } from './learn-histories.js';
import { prepare } from './prepare.js';
import type { Prepared } from './prepare.js';
import { RECALIBRATION, recalibrateHistories } from './recalibrate-histories.js';
import { trainEncoder } from './train-encoder.js';
import { scoreHistories } from './train-history.js';
import { findVectors } from './train-reviews.js';
import type { TrainReviewsOptions } from './train-reviews.js';

export interface FamilyFigures {
  readonly trainedOn: number;
  readonly encoder: EvaluationFigures;
  readonly tfidf: EvaluationFigures;
  /** Of the whole stream in time order, its stars known as they come; null for sentences. */
  readonly histories: Readonly<Record<HistoryGroup, HistoryGain>> | null;
}

/** Reviews by how many of their product or of all came before, and the second half of the stream by time. */
export type HistoryGroup = 'first ten of a product' | 'second half' | 'after 500 of a product' | 'after 500 of the stream';

/** null where the group holds too few reviews to say anything. */
export type HistoryGain = Readonly<Record<'text' | 'history' | 'recalibrated', EvaluationFigures>> | null;

const FIRST = 10;
const MANY = 500;
const FEWEST_JUDGED = 200;

/** outFolder: where the training keeps its place while it runs. */
export async function judgeFamily(options: TrainReviewsOptions, leftOut: LeftOut): Promise<FamilyFigures> {
  const data = await prepare({ ...options, vectors: findVectors(options.vectors), tokenSize: ENCODER_SIZES.tokenSize, leftOut });
  const trained = await trainEncoder({
    ...options, set: data.set, network: encoderNetwork(ENCODER_SIZES), negative: data.negative, targets: data.targets, weights: data.weights, train: data.train, dev: data.dev, devWeights: data.devWeights,
    tableRows: tableRows(data.spec), startRows: data.start?.rows ?? null, base: null, checkpoint: `${options.outFolder}/.family`, resume: false,
  });
  const { encoder } = await finishEncoder(trained, data, null);
  const read = (places: readonly number[]) => ({ texts: places.map((i) => scoredText(data.texts[i]!)), labels: places.map((i) => Number(data.negative[i])) });
  const judged = { name: leftOut.source, ...read(data.leftOut), clear: data.leftOut.map((i) => data.texts[i]!.rating !== 3) };
  const known = read(data.train);
  const rival = trainTfidf(known.texts, known.labels);
  const isStream = leftOut.fold === null && data.reviews.some(({ source }) => source === leftOut.source);
  const stream = isStream ? await judgeHistories(data, encoder, leftOut.source, options) : null;
  const { logits } = stream ?? await encodeSet(encoder, data.set, data.leftOut, ENCODER_SIZES.vectorSize);
  return {
    trainedOn: data.train.length, encoder: evaluate(judged, [...logits]), tfidf: evaluate(judged, judged.texts.map((text) => rival.score(text))),
    histories: stream?.histories ?? null,
  };
}

/** The history part learns from the other streams, and reads this one from its first review on; `logits` are its reviews' from the text alone. */
async function judgeHistories(data: Prepared, encoder: Uint8Array, source: string, options: TrainReviewsOptions) {
  const { reviews, negative } = data;
  const own = (i: number) => reviews[i]!.source === source;
  const others: Prepared = { ...data, parts: data.parts.map((part, i) => (own(i) ? 'heldOut' : part)) };
  const { encoded, parameters } = await learnHistories(others, encoder, { start: null, seed: options.seed, epochs: options.historyEpochs, signal: options.signal, onProgress: options.onProgress });
  const histories = historiesOf(reviews).filter(([first]) => own(first!));
  const lanes = histories.map((events) => laneOf(events, reviews, encoded));
  const label = (event: number): 0 | 1 => (negative[event] ? 1 : 0);
  const scores = await scoreHistories(parameters, lanes, label);
  const recalibrated = recalibrateHistories(RECALIBRATION, scores, lanes, reviews, label);
  const gainOn = (events: readonly number[]): HistoryGain => {
    if (events.length < FEWEST_JUDGED) return null;
    const set = { name: source, texts: [], labels: events.map(label), clear: events.map((i) => reviews[i]!.rating !== 3) };
    const figures = (logit: (event: number) => number) => evaluate(set, events.map(logit));
    return { text: figures((i) => encoded.logits[i]!), history: figures((i) => scores.logit.get(i)!), recalibrated: figures((i) => recalibrated.logit.get(i)!) };
  };
  const byTime = histories.flat().sort((a, b) => reviews[a]!.at! - reviews[b]!.at! || a - b);
  const groups: FamilyFigures['histories'] = {
    'first ten of a product': gainOn(histories.flatMap((events) => events.slice(0, FIRST))),
    'second half': gainOn(byTime.slice(byTime.length / 2)),
    'after 500 of a product': gainOn(histories.flatMap((events) => events.slice(MANY))),
    'after 500 of the stream': gainOn(byTime.slice(MANY)),
  };
  return { histories: groups, logits: Float32Array.from(data.leftOut, (i) => encoded.logits[i]!) };
}
