/**
 * Trains the quote model end to end: reads the files, makes features by the serving stage, trains, picks the epoch by
 * the dev part, tests once on the serving path, and writes model.json, state.onnx, card.json and card.md.
 * One seed gives the same bytes on one machine; a training that was stopped goes on from its last whole epoch.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import type { ModelManifest } from '#contracts';
import { DEFAULT_HORIZONS, DEFAULT_LEVELS, FEATURE_SIZE, forecastSettings } from '#forecast-prices';
import { type Parameters, quoteBiasStart, quoteGraph, quoteShapes, type QuoteSizes, quoteTrainingGraph, seededRandom, sizeOf, startParameters } from '#models';
import { cardText, figuresOf, type QuoteCard } from './card.js';
import { type Checkpoint, loadCheckpoint, removeCheckpoint, saveCheckpoint } from './checkpoint.js';
import { devLosses, type EpochSettings, runEpoch, type TrainingSet } from './epochs.js';
import { evaluate, type StateShape } from './evaluate.js';
import { QUIET_SESSION } from './lanes.js';
import { startOptimizer } from './optimizer.js';
import { QUOTE_FILES, type QuoteFile, type QuoteRows, readQuoteFile } from './read-quotes.js';
import { makeSeries, splitTimes } from './series.js';

export interface QuoteTrainingProgress {
  readonly phase: 'read' | 'train' | 'test' | 'write';
  readonly message: string;
  /** Share of the phase that is done, 0..1. */
  readonly done: number;
  readonly loss: number | null;
}

export interface TrainQuotesOptions {
  /** Holds quotes/NAME.csv.gz. */
  readonly dataFolder: string;
  /** Where the four files go; made when absent. */
  readonly outputFolder: string;
  readonly modelId: string;
  readonly seed: number;
  readonly epochs: number;
  /** Go on from the checkpoint in the output folder, if it was made with the same options. */
  readonly resume: boolean;
  readonly onProgress: (progress: QuoteTrainingProgress) => void;
  /** For tests: other files, a smaller network. */
  readonly files?: readonly QuoteFile[];
  readonly sizes?: Partial<QuoteSizes>;
  readonly settings?: Partial<EpochSettings>;
  /** Stops after the epoch in progress; the checkpoint stays. */
  readonly signal?: AbortSignal;
}

/** Student-t with 5 degrees of freedom, unit variance, at DEFAULT_LEVELS: what the untrained network says. */
const START_QUANTILES = [-3.1234, -1.9912, -1.5609, -1.1433, -0.5628, 0, 0.5628, 1.1433, 1.5609, 1.9912, 3.1234];

