/**
 * Trains the quote model end to end: reads the files, makes features by the serving stage, trains, picks the epoch by
 * the dev part, tests once on the serving path, and writes model.json, state.onnx, card.json and card.md.
 * One seed gives the same bytes on one machine; a training that was stopped goes on from its last whole epoch.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import { DEFAULT_HORIZONS, DEFAULT_LEVELS, FEATURE_SIZE, forecastSettings } from '#forecast-prices';
import { type Parameters, quoteBiasStart, quoteGraph, quoteShapes, type QuoteSizes, quoteTrainingGraph, sizeOf, startParameters } from '#models';
import { seededRandom } from '#seeded-random';
import { dropCheckpoint } from '../checkpoint.js';
import { type OnProgress, TrainingStopped } from '../progress.js';
import { figuresOf, type QuoteCard } from './card.js';
import { devRatios } from './dev-ratios.js';
import { type EpochSettings, runEpoch, type TrainingSet } from './epochs.js';
import { evaluate } from './evaluate.js';
import { QUIET_SESSION } from './lanes.js';
import { loadTraining, saveTraining, type TrainingState } from './training-state.js';
import { startOptimizer } from './optimizer.js';
import { QUOTE_FILES, type QuoteFile, type QuoteRows } from './read-quotes.js';
import { foldScales, standardize } from './standardize.js';
import { requireTrainable } from './require-trainable.js';
import { makeSeries, type Series, splitTimes } from './series.js';
import { stateShapes, writeQuoteModel } from './write-model.js';

export interface TrainQuotesOptions {
  /** Becomes the model folder. */
  readonly outFolder: string;
  /** Name of the model; its id is this and the first eight digits of its hash. */
  readonly name: string;
  readonly seed: number;
  readonly epochs: number;
  /** Go on from the last whole epoch, if it was made with the same data and settings. */
  readonly resume: boolean;
  /** Asks the training to stop after the epoch in progress. */
  readonly signal: AbortSignal | null;
  readonly onProgress: OnProgress;
  readonly files: readonly QuoteFile[];
  readonly read: (file: QuoteFile) => Promise<QuoteRows>;
  /** Bars ahead, ascending. */
  readonly horizons: readonly number[];
  readonly sizes: Omit<QuoteSizes, 'featureSize' | 'horizons' | 'levels'>;
  readonly settings: Omit<EpochSettings, 'seed' | 'epochs'>;
}

export const defaultTrainQuotes = {
  name: 'quotes-v2', seed: 1, epochs: 2, resume: false, signal: null, files: QUOTE_FILES, horizons: DEFAULT_HORIZONS,
  sizes: { hiddenSize: 16, memoryPlaces: 16, memorySize: 8, readSize: 16 },
  settings: { lanes: 64, chunk: 64, stretch: 512, rate: 2.5e-3, decay: 1, noise: 0.2 },
} as const;

/** Student-t with 5 degrees of freedom, unit variance, at DEFAULT_LEVELS: what the untrained network says. */
const START_QUANTILES = [-3.1234, -1.9912, -1.5609, -1.1433, -0.5628, 0, 0.5628, 1.1433, 1.5609, 1.9912, 3.1234];

export async function trainQuotes(options: TrainQuotesOptions): Promise<QuoteCard> {
  const { files, horizons, seed, epochs, outFolder, onProgress } = options;
  const say = (phase: 'read' | 'test' | 'write', message: string, done: number): void =>
    onProgress({ phase, message, done, loss: null, devLoss: null, tokensPerSecond: null, secondsLeft: null });
  const forecast = forecastSettings({ horizons, levels: DEFAULT_LEVELS });
  const sizes: QuoteSizes = { ...options.sizes, featureSize: FEATURE_SIZE, horizons: horizons.length, levels: DEFAULT_LEVELS };
  const settings: EpochSettings = { ...options.settings, seed, epochs };

  const data: QuoteCard['data'][number][] = [];
  const series: Series[] = [];
  for (const [i, file] of files.entries()) {
    say('read', `reading ${file.name} and making its features`, i / files.length);
    const rows = await options.read(file);
    const made = makeSeries(rows, forecast, seed);
    data.push(aboutData(rows, made));
    series.push(...made);
  }
  requireTrainable(series, horizons);
  const scales = standardize(series, FEATURE_SIZE);
  const set: TrainingSet = { sizes, horizons, series, repeats: byName(files, (f) => f.repeats), devWeights: byName(files, (f) => f.devWeight) };

  const stoppedPath = join(outFolder, '.stopped');
  const trained = await train(set, settings, stoppedPath, createHash('sha256').update(JSON.stringify({ sizes, horizons, settings, data })).digest('hex'), options);
  const chosen = trained.best!;
  const state = quoteGraph(sizes, foldScales(chosen.parameters, scales, sizes));
  const tested = await evaluate(state, stateShapes(sizes), forecast, series, { from: (s) => s.devEnd, to: (s) => s.bars }, (done) =>
    say('test', 'the newest fifth, on the serving path', done));

  const stateSha256 = createHash('sha256').update(state).digest('hex');
  const card: QuoteCard = {
    modelId: `${options.name}-${stateSha256.slice(0, 8)}`,
    purpose: purposeOf(files, horizons),
    horizons,
    seed, settings: { epochs, ...options.settings },
    sizes: { features: FEATURE_SIZE, ...options.sizes },
    parameters: Object.values(quoteShapes(sizes)).reduce((sum, shape) => sum + sizeOf(shape), 0),
    data,
    epochs: trained.history.map((e) => ({ ...e, chosen: e.epoch === chosen.epoch })),
    test: tested.map(figuresOf).sort((a, b) => files.findIndex((f) => f.name === a.file) - files.findIndex((f) => f.name === b.file) || a.horizon - b.horizon || (a.symbols < b.symbols ? -1 : 1)),
    stateSha256,
  };
  say('write', `writing ${card.modelId}`, 0);
  writeQuoteModel(outFolder, card, sizes, state);
  dropCheckpoint(stoppedPath);
  return card;
}

