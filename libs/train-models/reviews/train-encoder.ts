/**
 * Trains the encoder, or another network that reads texts: epochs of batches of equal length, Adam with a falling rate, the dev set's log loss after each epoch,
 * the best epoch kept, an end when two epochs in a row brought nothing. Everything drawn at random comes from the seed, the
 * epoch and the batch, so a stopped and resumed training ends with the same bytes as one that was left alone.
 */
import { TidewatchError } from '#contracts';
import { sizeOf, startParameters } from '#models';
import { seededRandom } from '#seeded-random';
import type { Parameters, Shapes, TextNetwork } from '#models';
import { scheduledRate } from '../adam.js';
import { readCheckpoint, writeCheckpoint } from '../checkpoint.js';
import { fitCalibration, logLossOf } from '../metrics.js';
import { TrainingStopped } from '../progress.js';
import type { OnProgress } from '../progress.js';
import { SHARDS } from '../shard.js';
import type { SharedTraining, SharedValues } from '../shard.js';
import { openShards } from '../shards.js';
import { encodeSet } from './encode-set.js';
import { batchesByLength } from './tokenized-set.js';
import type { TokenizedSet } from './tokenized-set.js';

export interface EncoderRecipe {
  /** Texts of a batch: about so many tokens, within bounds. */
  readonly batch: { readonly tokens: number; readonly fewest: number; readonly most: number };
  /** Shares left out at random: words (their hashed keys stay), whole tokens, places of the review vector. */
  readonly dropout: { readonly wordDropout: number; readonly tokenDropout: number; readonly vectorDropout: number };
  readonly peakRate: number;
  /** Embedding rows start uniform within this. */
  readonly tableStart: number;
  /** Epochs without gain on the dev set after which training ends. */
  readonly patience: number;
}

export const ENCODER_RECIPE: EncoderRecipe = {
  batch: { tokens: 6144, fewest: 16, most: 192 },
  dropout: { wordDropout: 0.2, tokenDropout: 0.1, vectorDropout: 0.3 },
  peakRate: 3e-3,
  tableStart: 0.05,
  patience: 2,
};

/** Steps over which the rate rises; a tenth of them where there are few. */
const RISING = 100;

export interface EncoderTraining {
  readonly set: TokenizedSet;
  readonly network: TextNetwork;
  readonly negative: readonly boolean[];
  /** What each text is trained towards: 1 negative, 0 not, between them where its label leaves it open; and its weight beside its class's. */
  readonly targets: Float32Array;
  readonly weights: Float32Array;
  readonly train: readonly number[];
  readonly dev: readonly number[];
  /** Of each dev text. */
  readonly devWeights: Float32Array;
  readonly tableRows: number;
  /** Rows that the table begins with, [rows, E]; a row of zeros is drawn at random, as all are where this is null. */
  readonly startRows: Float32Array | null;
  /** Model to go on from, whose weights are the first to be judged on the dev set; null where they are drawn. */
  readonly base: { readonly modelId: string; readonly encoder: { readonly parameters: Parameters } } | null;
  readonly recipe: EncoderRecipe;
  readonly seed: number;
  readonly epochs: number;
  readonly threads: number;
  /** File that is written after each epoch and when the training is stopped; the caller drops it when all is done. */
  readonly checkpoint: string;
  readonly resume: boolean;
  readonly signal: AbortSignal | null;
  readonly onProgress: OnProgress;
}

export interface TrainedEncoder {
  readonly parameters: Parameters;
  readonly table: Float32Array;
  readonly devLoss: number;
  readonly epochs: number;
  readonly tokensPerSecond: number;
  /** Weight of a negative text in the loss. */
  readonly negativeWeight: number;
  /** Where the loss stopped being a number, after which nothing was learnt; null where that did not happen. */
  readonly ended: string | null;
}

interface Place {
  /** Data and settings that this training was begun with. */
  readonly begunWith: string;
  epoch: number;
  batch: number;
  step: number;
  bestLoss: number;
  bestEpoch: number;
}

