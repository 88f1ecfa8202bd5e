/**
 * The training loop over epochs: every epoch cuts the training part of each series into stretches at a seeded offset,
 * shuffles them, and runs them lanes side by side. What an epoch does depends on seed and epoch number alone, so a
 * resumed training ends with the bytes of an undisturbed one.
 */
import ort from 'onnxruntime-node';
import { type Parameters, quoteShapes, type QuoteSizes } from '#models';
import { seededRandom } from '#seeded-random';
import { carried, chunkFeeds, layOut, type Stretch, zeroState } from './lanes.js';
import { optimize, type OptimizerState, rateAt } from './optimizer.js';
import type { Series } from './series.js';

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
  readonly devWeights: Readonly<Record<string, number>>;
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

export function parameterFeeds(parameters: Parameters, sizes: QuoteSizes): Record<string, ort.Tensor> {
  return Object.fromEntries(Object.entries(quoteShapes(sizes)).map(([name, shape]) => [name, new ort.Tensor('float32', parameters[name]!, shape)]));
}
