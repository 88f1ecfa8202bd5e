/**
 * What training must know of a network that reads texts, whichever it is: its weights, and its two graphs.
 * - training: tokens [T, B, E] (summed rows), mask [B, T] (0 or MASKED), lengths int64 [B], zero [B, H], keep [B, P] (dropout
 *   of what is pooled: 0 or 1 / kept share), target and weight [B, 1], and every parameter
 *   -> loss [1], d.tokens [T, B, E], d.<parameter>.
 * - serving: ids int32 [B, T, K], lengths int32 [B] -> vector [B, D], logit [B].
 */
import type { Parameters, Shapes } from './parameters.js';

export interface TextNetwork {
  /** E */
  readonly tokenSize: number;
  /** H */
  readonly hiddenSize: number;
  /** P */
  readonly pooledSize: number;
  /** D */
  readonly vectorSize: number;
  readonly shapes: Shapes;
  /** The training graph, as a file. */
  readonly training: Uint8Array;
  readonly serving: (parameters: Parameters, table: Float32Array) => Uint8Array;
}
