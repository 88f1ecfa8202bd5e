/**
 * Feeds product histories to the history graph: lanes of about equal length side by side, stretch after stretch, with the
 * states that one stretch leaves carried into the next.
 */
import ort from 'onnxruntime-node';
import { HISTORY_SIZES, historyShapes } from '#models';
import type { Parameters } from '#models';
import type { Lane } from './histories.js';

/** Reviews of a lane that are run at once; the gradient is cut between stretches. */
export const STRETCH = 32;

/** Longest first, so that lanes of a group end at about the same time. */
export function groupLanes(lanes: readonly Lane[], size: number): Lane[][] {
  const sorted = [...lanes].sort((a, b) => b.events.length - a.events.length || a.events[0]! - b.events[0]!);
  return Array.from({ length: Math.ceil(sorted.length / size) }, (_, k) => sorted.slice(k * size, (k + 1) * size));
}

export type OnStretch = (results: ort.InferenceSession.ReturnType, lanes: readonly Lane[], from: number) => void;

/** Feeds a group of lanes in stretches; lanes that have ended are dropped from the batch at the next stretch. */
export async function runLanes(session: ort.InferenceSession, parameters: Parameters, group: readonly Lane[], label: (event: number) => 0 | 1, onStretch: OnStretch): Promise<void> {
  const { featureSize: F, hiddenSize: H, memoryPlaces: M, memorySize } = HISTORY_SIZES;
  const D = memorySize + 1;
  const shapes = historyShapes(HISTORY_SIZES);
  const tensor = (data: Float32Array, ...dimensions: number[]) => new ort.Tensor('float32', data, dimensions);
  let h = new Float32Array(group.length * H);
  let c = new Float32Array(group.length * H);
  let memory = new Float32Array(M * group.length * D);
  let width = group.length;
  for (let from = 0; from < group[0]!.events.length; from += STRETCH) {
    const lanes = group.filter((lane) => lane.events.length > from); // a prefix: longest first
    const B = lanes.length;
    h = h.slice(0, B * H);
    c = c.slice(0, B * H);
    memory = narrower(memory, M, width, B, D);
    width = B;
    const S = Math.min(STRETCH, lanes[0]!.events.length - from);
    const N = S * B;
    const features = new Float32Array(N * F);
    const [target, weight, nextTarget, nextWeight] = [new Float32Array(N), new Float32Array(N), new Float32Array(N), new Float32Array(N)];
    const live = lanes.reduce((sum, lane) => sum + Math.min(S, lane.events.length - from), 0);
    lanes.forEach((lane, b) => {
      for (let s = 0; s < S && from + s < lane.events.length; s++) {
        const at = s * B + b;
        features.set(lane.features.subarray((from + s) * F, (from + s + 1) * F), at * F);
        target[at] = label(lane.events[from + s]!);
        weight[at] = 1 / live;
        const next = lane.events[from + s + 1];
        if (next !== undefined) {
          nextTarget[at] = label(next);
          nextWeight[at] = 1 / live;
        }
      }
    });
    const results = await session.run({
      features: tensor(features, S, B, F), h0: tensor(h, B, H), c0: tensor(c, B, H), memory0: tensor(memory, M, B, D), ones: tensor(new Float32Array(N).fill(1), S, B, 1),
      target: tensor(target, N, 1), weight: tensor(weight, N, 1), nextTarget: tensor(nextTarget, N, 1), nextWeight: tensor(nextWeight, N, 1),
      ...Object.fromEntries(Object.entries(parameters).map(([name, p]) => [name, new ort.Tensor('float32', p, shapes[name])])),
    });
    h = Float32Array.from(results['h']!.data as Float32Array);
    c = Float32Array.from(results['c']!.data as Float32Array);
    memory = Float32Array.from(results['memory']!.data as Float32Array);
    onStretch(results, lanes, from);
  }
}

/** memory [M, before, D] -> [M, now, D], the first lanes of it. */
function narrower(memory: Float32Array, M: number, before: number, now: number, D: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(M * now * D);
  for (let m = 0; m < M; m++) result.set(memory.subarray(m * before * D, (m * before + now) * D), m * now * D);
  return result;
}
