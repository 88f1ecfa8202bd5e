/**
 * One half of the training of the encoder. A step has two phases with a barrier between them:
 *   1. gradient: each shard takes its share of the batch, runs the gradient graph, and lays its gradients into shared memory;
 *   2. update: each shard sums all shards' gradients in shard order and applies Adam to the part that it owns: a stretch of
 *      the dense parameters, and the embedding rows with row % shards == own number.
 * Sums are always in the same order, so the outcome is the same bytes with one thread and with two.
 */
import ort from 'onnxruntime-node';
import { bucketOf, gatherSums, MASKED, scatterRows, sizeOf } from '#models';
import { seededRandom } from '#seeded-random';
import type { TextNetwork } from '#models';
import { adamUpdate } from './adam.js';
import type { TokenizedSet } from './reviews/tokenized-set.js';

export const SHARDS = 2;
/**
 * The loss of a batch is the sum over its texts divided by this, not by their number: batches of long texts hold fewer, and
 * a mean would let each of those texts count for several short ones.
 */
const NOMINAL_BATCH = 64;
/** So the average reaches back some 500 steps. */
const AVERAGE_FORGETS = 0.998;
/** The table's average, large as it is, is moved on only every so many steps. */
const TABLE_FOLLOWS = 8;

/** Everything shards share; every array that changes lies in a SharedArrayBuffer. */
export interface SharedTraining {
  readonly network: Omit<TextNetwork, 'serving'>;
  readonly set: TokenizedSet;
  /** Per text: how probable it is that it is negative (1 or 0, between them where its label leaves it open), and its weight. */
  readonly targets: Float32Array;
  readonly weights: Float32Array;
  readonly table: SharedValues;
  readonly dense: SharedValues;
  /** Per shard: gradients of the dense parameters, and of the touched embedding rows (count in place 0 of rows). */
  readonly denseGradients: readonly Float32Array[];
  readonly rows: readonly Int32Array[];
  readonly rowGradients: readonly Float32Array[];
}

