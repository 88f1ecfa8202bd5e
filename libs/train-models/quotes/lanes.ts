/**
 * Lays stretches of series side by side for the graph: one lane per stretch, chunk after chunk in time order, hidden
 * state carried from chunk to chunk and cut there for the gradient (truncated backpropagation through time).
 */
import ort from 'onnxruntime-node';
import type { QuoteSizes } from '#models';
import type { Series } from './series.js';

export interface Stretch {
  readonly series: Series;
  readonly from: number;
  readonly to: number;
  /** Bars at or after this index carry no weight. */
  readonly weightTo: number;
  /** Bars before it neither: they only warm the state up. */
  readonly weightFrom: number;
}

export interface Chunk {
  readonly steps: number;
  readonly lanes: number;
  readonly features: Float32Array;
  readonly ones: Float32Array;
  /** [S * B * H, 1] */
  readonly actual: Float32Array;
  readonly weight: Float32Array;
  /** Targets with weight. */
  readonly counted: number;
}

export interface CarriedState {
  readonly h0: ort.Tensor;
  readonly c0: ort.Tensor;
  readonly memory0: ort.Tensor;
}

export function zeroState(lanes: number, { hiddenSize: H, memoryPlaces: M, memorySize: D }: QuoteSizes): CarriedState {
  const zeros = (...shape: number[]): ort.Tensor => new ort.Tensor('float32', new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
  return { h0: zeros(lanes, H), c0: zeros(lanes, H), memory0: zeros(M, lanes, D + 1) };
}

export function carried(results: Readonly<Record<string, ort.Tensor>>): CarriedState {
  return { h0: results['h']!, c0: results['c']!, memory0: results['memory']! };
}

/** Bars `offset`..`offset + steps` of each stretch. Weights of counted targets are equal and sum to 1. */
export function layOut(stretches: readonly Stretch[], offset: number, steps: number, featureSize: number, horizons: readonly number[]): Chunk {
  const B = stretches.length;
  const H = horizons.length;
  const longest = horizons[H - 1]!;
  const features = new Float32Array(steps * B * featureSize); // [S, B, F]
  const actual = new Float32Array(steps * B * H);
  const weight = new Float32Array(steps * B * H);
  let counted = 0;
  stretches.forEach(({ series, from, to, weightFrom, weightTo }, b) => {
    for (let s = 0; s < steps && from + offset + s < to; s += 1) {
      const t = from + offset + s;
      features.set(series.features.subarray(t * featureSize, (t + 1) * featureSize), (s * B + b) * featureSize);
      if (t < weightFrom || t + longest >= weightTo) continue;
      for (let k = 0; k < H; k += 1) {
        const y = series.targets[t * H + k]!;
        if (Number.isNaN(y)) continue;
        actual[(s * B + b) * H + k] = y;
        weight[(s * B + b) * H + k] = 1;
        counted += 1;
      }
    }
  });
  for (let i = 0; i < weight.length; i += 1) weight[i]! /= Math.max(counted, 1);
  return { steps, lanes: B, features, ones: new Float32Array(steps * B).fill(1), actual, weight, counted };
}

export function chunkFeeds(chunk: Chunk, featureSize: number): Record<string, ort.Tensor> {
  const { steps: S, lanes: B, features, ones, actual, weight } = chunk;
  return {
    features: new ort.Tensor('float32', features, [S, B, featureSize]),
    ones: new ort.Tensor('float32', ones, [S, B, 1]),
    actual: new ort.Tensor('float32', actual, [actual.length, 1]),
    weight: new ort.Tensor('float32', weight, [weight.length, 1]),
  };
}

export const QUIET_SESSION = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', enableMemPattern: false, logSeverityLevel: 3 } as const;
