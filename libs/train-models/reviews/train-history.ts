/**
 * Trains the stateful part on product histories: many lanes side by side, stretches of 32 reviews, states carried from
 * stretch to stretch and the gradient cut there (truncated backpropagation through time, Williams and Peng 1990).
 * The encoder is frozen. Kept is the epoch with the least log loss on the dev reviews, each scored in its product's
 * whole history, verdict and expectation together. How far history is believed, a share from 0 to 1 of what it wants to
 * add, is fitted on the same reviews and folded into the weights: few busy products teach it to say more than it knows.
 */
import ort from 'onnxruntime-node';
import { HISTORY_SIZES, historyShapes, historyTrainingGraph, startParameters } from '#models';
import { seededRandom } from '#seeded-random';
import type { Parameters } from '#models';
import { adamUpdate, scheduledRate } from '../adam.js';
import type { Moments } from '../adam.js';
import { logLossOf } from '../metrics.js';
import { TrainingStopped } from '../progress.js';
import type { OnProgress } from '../progress.js';
import { QUIET_SESSION } from './encode-set.js';
import type { Lane } from './histories.js';
import { groupLanes, runLanes, STRETCH } from './run-lanes.js';

const LANES_TRAINED = 32;
const LANES_SCORED = 256;
const PEAK_RATE = 1e-3;
const PATIENCE = 3;

/** The carried state, or the memory of recent reviews: each is silent where its weights are zero. */
export type HistoryPart = 'lstm' | 'memory';

export interface HistoryTraining {
  readonly lanes: readonly Lane[];
  /** Whole histories that hold the dev reviews. */
  readonly devLanes: readonly Lane[];
  readonly isDev: (event: number) => boolean;
  readonly label: (event: number) => 0 | 1;
  /** Weights to go on from; null where they are drawn. */
  readonly start: Parameters | null;
  /** What is left out, to learn what it is worth; null for nothing. */
  readonly without: HistoryPart | null;
  readonly seed: number;
  readonly epochs: number;
  readonly signal: AbortSignal | null;
  readonly onProgress: OnProgress;
}

export interface HistoryScores {
  /** By event: log odds with history, and the log odds expected before the event (null for a product's first). */
  readonly logit: Map<number, number>;
  readonly expected: Map<number, number | null>;
}

export interface TrainedHistory {
  readonly parameters: Parameters;
  readonly epochs: number;
  readonly dev: DevLoss;
}

/** Log losses on the dev reviews, in nats: of the text alone, of the verdict at the best share of history, of the expectation. */
export interface DevLoss {
  readonly text: number;
  readonly verdict: number;
  readonly share: number;
  readonly expectation: number;
}

export async function trainHistory(training: HistoryTraining): Promise<TrainedHistory> {
  const { seed, epochs } = training;
  const session = await openSession();
  const random = seededRandom(seed + 17);
  const silent = (name: string) => training.without !== null && name.startsWith(`${training.without}.`);
  const drawn = startParameters(historyShapes(HISTORY_SIZES), random);
  drawn['now.out']!.fill(0);
  const parameters: Parameters = Object.fromEntries(Object.entries({ ...drawn, ...training.start }).map(([name, p]) => [name, silent(name) ? new Float32Array(p.length) : p.slice()]));
  const moments: Record<string, Moments> = Object.fromEntries(Object.entries(parameters).map(([name, p]) => [name, { first: new Float32Array(p.length), second: new Float32Array(p.length) }]));
  const groups = groupLanes(training.lanes, LANES_TRAINED);
  const steps = epochs * groups.reduce((sum, group) => sum + Math.ceil(group[0]!.events.length / STRETCH), 0);
  const copy = () => Object.fromEntries(Object.entries(parameters).map(([name, p]) => [name, p.slice()]));
  let step = 0;
  let bestEpoch = 0;
  let best: { parameters: Parameters; dev: DevLoss } = { parameters: copy(), dev: await lossOnDev(session, parameters, training) };
  let epoch = 0;
  while (epoch < epochs && epoch - bestEpoch < PATIENCE) {
    epoch += 1;
    for (const k of order(groups.length, random)) {
      if (training.signal?.aborted === true) throw new TrainingStopped('training was stopped after the encoder was done; --resume goes on from there');
      await runLanes(session, parameters, groups[k]!, training.label, (results) => {
        step += 1;
        for (const [name, p] of Object.entries(parameters)) if (!silent(name)) adamUpdate(p, moments[name]!, results[`d.${name}`]!.data as Float32Array, step, scheduledRate(PEAK_RATE, step, steps, 50));
      });
    }
    const dev = await lossOnDev(session, parameters, training);
    if (dev.verdict + dev.expectation < best.dev.verdict + best.dev.expectation) {
      best = { parameters: copy(), dev };
      bestEpoch = epoch;
    }
    training.onProgress({ phase: 'history', message: `epoch ${epoch} of ${epochs}`, done: epoch / epochs, loss: dev.expectation, devLoss: dev.verdict, tokensPerSecond: null, secondsLeft: null });
  }
  await session.release();
  best.parameters['now.out'] = best.parameters['now.out']!.map((w) => w * best.dev.share);
  return { ...best, epochs: epoch };
}