export interface SharedValues {
  readonly values: Float32Array;
  /** Running average of the values over the steps: it forgets single batches, and is what is served. */
  readonly average: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

export interface Batch {
  readonly texts: readonly number[];
  readonly seed: number;
  /** Share of words, and of whole tokens, left out; and of the pooled places. */
  readonly wordDropout: number;
  readonly tokenDropout: number;
  readonly vectorDropout: number;
}

export interface Shard {
  /** Returns the shard's part of the batch's mean loss. */
  gradient(batch: Batch): Promise<number>;
  update(step: number, rate: number): void;
  close(): Promise<void>;
}

export async function openShard(shared: SharedTraining, own: number): Promise<Shard> {
  const session = await ort.InferenceSession.create(shared.network.training, { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', enableMemPattern: false, logSeverityLevel: 3 });
  const { tokenSize: E, hiddenSize: H, pooledSize } = shared.network;
  const { slots } = shared.set;
  const shapes = Object.entries(shared.network.shapes);
  const tableRows = shared.table.values.length / E;
  const placeOfRow = new Int32Array(tableRows).fill(-1);
  const tensor = (data: Float32Array, dimensions: readonly number[]) => new ort.Tensor('float32', data, dimensions);

  return {
    async gradient(batch) {
      const texts = batch.texts.filter((_, i) => i % SHARDS === own);
      shared.denseGradients[own]!.fill(0);
      shared.rows[own]![0] = 0;
      if (texts.length === 0) return 0;
      const B = texts.length;
      const T = bucketOf(Math.max(...texts.map((t) => shared.set.lengths[t]!)));
      const random = seededRandom(batch.seed * SHARDS + own);
      const { ids, mask } = layOut(shared.set, texts, T, random, batch);
      const tokens = new Float32Array(T * B * E);
      gatherSums(shared.table.values, E, ids, slots, tokens);
      const keep = Float32Array.from({ length: B * pooledSize }, () => (random() < batch.vectorDropout ? 0 : 1 / (1 - batch.vectorDropout)));
      const feeds: Record<string, ort.Tensor> = {
        tokens: tensor(tokens, [T, B, E]), mask: tensor(mask, [B, T]), zero: tensor(new Float32Array(B * H), [B, H]), keep: tensor(keep, [B, pooledSize]),
        lengths: new ort.Tensor('int64', BigInt64Array.from(texts, (t) => BigInt(shared.set.lengths[t]!)), [B]),
        target: tensor(Float32Array.from(texts, (t) => shared.targets[t]!), [B, 1]),
        weight: tensor(Float32Array.from(texts, (t) => shared.weights[t]! / NOMINAL_BATCH), [B, 1]),
      };
      let at = 0;
      for (const [name, shape] of shapes) {
        const size = sizeOf(shape);
        feeds[name] = tensor(shared.dense.values.slice(at, at + size), shape);
        at += size;
      }
      const results = await session.run(feeds);
      at = 0;
      for (const [name, shape] of shapes) {
        shared.denseGradients[own]!.set(results[`d.${name}`]!.data as Float32Array, at);
        at += sizeOf(shape);
      }
      const touched = scatterRows(results['d.tokens']!.data as Float32Array, E, ids, slots, placeOfRow);
      shared.rows[own]![0] = touched.rows.length;
      shared.rows[own]!.set(touched.rows, 1);
      shared.rowGradients[own]!.set(touched.gradients);
      return ((results['loss']!.data as Float32Array)[0]! * NOMINAL_BATCH) / batch.texts.length;
    },

    update(step, rate) {
      const size = Math.ceil(shared.dense.values.length / SHARDS);
      const from = own * size;
      const count = Math.min(size, shared.dense.values.length - from);
      const sum = new Float32Array(count);
      for (const gradient of shared.denseGradients) for (let i = 0; i < count; i++) sum[i]! += gradient[from + i]!;
      adamUpdate(shared.dense.values, shared.dense, sum, step, rate, from, 0, count);
      const { rows, gradients } = sumOwnRows(shared, own, E, placeOfRow);
      rows.forEach((row, place) => adamUpdate(shared.table.values, shared.table, gradients, step, rate, row * E, place * E, E));
      follow(shared.dense, keptAt(step), from, count);
      if (step % TABLE_FOLLOWS !== 0) return;
      const kept = keptAt(step, TABLE_FOLLOWS);
      for (let row = own; row < tableRows; row += SHARDS) follow(shared.table, kept, row * E, E);
    },

    close: () => session.release(),
  };
}

/** Share of itself that the average keeps over so many steps; it grows from 0.2 to AVERAGE_FORGETS: early values are soon gone. */
const keptAt = (step: number, steps = 1): number => Math.min(AVERAGE_FORGETS, (1 + step) / (9 + step)) ** steps;

function follow({ values, average }: SharedValues, kept: number, from: number, count: number): void {
  for (let i = from; i < from + count; i++) average[i] = kept * average[i]! + (1 - kept) * values[i]!;
}

/** Ids [T, B, K] time first, and the mask [B, T]; words and tokens are left out at random. */
function layOut(set: TokenizedSet, texts: readonly number[], T: number, random: () => number, { wordDropout, tokenDropout }: Batch): { ids: Int32Array; mask: Float32Array } {
  const B = texts.length;
  const K = set.slots;
  const ids = new Int32Array(T * B * K);
  const mask = new Float32Array(B * T).fill(MASKED);
  texts.forEach((text, b) => {
    const length = set.lengths[text]!;
    mask.fill(0, b * T, b * T + length);
    for (let t = 0; t < length; t++) {
      if (random() < tokenDropout) continue;
      const from = (set.offsets[text]! + t) * K;
      const to = (t * B + b) * K;
      const unknown = random() < wordDropout; // its hashed keys must do
      const known = !unknown && set.knownAlone && set.rows[from]! !== 0;
      for (let k = unknown ? 1 : 0; k < (known ? 1 : K); k++) ids[to + k] = set.rows[from + k]!;
    }
  });
  return { ids, mask };
}

function sumOwnRows(shared: SharedTraining, own: number, D: number, placeOfRow: Int32Array): { rows: number[]; gradients: Float32Array } {
  const rows: number[] = [];
  const total = shared.rows.reduce((n, r) => n + r[0]!, 0);
  const gradients = new Float32Array(total * D);
  shared.rows.forEach((touched, shard) => {
    for (let i = 0; i < touched[0]!; i++) {
      const row = touched[i + 1]!;
      if (row % SHARDS !== own) continue;
      let place = placeOfRow[row]!;
      if (place < 0) {
        place = placeOfRow[row] = rows.length;
        rows.push(row);
      }
      for (let e = 0; e < D; e++) gradients[place * D + e]! += shared.rowGradients[shard]![i * D + e]!;
    }
  });
  for (const row of rows) placeOfRow[row] = -1;
  return { rows, gradients };
}