export async function trainEncoder(training: EncoderTraining): Promise<TrainedEncoder> {
  const { set, seed, epochs, signal, recipe } = training;
  const { shared, negativeWeight } = makeShared(training);
  const begunWith = JSON.stringify({ seed, epochs, recipe, tableRows: training.tableRows, vectors: training.startRows !== null, goesOnFrom: training.base?.modelId ?? null, texts: training.train.length });
  const place: Place = { begunWith, epoch: 0, batch: 0, step: 0, bestLoss: Infinity, bestEpoch: -1 };
  let best: { table: Float32Array; dense: Float32Array } = { table: shared.table.average.slice(), dense: shared.dense.average.slice() };
  const saved = training.resume ? readCheckpoint<Place>(training.checkpoint) : null;
  if (saved !== null) {
    if (saved.numbers.begunWith !== begunWith) throw new TidewatchError('SETTING_INVALID', `the stopped training was begun with ${saved.numbers.begunWith}, now it is ${begunWith}: give the same options, or train anew without --resume`);
    Object.assign(place, saved.numbers, { bestLoss: saved.numbers.bestLoss ?? Infinity }); // JSON has no infinity
    for (const [name, values] of Object.entries(liveArrays(shared))) values.set(saved.arrays[name]!);
    best = { table: saved.arrays['best.table']!, dense: saved.arrays['best.dense']! };
  } else if (training.base !== null) place.bestLoss = await lossOnDev(training, shared);
  const save = () => writeCheckpoint(training.checkpoint, { numbers: place, arrays: { ...liveArrays(shared), 'best.table': best.table, 'best.dense': best.dense } });

  const batches = batchesByLength(set, training.train, recipe.batch).length;
  const started = performance.now();
  let tokens = 0;
  const stepsBefore = place.step;
  let ended: string | null = null;
  const shards = await openShards(shared, training.threads);
  try {
    for (; ended === null && place.epoch < epochs && place.epoch - place.bestEpoch <= recipe.patience; place.epoch++, place.batch = 0) {
      const order = epochBatches(training, place.epoch);
      let loss = 0;
      for (let count = 1; place.batch < order.length; place.batch++, count++) {
        if (signal?.aborted === true) {
          save();
          throw new TrainingStopped('training was stopped; go on with --resume');
        }
        const texts = order[place.batch]!;
        place.step += 1;
        const batchLoss = await shards.step({ texts, seed: (seed * 1009 + place.epoch) * 65_537 + place.batch, ...recipe.dropout }, place.step, scheduledRate(recipe.peakRate, place.step, epochs * batches, Math.min(RISING, Math.ceil((epochs * batches) / 10))));
        if (!Number.isFinite(batchLoss)) {
          ended = `the loss was ${batchLoss} in epoch ${place.epoch + 1}, batch ${place.batch + 1} of ${order.length}`;
          break;
        }
        loss += batchLoss;
        tokens += texts.reduce((sum, t) => sum + set.lengths[t]!, 0);
        const seconds = (performance.now() - started) / 1e3;
        const stepsDone = place.step - stepsBefore;
        training.onProgress({ phase: 'encoder', message: `epoch ${place.epoch + 1} of ${epochs}`, done: place.step / (epochs * batches), loss: loss / count, devLoss: Number.isFinite(place.bestLoss) ? place.bestLoss : null, tokensPerSecond: tokens / seconds, secondsLeft: (seconds / stepsDone) * (epochs * batches - place.step) });
      }
      if (ended !== null) break;
      const devLoss = await lossOnDev(training, shared);
      if (devLoss < place.bestLoss) {
        place.bestLoss = devLoss;
        place.bestEpoch = place.epoch;
        best = { table: shared.table.average.slice(), dense: shared.dense.average.slice() };
      }
      training.onProgress({ phase: 'encoder', message: `epoch ${place.epoch + 1} of ${epochs} done`, done: place.step / (epochs * batches), loss: loss / order.length, devLoss, tokensPerSecond: null, secondsLeft: null });
      writeCheckpoint(training.checkpoint, { numbers: { ...place, epoch: place.epoch + 1, batch: 0 }, arrays: { ...liveArrays(shared), 'best.table': best.table, 'best.dense': best.dense } });
    }
  } finally {
    await shards.close();
  }
  if (!Number.isFinite(place.bestLoss)) throw new TidewatchError('MODEL_OUTPUT_INVALID', `Training came to nothing: ${ended ?? 'the dev loss was never a number'}, and no epoch before it gave weights to keep. Look for texts that repeat one word thousands of times, or train with another --seed.`);
  return { parameters: splitDense(training.network.shapes, best.dense), table: Float32Array.from(best.table), devLoss: place.bestLoss, epochs: place.epoch, ended, tokensPerSecond: tokens / ((performance.now() - started) / 1e3), negativeWeight };
}

