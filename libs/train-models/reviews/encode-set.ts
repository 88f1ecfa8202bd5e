/** Runs the served encoder over many texts, each padded to its own bucket, as in service. */
import ort from 'onnxruntime-node';
import { bucketOf } from '#models';
import { seededRandom } from '#seeded-random';
import { batchesByLength } from './tokenized-set.js';
import type { TokenizedSet } from './tokenized-set.js';

export interface EncodedSet {
  /** In the order of the indices: log odds [N] and vectors [N, D]. */
  readonly logits: Float32Array;
  readonly vectors: Float32Array;
}

export const QUIET_SESSION = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', enableMemPattern: false, logSeverityLevel: 3 } as const;

/** blanks: share of tokens that are left out, seeded; 0 for what is served. */
export async function encodeSet(encoder: Uint8Array, set: TokenizedSet, indices: readonly number[], vectorSize: number, blanks: { share: number; seed: number } = { share: 0, seed: 0 }): Promise<EncodedSet> {
  const session = await ort.InferenceSession.create(encoder, QUIET_SESSION);
  const logits = new Float32Array(indices.length);
  const vectors = new Float32Array(indices.length * vectorSize);
  const placeOf = new Map(indices.map((text, place) => [text, place]));
  const random = seededRandom(blanks.seed);
  const K = set.slots;
  for (const batch of batchesByLength(set, indices, { tokens: 4096, fewest: 16, most: 128 })) {
    const T = bucketOf(set.lengths[batch[0]!]!);
    const ids = new Int32Array(batch.length * T * K);
    batch.forEach((text, b) => {
      for (let t = 0; t < set.lengths[text]!; t++) {
        if (blanks.share > 0 && random() < blanks.share) continue;
        const from = (set.offsets[text]! + t) * K;
        ids.set(set.rows.subarray(from, from + (set.knownAlone && set.rows[from] !== 0 ? 1 : K)), (b * T + t) * K);
      }
    });
    const results = await session.run({
      ids: new ort.Tensor('int32', ids, [batch.length, T, K]),
      lengths: new ort.Tensor('int32', Int32Array.from(batch, (text) => set.lengths[text]!), [batch.length]),
    });
    batch.forEach((text, b) => {
      const place = placeOf.get(text)!;
      logits[place] = (results['logit']!.data as Float32Array)[b]!;
      vectors.set((results['vector']!.data as Float32Array).subarray(b * vectorSize, (b + 1) * vectorSize), place * vectorSize);
    });
  }
  await session.release();
  return { logits, vectors };
}
