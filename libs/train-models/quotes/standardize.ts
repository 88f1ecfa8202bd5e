/**
 * Features to mean 0 and deviation 1 over the training bars, in place, so that the noise and the decay of the training
 * bear on all alike; and the same taken into the weights afterwards, so that what is served takes the features as they are.
 */
import type { Parameters, QuoteSizes } from '#models';
import type { Series } from './series.js';

export interface FeatureScales {
  readonly mean: Float64Array;
  /** 0 for a feature that never varied: its weights are set to zero. */
  readonly deviation: Float64Array;
}

export function standardize(series: readonly Series[], featureSize: number): FeatureScales {
  const mean = new Float64Array(featureSize);
  const square = new Float64Array(featureSize);
  let bars = 0;
  const trained = series.filter((s) => !s.heldOut);
  for (const { features, trainEnd } of trained) {
    bars += trainEnd;
    for (let i = 0; i < trainEnd * featureSize; i += 1) {
      mean[i % featureSize]! += features[i]!;
      square[i % featureSize]! += features[i]! * features[i]!;
    }
  }
  for (let k = 0; k < featureSize; k += 1) mean[k]! /= Math.max(bars, 1);
  const deviation = square.map((sum, k) => {
    const variance = sum / Math.max(bars, 1) - mean[k]! * mean[k]!;
    return variance > 1e-8 ? Math.sqrt(variance) : 0;
  });
  for (const { features } of series) {
    for (let i = 0; i < features.length; i += 1) {
      const k = i % featureSize;
      features[i] = deviation[k] === 0 ? 0 : (features[i]! - mean[k]!) / deviation[k]!;
    }
  }
  return { mean, deviation };
}

/** The parameters of the same function of features that are not standardized. */
export function foldScales(parameters: Parameters, { mean, deviation }: FeatureScales, sizes: QuoteSizes): Parameters {
  const { hiddenSize: H, memorySize: D, readSize: R, featureSize: F } = sizes;
  const folded = Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.slice()]));
  for (const [weight, bias, firstRow] of [['lstm.input', 'lstm.bias', 0], ['read.weight', 'read.bias', H + D], ['scale.weight', 'scale.bias', R]] as const) {
    const w = folded[weight]!;
    const b = folded[bias]!;
    const columns = b.length;
    for (let k = 0; k < F; k += 1) {
      for (let c = 0; c < columns; c += 1) {
        const at = (firstRow + k) * columns + c;
        w[at] = deviation[k] === 0 ? 0 : w[at]! / deviation[k]!;
        b[c]! -= w[at] * mean[k]!;
      }
    }
  }
  return folded;
}