function splitDense(shapes: Shapes, dense: Float32Array): Parameters {
  let at = 0;
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, dense.slice(at, (at += sizeOf(shape)))]));
}

function makeShared(training: EncoderTraining): { shared: SharedTraining; negativeWeight: number } {
  const { set, train, tableRows, recipe } = training;
  const { serving: _, ...network } = training.network; // functions do not travel to threads
  const E = network.tokenSize;
  const random = seededRandom(training.seed);
  const parameters = { ...startParameters(network.shapes, random), ...training.base?.encoder.parameters };
  const denseSize = Object.values(parameters).reduce((sum, p) => sum + p.length, 0);
  const values = (count: number): SharedValues => ({ values: floats(count), average: floats(count), first: floats(count), second: floats(count) });
  const table = values(tableRows * E);
  for (let i = E; i < table.values.length; i++) table.values[i] = (2 * random() - 1) * recipe.tableStart; // row 0 stays empty
  if (training.startRows !== null) startFrom(training.startRows, table.values, E);
  const dense = values(denseSize);
  let at = 0;
  for (const p of Object.values(parameters)) { dense.values.set(p, at); at += p.length; }
  for (const { values: begun, average } of [table, dense]) average.set(begun);

  // rare negatives count for more, by the root of the imbalance: calibration takes the shift out again
  const sumOf = (value: (text: number) => number) => train.reduce((sum, text) => sum + value(text), 0);
  const negatives = sumOf((text) => training.targets[text]! * training.weights[text]!);
  const negativeWeight = Math.sqrt(sumOf((text) => training.weights[text]!) / negatives - 1);
  const targets = floats(training.targets.length);
  const weights = floats(training.targets.length);
  targets.set(training.targets);
  training.weights.forEach((weight, i) => { weights[i] = weight * (1 + training.targets[i]! * (negativeWeight - 1)); });
  const mostTokens = Math.max(recipe.batch.tokens, recipe.batch.fewest * 512);
  const perShard = <T>(make: () => T): T[] => Array.from({ length: SHARDS }, make);
  return {
    negativeWeight,
    shared: {
      network, set, targets, weights, table, dense,
      denseGradients: perShard(() => floats(denseSize)),
      rows: perShard(() => new Int32Array(new SharedArrayBuffer((1 + mostTokens * set.slots) * 4))),
      rowGradients: perShard(() => floats(Math.min(mostTokens * set.slots, tableRows) * E)),
    },
  };
}

function startFrom(rows: Float32Array, table: Float32Array, E: number): void {
  for (let at = 0; at < rows.length; at += E) {
    const row = rows.subarray(at, at + E);
    if (row.some((x) => x !== 0)) table.set(row, at);
  }
}

const floats = (count: number): Float32Array => new Float32Array(new SharedArrayBuffer(count * 4));

const liveArrays = ({ table, dense }: SharedTraining): Record<string, Float32Array> => ({
  'table': table.values, 'table.average': table.average, 'table.first': table.first, 'table.second': table.second,
  'dense': dense.values, 'dense.average': dense.average, 'dense.first': dense.first, 'dense.second': dense.second,
});

function epochBatches({ set, train, seed, recipe }: EncoderTraining, epoch: number): number[][] {
  const random = seededRandom(seed * 7919 + epoch);
  return shuffled(batchesByLength(set, shuffled(train, random), recipe.batch), random);
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

/** Weighted log loss after calibration, as it would be served. */
async function lossOnDev(training: EncoderTraining, shared: SharedTraining): Promise<number> {
  const { network } = training;
  const model = network.serving(splitDense(network.shapes, Float32Array.from(shared.dense.average)), Float32Array.from(shared.table.average));
  const { logits } = await encodeSet(model, training.set, training.dev, network.vectorSize);
  const labels = training.dev.map((t) => (training.negative[t] ? 1 : 0));
  const { scale, offset } = fitCalibration(logits, labels, training.devWeights);
  const weighted = labels.reduce<number>((sum, label, i) => sum + training.devWeights[i]! * logLossOf(scale * logits[i]! + offset, label), 0);
  return weighted / training.devWeights.reduce((a, b) => a + b, 0);
}
