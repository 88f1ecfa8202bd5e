/**
 * From data to a model folder: read and split, train the encoder, calibrate it on the dev set, train the history part on
 * features of that frozen encoder, look at the test set once, write model.json, the ONNX files, the vocabulary and the card.
 * The same data, seed and settings give the same model files.
 */
import { join } from 'node:path';
import { ENCODER_SIZES, encoderGraph, HISTORY_SIZES, historyGraph, historySequenceGraph, tableRows } from '#models';
import type { Parameters } from '#models';
import { dropCheckpoint } from '../checkpoint.js';
import { fitCalibration } from '../metrics.js';
import type { OnProgress } from '../progress.js';
import { LIMITS } from './card.js';
import type { ReviewModelCard } from './card.js';
import { encodeSet } from './encode-set.js';
import { historiesOf, laneOf } from './histories.js';
import { learnHistories } from './learn-histories.js';
import { measureSpeed } from './measure-speed.js';
import { prepare, TABLE_RECIPE } from './prepare.js';
import type { FindVectors, Prepared, TableRecipe } from './prepare.js';
import { testFigures } from './final-figures.js';
import { ENCODER_RECIPE, trainEncoder } from './train-encoder.js';
import type { EncoderRecipe, TrainedEncoder } from './train-encoder.js';
import { scoreHistories } from './train-history.js';
import { readWordVectors, WORD_VECTORS } from './word-vectors.js';
import { writeReviewModel } from './write-model.js';

/** Words of the archive, the most frequent first, that may fill up the vocabulary. */
const FREQUENT_WORDS = 60_000;

export interface TrainReviewsOptions {
  /** Holds reviews/ and sentiment/. */
  readonly dataFolder: string;
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

export const defaultTrainReviews = { name: 'reviews-v2', seed: 1, epochs: 3, historyEpochs: 12, threads: 2, maxTokens: 256, limit: null, vectors: null, resume: false, signal: null, table: TABLE_RECIPE, recipe: ENCODER_RECIPE } as const;

export async function trainReviews(options: TrainReviewsOptions): Promise<ReviewModelCard> {
  const { seed, signal, onProgress } = options;
  const checkpoint = join(options.outFolder, '.stopped');
  const say = (phase: 'read' | 'test' | 'write', message: string, done: number) => onProgress({ phase, message, done, loss: null, devLoss: null, tokensPerSecond: null, secondsLeft: null });
  say('read', 'reading and tokenizing the data', 0);
  const data = await prepare({ ...options, vectors: findVectors(options.vectors), tokenSize: ENCODER_SIZES.tokenSize, leftOut: null });
  say('read', `${data.train.length} texts to train on, ${data.dev.length} in the dev set, ${data.vocabulary.length} words`, 1);

  if (data.start !== null) say('read', `${data.start.known} of the words start from their word vectors`, 1);

  const trained = await trainEncoder({
    set: data.set, sizes: ENCODER_SIZES, negative: data.negative, targets: data.targets, weights: data.weights, train: data.train, dev: data.dev, devWeights: data.devWeights, tableRows: tableRows(data.spec), startRows: data.start?.rows ?? null, recipe: options.recipe,
    seed, epochs: options.epochs, threads: options.threads, checkpoint, resume: options.resume, signal, onProgress,
  });
  const calibration = await calibrate(trained, data);
  const encoder = encoderGraph(ENCODER_SIZES, calibration.parameters, trained.table);

  const history = await learnHistories(data, encoder, { seed, epochs: options.historyEpochs, signal, onProgress });
  const state = historyGraph(HISTORY_SIZES, history.parameters);

  say('test', 'scoring the test set, once', 0);
  const label = (event: number): 0 | 1 => (data.negative[event] ? 1 : 0);
  const scores = await scoreHistories(history.parameters, historiesOf(data.reviews).map((events) => laneOf(events, data.reviews, history.encoded)), label);
  const { figures, expectation } = testFigures(data, history.encoded.logits, scores);
  say('test', 'measuring the speed', 0.5);
  const speed = await measureSpeed(encoder, state, data);

  say('write', 'writing the model and its card', 0);
  const card = writeReviewModel(options.outFolder, options.name, { encoder, state, sequence: historySequenceGraph(HISTORY_SIZES, history.parameters), vocabulary: data.vocabulary, spec: data.spec }, {
    seed, wordVectors: data.start !== null, data: data.files, counts: data.counts,
    split: 'By time within each stream: the newest tenth is the test, the tenth before it the dev set. One product in twenty (by hash, in streams of several products) is kept out of training and reported on its own. Half of the titled training reviews are read without their title, and titles are texts of their own besides. Epochs and calibration are judged by the dev reviews and by SST\'s dev sentences, each source with the weight of the root of its number.',
    training: {
      'words that start from word vectors': data.start === null ? 'none: from scratch' : `${data.start.known} (${WORD_VECTORS.package} ${WORD_VECTORS.version}; ${WORD_VECTORS.licence})`,
      'encoder epochs': trained.epochs, 'encoder dev log loss': trained.devLoss.toFixed(4), 'weight of a negative text in the loss': trained.negativeWeight.toFixed(2),
      'history epochs': history.epochs, 'dev log loss: text alone': history.dev.text.toFixed(4), 'with history': history.dev.verdict.toFixed(4), 'share of what history adds': history.dev.share, 'of the expectation': history.dev.expectation.toFixed(4),
      'tokens blanked while the history part learns': history.blanks, 'training tokens/s': Math.round(trained.tokensPerSecond), 'tokens read of a text at most': options.maxTokens,
    },
    calibration: { temperature: 1 / calibration.scale, offset: calibration.offset, note: 'So the manifest states temperature 1.' },
    figures, expectation, speed, limits: LIMITS,
  });
  dropCheckpoint(checkpoint);
  return card;
}

/** archive: gives the path of the archive of word vectors; null for none. */
export const findVectors = (archive: TrainReviewsOptions['vectors']): FindVectors | null => (archive === null ? null : async (words) => readWordVectors(await archive(), words, FREQUENT_WORDS));

/** Scale and offset of the dev set's log odds, folded into the last layer. */
export async function calibrate(trained: TrainedEncoder, data: Prepared): Promise<{ parameters: Parameters; scale: number; offset: number }> {
  const raw = await encodeSet(encoderGraph(ENCODER_SIZES, trained.parameters, trained.table), data.set, data.dev, ENCODER_SIZES.vectorSize);
  const { scale, offset } = fitCalibration(raw.logits, data.dev.map((i) => (data.negative[i] ? 1 : 0)), data.devWeights);
  return {
    scale, offset,
    parameters: { ...trained.parameters, 'head.weight': trained.parameters['head.weight']!.map((w) => w * scale), 'head.bias': trained.parameters['head.bias']!.map((b) => b * scale + offset) },
  };
}
