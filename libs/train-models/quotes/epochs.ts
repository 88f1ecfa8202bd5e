/**
 * The training loop over epochs: every epoch cuts the training part of each series into stretches at a seeded offset,
 * shuffles them, and runs them lanes side by side. What an epoch does depends on seed and epoch number alone, so a
 * resumed training ends with the bytes of an undisturbed one.
 */
import ort from 'onnxruntime-node';
import { type Parameters, quoteShapes, type QuoteSizes, quoteTrainingGraph, seededRandom } from '#models';
import { carried, chunkFeeds, layOut, QUIET_SESSION, type Stretch, zeroState } from './lanes.js';
import { optimize, type OptimizerState, rateAt } from './optimizer.js';
import { groupBy, type Series } from './series.js';

/** Of the dev pass: bars that warm a state up, lanes and steps of a run. */
const WARM_UP = 256;
const LANES = 128;
const CHUNK = 64;

export interface EpochSettings {
  readonly seed: number;
  readonly epochs: number;
  readonly lanes: number;
  readonly chunk: number;
  readonly stretch: number;
  readonly rate: number;
  readonly decay: number;
  /** Deviation of the uniform noise on every feature: against learning the history of one market by heart. */
  readonly noise: number;
}

export interface TrainingSet {
  readonly sizes: QuoteSizes;
  readonly horizons: readonly number[];
  readonly series: readonly Series[];
  readonly repeats: Readonly<Record<string, number>>;
}

export function stretchesOf(set: TrainingSet, settings: EpochSettings, epoch: number): Stretch[] {
  const random = seededRandom(settings.seed * 1_000_003 + epoch);
  const all: Stretch[] = [];
  for (const series of set.series) {
    if (series.heldOut || series.trainEnd < 2) continue;
    for (let repeat = 0; repeat < (set.repeats[series.file] ?? 1); repeat += 1) {
      let from = 0;
      let to = Math.ceil((0.25 + 0.75 * random()) * settings.stretch);
      while (from < series.trainEnd) {
        all.push({ series, from, to: Math.min(to, series.trainEnd), weightFrom: 0, weightTo: series.trainEnd });
        [from, to] = [to, to + settings.stretch];
      }
    }
  }
  for (let i = all.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}

export const stepsPerEpoch = (set: TrainingSet, settings: EpochSettings): number => {
  const bars = set.series.reduce((sum, s) => sum + (s.heldOut ? 0 : s.trainEnd * (set.repeats[s.file] ?? 1)), 0);
  return Math.ceil((1.25 * bars) / (settings.lanes * settings.chunk));
};

export async function runEpoch(
  session: ort.InferenceSession, set: TrainingSet, settings: EpochSettings, epoch: number, start: OptimizerState, onBatch: (done: number, loss: number) => void,
): Promise<{ optimizer: OptimizerState; loss: number }> {
  const { sizes, horizons } = set;
  const steps = settings.epochs * stepsPerEpoch(set, settings);
  const stretches = stretchesOf(set, settings, epoch);
  const random = seededRandom(settings.seed * 7_919 + epoch + 1);
  let optimizer = start;
  let [sum, count] = [0, 0];
  for (let at = 0; at < stretches.length; at += settings.lanes) {
    const lanes = stretches.slice(at, at + settings.lanes);
    const longest = Math.max(...lanes.map((s) => s.to - s.from));
    let state = zeroState(lanes.length, sizes);
    for (let offset = 0; offset < longest; offset += settings.chunk) {
      const chunk = layOut(lanes, offset, Math.min(settings.chunk, longest - offset), sizes.featureSize, horizons);
      addNoise(chunk.features, settings.noise, random);
      const results = await session.run({ ...chunkFeeds(chunk, sizes.featureSize), ...state, ...parameterFeeds(optimizer.values, sizes) });
      state = carried(results);
      if (chunk.counted === 0) continue;
      const gradients = Object.fromEntries(Object.keys(optimizer.values).map((name) => [name, results[`d.${name}`]!.data as Float32Array]));
      optimizer = optimize(optimizer, gradients, rateAt(settings.rate, optimizer.step, steps), settings.decay);
      sum += (results['loss']!.data as Float32Array)[0]! * chunk.counted;
      count += chunk.counted;
    }
    onBatch(Math.min(1, (at + settings.lanes) / stretches.length), sum / count / sizes.levels.length);
  }
  return { optimizer, loss: sum / count / sizes.levels.length };
}

function addNoise(features: Float32Array, deviation: number, random: () => number): void {
  const width = 2 * Math.sqrt(3) * deviation;
  for (let i = 0; i < features.length; i += 1) features[i]! += width * (random() - 0.5);
}

/** Mean pinball loss (scale units) over the dev part, per file and of all forecasts; each state is warmed up on the bars before. */
export async function devLosses(set: TrainingSet, parameters: Parameters): Promise<{ byFile: Record<string, number>; pooled: number }> {
  const { sizes, horizons } = set;
  const session = await ort.InferenceSession.create(quoteTrainingGraph(sizes, 'forward only'), QUIET_SESSION);
  const byFile: Record<string, number> = {};
  let [allSum, allCount] = [0, 0];
  for (const [file, series] of groupBy(set.series.filter((s) => !s.heldOut), (s) => s.file)) {
    const lanes = series.map((s): Stretch => ({ series: s, from: Math.max(0, s.trainEnd - WARM_UP), to: s.devEnd, weightFrom: s.trainEnd, weightTo: s.devEnd }));
    let [sum, count] = [0, 0];
    for (let at = 0; at < lanes.length; at += LANES) {
      const some = lanes.slice(at, at + LANES);
      const longest = Math.max(...some.map((s) => s.to - s.from));
      let state = zeroState(some.length, sizes);
      for (let offset = 0; offset < longest; offset += CHUNK) {
        const chunk = layOut(some, offset, Math.min(CHUNK, longest - offset), sizes.featureSize, horizons);
        const { actual: _a, weight: _w, ...feeds } = chunkFeeds(chunk, sizes.featureSize);
        const results = await session.run({ ...feeds, ...state, ...parameterFeeds(parameters, sizes) });
        state = carried(results);
        sum += pinballOf(chunk.actual, chunk.weight, results['quantiles']!.data as Float32Array, sizes.levels) * chunk.counted;
        count += chunk.counted;
      }
    }
    byFile[file] = sum / Math.max(count, 1);
    [allSum, allCount] = [allSum + sum, allCount + count];
  }
  await session.release();
  return { byFile, pooled: allSum / Math.max(allCount, 1) };
}

/** actual, weight [A], quantiles [A, Q] -> weighted mean over the levels. */
function pinballOf(actual: Float32Array, weight: Float32Array, quantiles: Float32Array, levels: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < actual.length; i += 1) {
    if (weight[i] === 0) continue;
    for (let q = 0; q < levels.length; q += 1) {
      const error = actual[i]! - quantiles[i * levels.length + q]!;
      sum += weight[i]! * (error >= 0 ? levels[q]! : levels[q]! - 1) * error;
    }
  }
  return sum / levels.length;
}

function parameterFeeds(parameters: Parameters, sizes: QuoteSizes): Record<string, ort.Tensor> {
  return Object.fromEntries(Object.entries(quoteShapes(sizes)).map(([name, shape]) => [name, new ort.Tensor('float32', parameters[name]!, shape)]));
}