export async function trainQuotes(options: TrainQuotesOptions): Promise<QuoteCard | null> {
  const { onProgress, seed, epochs, modelId } = options;
  const forecast = forecastSettings({ horizons: DEFAULT_HORIZONS, levels: DEFAULT_LEVELS });
  const sizes: QuoteSizes = { featureSize: FEATURE_SIZE, hiddenSize: 32, memoryPlaces: 16, memorySize: 16, readSize: 32, horizons: DEFAULT_HORIZONS.length, levels: DEFAULT_LEVELS, ...options.sizes };
  const settings: EpochSettings = { seed, epochs, lanes: 64, chunk: 64, stretch: 512, rate: 2e-3, decay: 0.5, noise: 0.15, ...options.settings };
  const files = options.files ?? QUOTE_FILES;
  mkdirSync(options.outputFolder, { recursive: true });

  const allRows: Omit<QuoteRows, 'quotes'>[] = [];
  const data: QuoteCard['data'][number][] = [];
  const series = files.flatMap((file, i) => {
    onProgress({ phase: 'read', message: `reading ${file.name} and making its features`, done: i / files.length, loss: null });
    const rows = readQuoteFile(options.dataFolder, file);
    const made = makeSeries(rows, forecast, seed);
    const { devFrom, testFrom } = splitTimes(rows.quotes);
    allRows.push({ file: rows.file, sha256: rows.sha256 });
    data.push({
      file: `quotes/${file.name}.csv.gz`, sha256: rows.sha256, rows: rows.quotes.length, symbols: made.length, heldOut: made.filter((s) => s.heldOut).map((s) => s.symbol),
      devFrom: new Date(devFrom).toISOString(), testFrom: new Date(testFrom).toISOString(), licence: file.licence,
    });
    return made;
  });
  const set: TrainingSet = { sizes, horizons: DEFAULT_HORIZONS, series, repeats: Object.fromEntries(files.map((f) => [f.name, f.repeats])) };

  const identity = createHash('sha256').update(JSON.stringify({ sizes, settings, data: allRows })).digest('hex');
  const checkpointPath = join(options.outputFolder, 'training.checkpoint');
  let at: Checkpoint = (options.resume ? loadCheckpoint(checkpointPath, identity) : null) ?? { identity, epoch: 0, optimizer: startOptimizer(firstParameters(sizes, seed)), best: null, history: [] };
  const session = await ort.InferenceSession.create(quoteTrainingGraph(sizes, 'with gradients'), QUIET_SESSION);
  while (at.epoch < epochs) {
    const epoch = at.epoch;
    const { optimizer, loss } = await runEpoch(session, set, settings, epoch, at.optimizer, (done, mean) =>
      onProgress({ phase: 'train', message: `epoch ${epoch + 1} of ${epochs}`, done: (epoch + done) / epochs, loss: mean }));
    const devLoss = await devLosses(set, optimizer.averaged);
    const mean = Object.values(devLoss).reduce((sum, l) => sum + l, 0) / files.length;
    const best = at.best === null || mean < at.best.loss ? { epoch, loss: mean, parameters: copyOf(optimizer.averaged) } : at.best;
    at = { identity, epoch: epoch + 1, optimizer, best, history: [...at.history, { epoch: epoch + 1, trainLoss: loss, devLoss }] };
    saveCheckpoint(checkpointPath, at);
    onProgress({ phase: 'train', message: `epoch ${epoch + 1} of ${epochs}: dev pinball ${Object.entries(devLoss).map(([f, l]) => `${f} ${l.toFixed(5)}`).join(', ')}`, done: (epoch + 1) / epochs, loss });
    if (options.signal?.aborted === true && at.epoch < epochs) return null;
  }
  await session.release();

  const chosen = at.best!;
  const state = quoteGraph(sizes, chosen.parameters);
  const tested = await evaluate(state, stateShapes(sizes), forecast, series, { from: (s) => s.devEnd, to: (s) => s.bars }, (done) =>
    onProgress({ phase: 'test', message: 'testing on the newest fifth, as served', done, loss: null }));
  const stateSha256 = createHash('sha256').update(state).digest('hex');
  const { featureSize, hiddenSize, memoryPlaces, memorySize, readSize } = sizes;
  const card: QuoteCard = {
    modelId,
    purpose: 'Forecasts the distribution of a symbol\'s log return 1, 5 and 20 bars ahead as 11 quantiles, from its bars so far, with hidden state carried per symbol. One model for daily, 5-minute and 1-minute bars. For showing how sure a price is; not for trading.',
    seed, settings: { epochs, lanes: settings.lanes, chunk: settings.chunk, stretch: settings.stretch, rate: settings.rate, decay: settings.decay, noise: settings.noise },
    sizes: { features: featureSize, hidden: hiddenSize, memoryPlaces, memory: memorySize, read: readSize },
    parameters: Object.values(quoteShapes(sizes)).reduce((sum, shape) => sum + sizeOf(shape), 0),
    data,
    epochs: at.history.map((e) => ({ ...e, chosen: e.epoch === chosen.epoch + 1 })),
    test: tested.map(figuresOf).sort((a, b) => files.findIndex((f) => f.name === a.file) - files.findIndex((f) => f.name === b.file) || a.horizon - b.horizon || (a.symbols < b.symbols ? -1 : 1)),
    stateSha256,
  };
  onProgress({ phase: 'write', message: `writing ${modelId}`, done: 0, loss: null });
  writeFileSync(join(options.outputFolder, 'state.onnx'), state);
  writeFileSync(join(options.outputFolder, 'model.json'), `${JSON.stringify(manifestOf(modelId, sizes, stateSha256), null, 2)}\n`);
  writeFileSync(join(options.outputFolder, 'card.json'), `${JSON.stringify(card, null, 2)}\n`);
  writeFileSync(join(options.outputFolder, 'card.md'), cardText(card));
  removeCheckpoint(checkpointPath);
  return card;
}

function firstParameters(sizes: QuoteSizes, seed: number): Parameters {
  const start = startParameters(quoteShapes(sizes), seededRandom(seed));
  return { ...start, 'out.weight': start['out.weight']!.map((w) => w * 0.1), 'out.bias': quoteBiasStart(sizes.horizons, START_QUANTILES) };
}

function stateShapes({ hiddenSize, memoryPlaces, memorySize }: QuoteSizes): StateShape[] {
  return [
    { name: 'h', next: 'h_next', shape: [hiddenSize] },
    { name: 'c', next: 'c_next', shape: [hiddenSize] },
    { name: 'memory', next: 'memory_next', shape: [memoryPlaces, memorySize + 1] },
  ];
}

function manifestOf(modelId: string, sizes: QuoteSizes, stateSha256: string): ModelManifest {
  return {
    contract: 1,
    modelId,
    stream: 'quotes',
    state: {
      file: 'state.onnx',
      features: { name: 'features', type: 'float32', shape: [sizes.featureSize] },
      tensors: stateShapes(sizes).map((s) => ({ ...s, type: 'float32' })),
      outputs: [{ name: 'quantiles', type: 'float32', shape: [sizes.horizons * sizes.levels.length] }],
    },
    horizons: DEFAULT_HORIZONS,
    levels: DEFAULT_LEVELS,
    hashes: { 'state.onnx': stateSha256 },
  };
}

const copyOf = (parameters: Parameters): Parameters => Object.fromEntries(Object.entries(parameters).map(([name, a]) => [name, a.slice()]));
