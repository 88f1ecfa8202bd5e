/**
 * From data to a model folder: read and split, train the encoder, blend its linear part in and calibrate both on the dev
 * set, train the history part on features of that frozen encoder, look at the test set once, write model.json, the ONNX
 * files, the vocabulary and the card. A training may go on from a model: with one's own reviews, from a model that is shipped.
 * The same data, seed and settings give the same model files.
 */
import { join } from 'node:path';
import type { Recalibration } from '#contracts';
import { ENCODER_SIZES, encoderNetwork, HISTORY_SIZES, historyGraph, historySequenceGraph, tableRows } from '#models';
import type { Parameters } from '#models';
import { dropCheckpoint } from '../checkpoint.js';
import type { OnProgress } from '../progress.js';
import { baseEncoder } from './base-model.js';
import type { BaseModel } from './base-model.js';
import type { ReviewModelCard } from './card.js';
import { requireTrainable } from './check-texts.js';
import { describe } from './describe-training.js';
import { encodeSet } from './encode-set.js';
import type { EncodedSet } from './encode-set.js';
import { finishEncoder } from './finish-encoder.js';
import type { BaseReading } from './finish-encoder.js';
import { historiesOf, laneOf } from './histories.js';
import { learnHistories } from './learn-histories.js';
import { measureSpeed } from './measure-speed.js';
import { prepare, TABLE_RECIPE } from './prepare.js';
import type { FindVectors, Prepared, TableRecipe } from './prepare.js';
import { testFigures } from './final-figures.js';
import type { TrainingTexts } from './read-texts.js';
import { ENCODER_RECIPE, trainEncoder } from './train-encoder.js';
import type { EncoderRecipe } from './train-encoder.js';
import { RECALIBRATION, recalibrateHistories } from './recalibrate-histories.js';
import { scoreHistories } from './train-history.js';
import { readWordVectors } from './word-vectors.js';
import { writeReviewModel } from './write-model.js';

/** Words of the archive, the most frequent first, that may fill up the vocabulary. */
const FREQUENT_WORDS = 60_000;

export interface TrainReviewsOptions {
  readonly texts: TrainingTexts;
  /** A model to go on from; null for a new one. */
  readonly base: BaseModel | null;
  /** Becomes the model folder. */
  readonly outFolder: string;
  /** Name of the model; its id is this and the first eight digits of its hash. */
  readonly name: string;
  readonly seed: number;
  /** At most so many; training ends earlier when the dev set gains nothing. */
  readonly epochs: number;
  readonly historyEpochs: number;
  /** 1 or 2; does not change the result. */
  readonly threads: number;
  readonly maxTokens: number;
  /** Train on so many texts only; null for all. */
  readonly limit: number | null;
  /** Gives the path of the archive of word vectors to start from (word-vectors.ts); null trains from scratch. */
  readonly vectors: (() => Promise<string>) | null;
  readonly resume: boolean;
  readonly signal: AbortSignal | null;
  readonly onProgress: OnProgress;
  readonly table: TableRecipe;
  readonly recipe: EncoderRecipe;
}

export const defaultTrainReviews = { name: 'reviews-v5', base: null, seed: 1, epochs: 3, historyEpochs: 12, threads: 2, maxTokens: 256, limit: null, vectors: null, resume: false, signal: null, table: TABLE_RECIPE, recipe: ENCODER_RECIPE } as const;
/** For a training that goes on from a model: a sixth of the rate, as what is known should stay known. */
export const GOING_ON: EncoderRecipe = { ...ENCODER_RECIPE, peakRate: ENCODER_RECIPE.peakRate / 6 };

export async function trainReviews(options: TrainReviewsOptions): Promise<ReviewModelCard> {
  const { seed, signal, base, onProgress } = options;
  const checkpoint = join(options.outFolder, '.stopped');
  const say = (phase: 'read' | 'linear' | 'test' | 'write', message: string, done: number) => onProgress({ phase, message, done, loss: null, devLoss: null, tokensPerSecond: null, secondsLeft: null });
  say('read', 'tokenizing the texts', 0);
  const data = await prepare({ ...options, vectors: findVectors(options.vectors), tokenSize: ENCODER_SIZES.tokenSize, leftOut: null });
  say('read', `${data.train.length} texts to train on, ${data.dev.length} in the dev set, ${data.vocabulary.length} words`, 1);
  requireTrainable(data);

  const trained = await trainEncoder({
    set: data.set, network: encoderNetwork(ENCODER_SIZES), negative: data.negative, targets: data.targets, weights: data.weights, train: data.train, dev: data.dev, devWeights: data.devWeights, tableRows: tableRows(data.spec), startRows: data.start?.rows ?? null, base, recipe: options.recipe,
    seed, epochs: options.epochs, threads: options.threads, checkpoint, resume: options.resume, signal, onProgress,
  });
  say('linear', 'training the linear part, and blending', 0);
  const byBase = base === null ? null : await readByBase(data, base);
  const { encoder, calibration } = await finishEncoder(trained, data, byBase);

  const history = await learnHistories(data, encoder, { start: base?.history ?? null, seed, epochs: options.historyEpochs, signal, onProgress });
  const state = historyGraph(HISTORY_SIZES, history.parameters);

  say('test', 'scoring the test set, once', 0);
  const { figures, expectation } = await judge(data, history.encoded, history.parameters, RECALIBRATION);
  const before = base === null ? null : { modelId: base.modelId, ...await judge(data, byBase!.reviews, base.history, base.recalibration) };
  say('test', 'measuring the speed', 0.5);
  const speed = await measureSpeed(encoder, state, data);

  say('write', 'writing the model and its card', 0);
  const card = writeReviewModel(options.outFolder, options.name, { encoder, state, sequence: historySequenceGraph(HISTORY_SIZES, history.parameters), vocabulary: data.vocabulary, spec: data.spec, recalibration: RECALIBRATION }, {
    seed, wordVectors: options.vectors !== null, data: data.files, counts: data.counts, before, ...describe(options, data, trained, history), calibration, figures, expectation, speed,
  });
  dropCheckpoint(checkpoint);
  return card;
}

async function judge(data: Prepared, encoded: EncodedSet, parameters: Parameters, recalibration: Recalibration | null): Promise<ReturnType<typeof testFigures>> {
  const lanes = historiesOf(data.reviews).map((events) => laneOf(events, data.reviews, encoded));
  const label = (event: number): 0 | 1 => (data.negative[event] ? 1 : 0);
  const scores = await scoreHistories(parameters, lanes, label);
  return testFigures(data, encoded.logits, recalibration === null ? scores : recalibrateHistories(recalibration, scores, lanes, data.reviews, label));
}

/** What the base says of every review, and so of the test reviews, and of what the linear part is trained on. */
async function readByBase({ set, reviews, trainOnce }: Prepared, base: BaseModel): Promise<BaseReading & { readonly reviews: EncodedSet }> {
  const texts = [...reviews.keys(), ...trainOnce.filter((i) => i >= reviews.length)];
  const encoded = await encodeSet(baseEncoder(base), set, texts, ENCODER_SIZES.vectorSize);
  const placeOf = new Map(texts.map((text, place) => [text, place]));
  return { linear: base.encoder.linear, logits: Float32Array.from(trainOnce, (text) => encoded.logits[placeOf.get(text)!]!), reviews: encoded };
}

/** archive: gives the path of the archive of word vectors; null for none. */
export const findVectors = (archive: TrainReviewsOptions['vectors']): FindVectors | null => (archive === null ? null : async (words) => readWordVectors(await archive(), words, FREQUENT_WORDS));
