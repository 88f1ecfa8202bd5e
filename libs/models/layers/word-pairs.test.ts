import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import ort from 'onnxruntime-node';
import { seededRandom } from '#seeded-random';
import { Graph } from '../onnx/graph.js';
import { PAIR_BUCKETS, wordPairs, wordPairTerms } from './word-pairs.js';

const TABLE_ROWS = 60_000;
const SLOTS = 3;

describe('the linear part over words and pairs of words', async () => {
  const random = seededRandom(2);
  const eighths = (count: number) => Float32Array.from({ length: count }, (_, i) => (i === 0 ? 0 : i === 1 ? 127 / 64 : Math.round(254 * random() - 127) / 64)); // eight bits, exactly
  const weights = { words: eighths(TABLE_ROWS), pairs: eighths(1 + PAIR_BUCKETS) };
  const g = new Graph('linear');
  g.output(wordPairs(g, 'linear', weights, g.input('ids', 'int32', ['B', 'T', SLOTS])).output, 'float32', ['B'], 'logit');
  const session = await ort.InferenceSession.create(g.toModel(), { logSeverityLevel: 3, intraOpNumThreads: 1 });
  const logits = async (texts: readonly number[][], bucket: number) => {
    const ids = new Int32Array(texts.length * bucket * SLOTS);
    texts.forEach((rows, i) => ids.set(rows, i * bucket * SLOTS));
    return [...((await session.run({ ids: new ort.Tensor('int32', ids, [texts.length, bucket, SLOTS]) }))['logit']!.data as Float32Array)];
  };
  const some = () => 1 + Math.floor(random() * (TABLE_ROWS - 1));
  const token = () => [[some(), 0, 0], [0, some(), some()], [0, 0, 0]][Math.floor(random() * 2.2)]!; // known, unknown, blanked
  const texts = Array.from({ length: 60 }, (_, n) => Array.from({ length: 1 + (n % 16) }, token).flat());

  it('is the sum of the terms that are counted outside of the graph, over the root of their number', async () => {
    const found = await logits(texts, 16);
    texts.forEach((rows, i) => {
      const { words, pairs } = wordPairTerms(Int32Array.from(rows), SLOTS);
      const sum = words.reduce((all, at) => all + weights.words[at]!, 0) + pairs.reduce((all, at) => all + weights.pairs[at]!, 0);
      assert.ok(Math.abs(found[i]! - sum / Math.sqrt(Math.max(1, words.length + pairs.length))) < 1e-5, `text ${i}`);
    });
    assert.ok(new Set(found).size > 50);
  });

  it('takes each word and each pair of neighbours, none across a gap, repeats as often as they stand', () => {
    const { words, pairs } = wordPairTerms(Int32Array.from([[5, 0, 0], [7, 0, 0], [0, 0, 0], [5, 0, 0], [7, 0, 0], [0, 9, 2]].flat()), SLOTS);
    assert.deepEqual(words, [5, 7, 5, 7, 9]);
    assert.equal(pairs.length, 3);
    assert.equal(pairs[0], pairs[1]);
    assert.notEqual(pairs[0], wordPairTerms(Int32Array.from([7, 0, 0, 5, 0, 0]), SLOTS).pairs[0]);
    assert.ok(pairs.every((pair) => pair >= 1 && pair <= PAIR_BUCKETS));
  });

  it('gives a text its bits, whatever stands beside it', async () => {
    const together = await logits(texts, 16);
    for (const [i, text] of texts.entries()) assert.equal((await logits([text], 16))[0], together[i]);
  });

  it('says nothing of a text without words', async () => {
    assert.deepEqual(await logits([[0, 0, 0]], 8), [0]);
  });
});
