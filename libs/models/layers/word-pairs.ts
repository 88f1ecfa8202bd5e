/**
 * What words and pairs of neighbouring words say by themselves: a linear part beside a network, as the wide part of Cheng
 * and others 2016, over a bag of words and hashed pairs (Weinberger and others 2009), divided by the root of their number
 * so that a text has a length of about one whatever it says. A token is known by its first row that is not empty; empty
 * rows (padding, and what is blanked) say nothing and pair with nothing.
 */
import { add, multiply, slice, squeeze, sum } from '../onnx/algebra.js';
import type { Graph, Value } from '../onnx/graph.js';
import { toEightBits } from './embedding-sum.js';

export interface WordPairWeights {
  /** Of each row of the embedding table, [R]; row 0 is empty. */
  readonly words: Float32Array;
  /** Of each bucket of pairs, [1 + PAIR_BUCKETS]; bucket 0 is empty. */
  readonly pairs: Float32Array;
}

/** A prime, so that neighbouring rows fall far apart. */
export const PAIR_BUCKETS = 131_071;
const LEFT_FACTOR = 92_821;
const INT64 = 7;
const FLOAT32 = 1;

/** Place of a pair among the buckets; rows above 0. */
const bucketOfPair = (left: number, right: number): number => 1 + ((left * LEFT_FACTOR + right) % PAIR_BUCKETS);

/** The same terms outside of the graph: rows [length, slots] -> words and pairs of one text, repeats as often as they stand. */
export function wordPairTerms(rows: Int32Array, slots: number): { words: number[]; pairs: number[] } {
  const words: number[] = [];
  const pairs: number[] = [];
  let left = 0;
  for (let at = 0; at < rows.length; at += slots) {
    const word = rows[at]! !== 0 || slots === 1 ? rows[at]! : rows[at + 1]!;
    if (word !== 0) words.push(word);
    if (word !== 0 && left !== 0) pairs.push(bucketOfPair(left, word));
    left = word;
  }
  return { words, pairs };
}

/** ids int32 [B, T, K], T and K 2 at least -> output [B], and of each token's word the weight in eight bits [B, T], as they are stored. */
export function wordPairs(g: Graph, name: string, { words, pairs }: WordPairWeights, ids: Value): { readonly output: Value; readonly ofWords: Value } {
  const zero = g.constant(`${name}.none`, [], BigInt64Array.of(0n));
  const slot = (k: number) => squeeze(g, slice(g, g.op('Cast', [ids], { to: INT64 }), k, k + 1, 2), 2); // [B, T]
  const known = slot(0);
  const word = g.op('Where', [g.op('Equal', [known, zero]), slot(1), known]);
  const left = slice(g, word, 0, -1, 1); // [B, T - 1]
  const right = slice(g, word, 1, Number.MAX_SAFE_INTEGER, 1);
  const stand = (rows: Value) => g.op('Greater', [rows, zero]);
  const both = g.op('And', [stand(left), stand(right)]);
  const integer = (key: string, value: number) => g.constant(`${name}.${key}`, [], BigInt64Array.of(BigInt(value)));
  const hash = g.op('Mod', [add(g, multiply(g, left, integer('factor', LEFT_FACTOR)), right), integer('buckets', PAIR_BUCKETS)]);
  const pair = g.op('Where', [both, add(g, hash, integer('first', 1)), zero]);

  const weigh = (key: string, weights: Float32Array, rows: Value) => {
    const { whole, scales } = toEightBits(weights, 1);
    const found = g.op('Cast', [g.op('Gather', [g.constant(`${name}.${key}`, [weights.length], whole), rows])], { to: FLOAT32 });
    return { found, total: multiply(g, sum(g, found, [1]), g.constant(`${name}.${key}.scale`, [], scales)) }; // [B, T] and [B]
  };
  const count = (which: Value) => sum(g, g.op('Cast', [which], { to: FLOAT32 }), [1]);
  const terms = g.op('Max', [add(g, count(stand(word)), count(both)), g.scalar(1)]);
  const ofWords = weigh('words', words, word);
  return { output: g.op('Div', [add(g, ofWords.total, weigh('pairs', pairs, pair).total), g.op('Sqrt', [terms])]), ofWords: ofWords.found };
}
