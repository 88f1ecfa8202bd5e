/**
 * What each part of the review model is worth: the same texts and the same number of epochs for simpler readers and for the
 * encoder with a part left out, judged on the dev set alone; then what is served beside the encoder (the linear part) and
 * behind it (carried state, memory). Each is one training of one seed.
 */
import { ENCODER_SIZES, encoderGraph, encoderNetwork, readerNetwork, sizeOf, tableRows } from '#models';
import type { ReaderDesign } from '#models';
import { fitCalibration, logLossOf } from '../metrics.js';
import { encodeSet } from './encode-set.js';
import { evaluate } from './evaluation-sets.js';
import type { EvaluationFigures } from './evaluation-sets.js';
import { finishEncoder } from './finish-encoder.js';
import { readHistories } from './learn-histories.js';
import { prepare } from './prepare.js';
import type { Prepared } from './prepare.js';
import type { TokenizedSet } from './tokenized-set.js';
import { trainEncoder } from './train-encoder.js';
import type { TrainedEncoder } from './train-encoder.js';
import { trainHistory } from './train-history.js';
import type { DevLoss } from './train-history.js';
import { findVectors } from './train-reviews.js';
import type { TrainReviewsOptions } from './train-reviews.js';
import { trainWordPairs } from './train-word-pairs.js';

export interface Ablation {
  /** null for the linear part over words and pairs of words, alone. */
  readonly network: ReaderDesign | 'encoder' | null;
  /** Whether rows start from word vectors, and whether unknown words are read by their hashed pieces. */
  readonly vectors: boolean;
  readonly pieces: boolean;
}

const reader = (cell: ReaderDesign['cell'], pooling: ReaderDesign['pooling']): Ablation => ({ network: { cell, pooling }, vectors: true, pieces: true });
/** In the order of the table. Of `whole` the linear part and history are measured besides. */
export const ABLATIONS: Readonly<Record<string, Ablation>> = {
  'words-and-pairs': { network: null, vectors: false, pieces: true },
  'mean-from-scratch': { ...reader(null, 'mean'), vectors: false },
  'mean': reader(null, 'mean'),
  'mean-attention': reader(null, 'attention'),
  'elman': reader('elman', 'mean'),
  'elman-attention': reader('elman', 'attention'),
  'gru': reader('gru', 'mean'),
  'gru-attention': reader('gru', 'attention'),
  'lstm': reader('lstm', 'mean'),
  'lstm-attention': reader('lstm', 'attention'),
  'encoder-from-scratch': { network: 'encoder', vectors: false, pieces: true },
  'encoder-without-pieces': { network: 'encoder', vectors: true, pieces: false },
  'whole': { network: 'encoder', vectors: true, pieces: true },
};

export interface AblationFigures {
  readonly name: string;
  /** Weights beside the table of rows. */
  readonly weights: number;
  /** Weighted over the sources as in training, calibrated on the same dev set. */
  readonly devLoss: number;
  readonly bySource: Readonly<Record<string, EvaluationFigures>>;
  /** Where history was read: log losses of the dev reviews. */
  readonly history: DevLoss | null;
}

/** options.limit and options.epochs are the budget; outFolder: where a training keeps its place while it runs. */
export async function* ablate(options: TrainReviewsOptions, names: readonly string[]): AsyncGenerator<AblationFigures> {
  const prepared = new Map<boolean, Promise<Prepared>>();
  const dataWith = (vectors: boolean) => {
    const known = prepared.get(vectors) ?? prepare({ ...options, vectors: vectors ? findVectors(options.vectors) : null, tokenSize: ENCODER_SIZES.tokenSize, leftOut: null });
    prepared.set(vectors, known);
    return known;
  };
  for (const name of names) {
    const { network, vectors, pieces } = ABLATIONS[name]!;
    const data = await dataWith(vectors);
    const named = { ...options, onProgress: (progress: Parameters<TrainReviewsOptions['onProgress']>[0]) => options.onProgress({ ...progress, message: `${name}, ${progress.message}` }) };
    if (network === null) {
      const linear = trainWordPairs(data, null);
      yield judged(name, linear.weights.words.length + linear.weights.pairs.length, data, linear.logits(data.dev));
      continue;
    }
    const reads = network === 'encoder' ? encoderNetwork(ENCODER_SIZES) : readerNetwork(network, ENCODER_SIZES);
    const set = pieces ? data.set : withoutPieces(data.set);
    const trained = await trainEncoder({
      ...named, network: reads, set, negative: data.negative, targets: data.targets, weights: data.weights, train: data.train, dev: data.dev, devWeights: data.devWeights,
      tableRows: tableRows(data.spec), startRows: data.start?.rows ?? null, base: null, checkpoint: `${options.outFolder}/.ablation`, resume: false,
    });
    const weights = Object.values(reads.shapes).reduce((sum, shape) => sum + sizeOf(shape), 0);
    const { logits } = await encodeSet(reads.serving(trained.parameters, trained.table), set, data.dev, reads.vectorSize);
    yield judged(name, weights, data, logits);
    if (name === 'whole') yield* besideTheEncoder(named, data, trained);
  }
}

async function* besideTheEncoder(options: TrainReviewsOptions, data: Prepared, trained: TrainedEncoder): AsyncGenerator<AblationFigures> {
  const { encoder } = await finishEncoder(trained, data, null);
  const { logits } = await encodeSet(encoder, data.set, data.dev, ENCODER_SIZES.vectorSize);
  yield judged('whole + words and pairs', encoder.length - encoderGraph(ENCODER_SIZES, trained.parameters, trained.table, null).length, data, logits);
  const { encoded: _, blanks: __, ...lanes } = await readHistories(data, encoder, options.seed);
  for (const [name, without] of [['history: state', 'memory'], ['history: memory', 'lstm'], ['history: both', null]] as const) {
    const { parameters, dev } = await trainHistory({ ...lanes, start: null, without, seed: options.seed, epochs: options.historyEpochs, signal: options.signal, onProgress: options.onProgress });
    yield { name, weights: Object.values(parameters).reduce((sum, p) => sum + p.length, 0), devLoss: NaN, bySource: {}, history: dev };
  }
}

/** Words by their own rows alone: what is not in the vocabulary is read as nothing. */
function withoutPieces(set: TokenizedSet): TokenizedSet {
  return { ...set, rows: new Int32Array(new SharedArrayBuffer(set.rows.byteLength)).map((_, i) => (i % set.slots === 0 ? set.rows[i]! : 0)) };
}

function judged(name: string, weights: number, { dev, devWeights, negative, texts }: Prepared, logits: Float32Array | Float64Array): AblationFigures {
  const labels = dev.map((i) => Number(negative[i]));
  const { scale, offset } = fitCalibration(logits, labels, devWeights);
  const calibrated = [...logits].map((logit) => scale * logit + offset);
  const total = devWeights.reduce((a, b) => a + b, 0);
  const bySource: Record<string, EvaluationFigures> = {};
  for (const source of new Set(dev.map((i) => texts[i]!.source))) {
    const places = dev.flatMap((i, place) => (texts[i]!.source === source ? [place] : []));
    bySource[source] = evaluate({ name: source, texts: [], labels: places.map((p) => labels[p]!), clear: places.map((p) => texts[dev[p]!]!.rating !== 3) }, places.map((p) => calibrated[p]!));
  }
  return { name, weights, devLoss: calibrated.reduce((sum, logit, p) => sum + devWeights[p]! * logLossOf(logit, labels[p]!), 0) / total, bySource, history: null };
}