/** Runs whole histories and tells each event's scores. */
export async function scoreHistories(parameters: Parameters, lanes: readonly Lane[], label: (event: number) => 0 | 1): Promise<HistoryScores> {
  const session = await openSession();
  const scores = await collect(session, parameters, lanes, label);
  await session.release();
  return scores;
}

const openSession = () => ort.InferenceSession.create(historyTrainingGraph(HISTORY_SIZES), QUIET_SESSION);

async function collect(session: ort.InferenceSession, parameters: Parameters, lanes: readonly Lane[], label: (event: number) => 0 | 1): Promise<HistoryScores> {
  const scores: HistoryScores = { logit: new Map(), expected: new Map() };
  for (const group of groupLanes(lanes, LANES_SCORED)) {
    for (const lane of group) scores.expected.set(lane.events[0]!, null);
    await runLanes(session, parameters, group, label, (results, lanesLeft, from) => {
      const logits = results['logit']!.data as Float32Array;
      const expectations = results['expectation']!.data as Float32Array;
      lanesLeft.forEach((lane, b) => {
        for (let s = 0; s < STRETCH && from + s < lane.events.length; s++) {
          scores.logit.set(lane.events[from + s]!, logits[s * lanesLeft.length + b]!);
          const next = lane.events[from + s + 1];
          if (next !== undefined) scores.expected.set(next, expectations[s * lanesLeft.length + b]!);
        }
      });
    });
  }
  return scores;
}

async function lossOnDev(session: ort.InferenceSession, parameters: Parameters, { devLanes, isDev, label }: HistoryTraining): Promise<DevLoss> {
  const scores = await collect(session, parameters, devLanes, label);
  const { featureSize: F, vectorSize } = HISTORY_SIZES;
  const rows: { text: number; added: number; label: 0 | 1 }[] = [];
  let expectation = 0;
  let expected = 0;
  for (const lane of devLanes) {
    lane.events.forEach((event, step) => {
      if (!isDev(event)) return;
      const text = lane.features[step * F + vectorSize]! * 4;
      rows.push({ text, added: scores.logit.get(event)! - text, label: label(event) });
      const before = scores.expected.get(event) ?? null;
      if (before === null) return;
      expectation += logLossOf(before, label(event));
      expected += 1;
    });
  }
  const lossAt = (share: number) => rows.reduce((sum, r) => sum + logLossOf(r.text + share * r.added, r.label), 0) / rows.length;
  const shares = Array.from({ length: 21 }, (_, i) => ({ share: i / 20, loss: lossAt(i / 20) }));
  const best = shares.reduce((a, b) => (b.loss < a.loss ? b : a));
  return { text: shares[0]!.loss, verdict: best.loss, share: best.share, expectation: expectation / expected };
}

const order = (count: number, random: () => number): number[] =>
  Array.from({ length: count }, (_, i) => ({ i, key: random() })).sort((a, b) => a.key - b.key).map(({ i }) => i);
