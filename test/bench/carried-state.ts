/**
 * Does the hidden state that is carried from bar to bar earn its place? The quote model beside two rivals of the same size, data and
 * features, trained and judged here in one run: a plain LSTM that sees the newest 64 bars and nothing before (state from zero at
 * each forecast, no memory), and the same network on the newest bar alone. Features hold running volatilities in each case.
 * Usage: node dist/test/bench/carried-state.js [--data ../shared/data] [--window 64] [--seed 1] [--epochs 1]
 * Trains on the first 70 %, judges on the dev tenth of every second bar (S&P: of every fourth symbol); the test part is not looked at.
 * CRPS as a ratio to the carried model's, below 1 the rival is better. About ten minutes on one core.
 */
import { parseArgs } from 'node:util';
import ort from 'onnxruntime-node';
import { crpsFromQuantiles, DEFAULT_HORIZONS, DEFAULT_LEVELS, FEATURE_SIZE, forecastSettings } from '#forecast-prices';
import { type Parameters, quoteBiasStart, quoteShapes, type QuoteSizes, quoteTrainingGraph, startParameters } from '#models';
import { seededRandom } from '#seeded-random';
import { parameterFeeds } from '../../libs/train-models/quotes/epochs.js';
import { carried, chunkFeeds, layOut, QUIET_SESSION, type Stretch, zeroState } from '../../libs/train-models/quotes/lanes.js';
import { optimize, rateAt, startOptimizer } from '../../libs/train-models/quotes/optimizer.js';
import { QUOTE_FILES, readQuoteFile } from '../../libs/train-models/quotes/read-quotes.js';
import { groupBy, makeSeries, type Series } from '../../libs/train-models/quotes/series.js';
import { standardize } from '../../libs/train-models/quotes/standardize.js';

const { values } = parseArgs({ options: { data: { type: 'string', default: '../shared/data' }, window: { type: 'string', default: '64' }, seed: { type: 'string', default: '1' }, epochs: { type: 'string', default: '1' } } });
const seed = Number(values.seed);
const [H, Q] = [DEFAULT_HORIZONS.length, DEFAULT_LEVELS.length];
const sizes: QuoteSizes = { featureSize: FEATURE_SIZE, hiddenSize: 16, memoryPlaces: 16, memorySize: 8, readSize: 16, horizons: H, levels: DEFAULT_LEVELS };
const NOISE = 0.2;
const RATE = 2.5e-3;
/** Bars at the end of a training window that carry weight: all see at least window - TAIL + 1 bars. */
const TAIL = 16;

/** A stretch of bars is run from a zero state; `plain`: without the memory of earlier states. */
interface Contestant { readonly name: string; readonly window: number | null; readonly plain: boolean; readonly lanes: number; readonly chunk: number }
const contestants: readonly Contestant[] = [
  { name: 'carried state', window: null, plain: false, lanes: 64, chunk: 64 },
  { name: `plain LSTM, window of ${values.window}`, window: Number(values.window), plain: true, lanes: 128, chunk: Number(values.window) },
  { name: 'newest bar alone', window: 1, plain: true, lanes: 4096, chunk: 1 },
];

const settings = forecastSettings({ horizons: DEFAULT_HORIZONS, levels: DEFAULT_LEVELS });
const series = QUOTE_FILES.flatMap((file) => makeSeries(readQuoteFile(values.data, file), settings, seed));
standardize(series, FEATURE_SIZE);
const repeats = new Map(QUOTE_FILES.map((file) => [file.name, file.repeats]));
const scores: Map<string, number[]>[] = [];
for (const contestant of contestants) scores.push(await judge(contestant, await train(contestant)));
for (const [file, reference] of scores[0]!) {
  contestants.forEach(({ name }, i) => console.log(`${file.padEnd(24)} ${name.padEnd(28)} ${scores[i]!.get(file)!.map((crps, k) => (crps / reference[k]!).toFixed(4)).join(' / ')}`));
}

