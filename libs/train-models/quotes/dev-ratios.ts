/**
 * How the network does on the dev part, as the figure that judges it in the end: its mean pinball loss in returns (half
 * the CRPS, up to the levels' spacing) as a ratio to that of the EWMA(0.94) walk with Student-t errors, whose scale and
 * degrees of freedom were fitted on the training part of the same file. Below 1: better than the walk.
 */
import ort from 'onnxruntime-node';
import { fitStudentT, quantileT } from '#forecast-prices';
import { type Parameters, quoteTrainingGraph } from '#models';
import { parameterFeeds, type TrainingSet } from './epochs.js';
import { carried, chunkFeeds, layOut, QUIET_SESSION, type Stretch, zeroState } from './lanes.js';
import { groupBy, type Series } from './series.js';

/** Bars that warm a state up, lanes and steps of a run. */
const WARM_UP = 256;
const LANES = 128;
const CHUNK = 64;
/** Residuals that a fit takes: every n-th, so that it takes about so many. */
const FITTED = 20_000;

export interface DevRatios {
  /** By file, then by horizon: ratio to the walk. */
  readonly byFile: Readonly<Record<string, readonly number[]>>;
  /** By what the epoch is chosen: mean over the files by their devWeight (crypto's two days count a quarter), the horizons counting alike. */
  readonly pooled: number;
}

export async function devRatios(set: TrainingSet, parameters: Parameters): Promise<DevRatios> {
  const { sizes, horizons } = set;
  const { levels } = sizes;
  const session = await ort.InferenceSession.create(quoteTrainingGraph(sizes, 'forward only'), QUIET_SESSION);
  const byFile: Record<string, number[]> = {};
  for (const [file, series] of groupBy(set.series.filter((s) => !s.heldOut), (s) => s.file)) {
    const walks = horizons.map((_, k) => walkQuantiles(series, horizons, k, levels));
    const model = horizons.map(() => 0);
    const walk = horizons.map(() => 0);
    const lanes = series.map((s): Stretch => ({ series: s, from: Math.max(0, s.trainEnd - WARM_UP), to: s.devEnd, weightFrom: s.trainEnd, weightTo: s.devEnd }));
    for (let at = 0; at < lanes.length; at += LANES) {
      const some = lanes.slice(at, at + LANES);
      const longest = Math.max(...some.map((s) => s.to - s.from));
      let state = zeroState(some.length, sizes);
      for (let offset = 0; offset < longest; offset += CHUNK) {
        const chunk = layOut(some, offset, Math.min(CHUNK, longest - offset), sizes.featureSize, horizons);
        const { actual: _a, weight: _w, ...feeds } = chunkFeeds(chunk, sizes.featureSize);
        const results = await session.run({ ...feeds, ...state, ...parameterFeeds(parameters, sizes) });
        state = carried(results);
        const quantiles = results['quantiles']!.data as Float32Array;
        chunk.weight.forEach((weight, i) => {
          if (weight === 0) return;
          const k = i % horizons.length;
          const lane = Math.floor(i / horizons.length) % some.length;
          const { series: own, from } = some[lane]!;
          const t = from + offset + Math.floor(i / horizons.length / some.length);
          const scale = own.scales[t * horizons.length + k]!;
          const y = chunk.actual[i]! * scale;
          model[k]! += loss(levels, (q) => quantiles[i * levels.length + q]! * scale, y);
          const unit = own.walk[t]! * Math.sqrt(horizons[k]!);
          walk[k]! += loss(levels, (q) => walks[k]![q]! * unit, y);
        });
      }
    }
    byFile[file] = horizons.map((_, k) => model[k]! / walk[k]!);
  }
  await session.release();
  let [sum, total] = [0, 0];
  for (const [file, ratios] of Object.entries(byFile)) {
    const weight = set.devWeights[file]!;
    sum += (weight * ratios.reduce((a, b) => a + b, 0)) / ratios.length;
    total += weight;
  }
  return { byFile, pooled: sum / total };
}

function loss(levels: readonly number[], quantile: (q: number) => number, y: number): number {
  let sum = 0;
  for (let q = 0; q < levels.length; q += 1) {
    const error = y - quantile(q);
    sum += (error >= 0 ? levels[q]! : levels[q]! - 1) * error;
  }
  return sum;
}

/** Quantiles, in walk units, of the t fitted to the training part. */
function walkQuantiles(series: readonly Series[], horizons: readonly number[], k: number, levels: readonly number[]): number[] {
  const h = horizons[k]!;
  const every = Math.max(1, Math.round(series.reduce((sum, s) => sum + s.trainEnd, 0) / FITTED));
  const residuals: number[] = [];
  let count = 0;
  for (const { targets, scales, walk, trainEnd } of series) {
    for (let t = 0; t + h < trainEnd; t += 1) {
      const z = (targets[t * horizons.length + k]! * scales[t * horizons.length + k]!) / (walk[t]! * Math.sqrt(h));
      if (Number.isFinite(z) && (count += 1) % every === 0) residuals.push(z);
    }
  }
  const { distribution, scale } = fitStudentT(residuals);
  return levels.map((level) => scale * quantileT(distribution, level));
}