async function train(set: TrainingSet, settings: EpochSettings, path: string, identity: string, options: TrainQuotesOptions): Promise<TrainingState> {
  const { epochs, seed } = settings;
  let at = (options.resume ? loadTraining(path, identity) : null) ?? { identity, epoch: 0, optimizer: startOptimizer(firstParameters(set.sizes, seed)), best: null, history: [] };
  const session = await ort.InferenceSession.create(quoteTrainingGraph(set.sizes, 'with gradients'), QUIET_SESSION);
  let devLoss: number | null = null;
  while (at.epoch < epochs) {
    const epoch = at.epoch + 1;
    const { optimizer, loss } = await runEpoch(session, set, settings, epoch, at.optimizer, (done, mean) =>
      options.onProgress({ phase: 'train', message: `epoch ${epoch} of ${epochs}`, done: (epoch - 1 + done) / epochs, loss: mean, devLoss, tokensPerSecond: null, secondsLeft: null }));
    const { byFile, pooled } = await devRatios(set, optimizer.averaged);
    devLoss = pooled;
    const best = at.best === null || pooled < at.best.loss ? { epoch, loss: pooled, parameters: copyOf(optimizer.averaged) } : at.best;
    at = { identity, epoch, optimizer, best, history: [...at.history, { epoch, trainLoss: loss, devRatio: byFile }] };
    saveTraining(path, at);
    if (options.signal?.aborted === true && epoch < epochs) throw new TrainingStopped(`stopped after epoch ${epoch} of ${epochs}; --resume goes on from there`);
  }
  await session.release();
  return at;
}

function aboutData(rows: QuoteRows, series: readonly Series[]): QuoteCard['data'][number] {
  const { devFrom, testFrom } = splitTimes(rows.quotes);
  return {
    file: rows.path, sha256: rows.sha256, rows: rows.quotes.length, symbols: series.length, heldOut: series.filter((s) => s.heldOut).map((s) => s.symbol),
    devFrom: new Date(devFrom).toISOString(), testFrom: new Date(testFrom).toISOString(), licence: rows.file.licence,
  };
}

function purposeOf(files: readonly QuoteFile[], horizons: readonly number[]): string {
  const intervals = files.flatMap(({ interval }) => (interval === null ? [] : [interval]));
  return `Forecasts the distribution of a symbol's log return ${horizons.join(', ')} bars ahead as ${DEFAULT_LEVELS.length} quantiles, from its bars so far, with hidden state carried per symbol. ` +
    `${intervals.length === 0 ? '' : `One model for bars of ${intervals.join(', ')}. `}For showing how sure a price is; not for trading.`;
}

const byName = (files: readonly QuoteFile[], value: (file: QuoteFile) => number): Record<string, number> => Object.fromEntries(files.map((f) => [f.name, value(f)]));

function firstParameters(sizes: QuoteSizes, seed: number): Parameters {
  const start = startParameters(quoteShapes(sizes), seededRandom(seed));
  return { ...start, 'out.weight': start['out.weight']!.map((w) => w * 0.1), 'scale.weight': start['scale.weight']!.map((w) => w * 0.1), 'out.bias': quoteBiasStart(sizes.horizons, START_QUANTILES) };
}

const copyOf = (parameters: Parameters): Parameters => Object.fromEntries(Object.entries(parameters).map(([name, a]) => [name, a.slice()]));