function stretchesOf({ window }: Contestant, random: () => number): Stretch[] {
  const all: Stretch[] = [];
  for (const own of series) {
    if (own.heldOut) continue;
    const step = window === null ? 512 : Math.min(TAIL, window);
    for (let repeat = 0; repeat < repeats.get(own.file)!; repeat += 1) {
      for (let end = Math.ceil(random() * step); end < own.trainEnd + (window === null ? step : 0); end += step) {
        all.push({ series: own, from: Math.max(0, end - (window ?? step)), to: Math.min(end, own.trainEnd), weightFrom: end - step, weightTo: own.trainEnd });
      }
    }
  }
  for (let i = all.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}

/** Feeds of one chunk; memory that is never taken is memory that is not there. */
function feedsOf(chunk: ReturnType<typeof layOut>, plain: boolean): Record<string, ort.Tensor> {
  if (plain) chunk.ones.fill(0);
  return chunkFeeds(chunk, FEATURE_SIZE);
}

async function train(contestant: Contestant): Promise<Parameters> {
  const start = startParameters(quoteShapes(sizes), seededRandom(seed));
  const half = (name: string) => start[name]!.map((w) => w * 0.1);
  let optimizer = startOptimizer({ ...start, 'out.weight': half('out.weight'), 'scale.weight': half('scale.weight'), 'out.bias': quoteBiasStart(H, [-3.1, -2, -1.6, -1.1, -0.56, 0, 0.56, 1.1, 1.6, 2, 3.1]) });
  const session = await ort.InferenceSession.create(quoteTrainingGraph(sizes, 'with gradients'), QUIET_SESSION);
  const random = seededRandom(seed * 7_919);
  const epochs = Array.from({ length: Number(values.epochs) }, () => stretchesOf(contestant, random));
  const perEpoch = (all: readonly Stretch[]) => Math.ceil(all.length / contestant.lanes) * (contestant.window === null ? Math.ceil(512 / contestant.chunk) : 1);
  const steps = epochs.reduce((sum, all) => sum + perEpoch(all), 0);
  for (const all of epochs) {
    for (let at = 0; at < all.length; at += contestant.lanes) {
      const lanes = all.slice(at, at + contestant.lanes);
      const longest = Math.max(...lanes.map((s) => s.to - s.from));
      let state = zeroState(lanes.length, sizes);
      for (let offset = 0; offset < longest; offset += contestant.chunk) {
        const chunk = layOut(lanes, offset, Math.min(contestant.chunk, longest - offset), FEATURE_SIZE, DEFAULT_HORIZONS);
        for (let i = 0; i < chunk.features.length; i += 1) chunk.features[i]! += 2 * Math.sqrt(3) * NOISE * (random() - 0.5);
        const results = await session.run({ ...feedsOf(chunk, contestant.plain), ...state, ...parameterFeeds(optimizer.values, sizes) });
        state = carried(results);
        if (chunk.counted === 0) continue;
        const gradients = Object.fromEntries(Object.keys(optimizer.values).map((name) => [name, results[`d.${name}`]!.data as Float32Array]));
        optimizer = optimize(optimizer, gradients, rateAt(RATE, optimizer.step, steps), 1);
      }
    }
  }
  await session.release();
  return optimizer.averaged;
}

/** By file and symbols seen or not: sum of the CRPS over the same dev bars, by horizon. */
async function judge({ window, plain }: Contestant, parameters: Parameters): Promise<Map<string, number[]>> {
  const session = await ort.InferenceSession.create(quoteTrainingGraph(sizes, 'forward only'), QUIET_SESSION);
  const sums = new Map<string, number[]>();
  for (const [group, own] of groupBy(series, (s) => `${s.file}${s.heldOut ? ', unseen' : ''}`)) {
    const judged = own.filter((_, i) => !own[0]!.file.startsWith('sp500') || i % 4 === 0);
    const spots = judged.flatMap((s, n) => Array.from({ length: Math.max(0, s.devEnd - s.trainEnd - DEFAULT_HORIZONS.at(-1)!) }, (_, i) => ({ series: s, at: s.trainEnd + i })).filter((_, i) => (i + n) % 2 === 0));
    const crps = new Array<number>(H).fill(0);
    const take = (s: Series, at: number, quantiles: Float32Array, row: number): void => DEFAULT_HORIZONS.forEach((_, k) => {
      const [actual, scale] = [s.targets[at * H + k]!, s.scales[at * H + k]!];
      if (!Number.isNaN(actual)) crps[k]! += scale * crpsFromQuantiles(DEFAULT_LEVELS, quantiles.subarray((row * H + k) * Q, (row * H + k + 1) * Q), actual);
    });
    const ran = async (lanes: readonly Stretch[], each: (quantiles: Float32Array, offset: number) => void, chunkSize: number): Promise<void> => {
      const longest = Math.max(...lanes.map((s) => s.to - s.from));
      let state = zeroState(lanes.length, sizes);
      for (let offset = 0; offset < longest; offset += chunkSize) {
        const { actual: _a, weight: _w, ...feeds } = feedsOf(layOut(lanes, offset, Math.min(chunkSize, longest - offset), FEATURE_SIZE, DEFAULT_HORIZONS), plain);
        const results = await session.run({ ...feeds, ...state, ...parameterFeeds(parameters, sizes) });
        state = carried(results);
        each(results['quantiles']!.data as Float32Array, offset);
      }
    };
    if (window === null) {
      const lanes = judged.map((s): Stretch => ({ series: s, from: Math.max(0, s.trainEnd - 512), to: s.devEnd, weightFrom: 0, weightTo: s.devEnd }));
      const wanted = new Set(spots.map(({ series: s, at }) => `${s.symbol}/${at}`));
      for (let lane = 0; lane < lanes.length; lane += 64) {
        const some = lanes.slice(lane, lane + 64);
        await ran(some, (quantiles, offset) => some.forEach(({ series: s, from, to }, b) => {
          for (let step = 0; step < 64 && from + offset + step < to; step += 1) if (wanted.has(`${s.symbol}/${from + offset + step}`)) take(s, from + offset + step, quantiles, step * some.length + b);
        }), 64);
      }
    } else {
      const group_ = window === 1 ? 4096 : 256;
      for (let from = 0; from < spots.length; from += group_) {
        const some = spots.slice(from, from + group_);
        // padded at the front by starting at a bar before the series: every series of the dev part is longer than a window
        await ran(some.map(({ series: s, at }): Stretch => ({ series: s, from: Math.max(0, at - window + 1), to: at + 1, weightFrom: 0, weightTo: s.devEnd })), (quantiles) => some.forEach(({ series: s, at }, b) => {
          const steps = Math.min(window, at + 1);
          take(s, at, quantiles, (steps - 1) * some.length + b);
        }), window);
      }
    }
    sums.set(group, crps);
  }
  await session.release();
  return sums;
}
