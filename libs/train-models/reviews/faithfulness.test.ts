import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EncodedText } from '#contracts';
import { faithfulness } from './faithfulness.js';

const ONLY = 'awful';
const texts = Array.from({ length: 200 }, (_, i) => `we bought this thing in town ${i} and it is ${ONLY} on every single day`);

/** A model whose score is one word; it shows that word, or the first three. */
const model = (honest: boolean) => async (given: readonly string[]): Promise<EncodedText[]> => given.map((text) => {
  const shown = honest ? [ONLY] : ['we', 'bought', 'this'];
  return { vector: new Float32Array(1), knownWords: 1, logit: text.includes(ONLY) ? 3 : -1, topWords: shown.filter((word) => text.includes(word)).map((word) => ({ word, start: text.indexOf(word), end: text.indexOf(word) + word.length, weight: 0.3 })) };
});

describe('faithfulness', () => {
  it('is large where the shown words are what the score rests on', async () => {
    const { texts: used, moveOfTop, moveOfRandom, medianRatio } = await faithfulness(model(true), texts, 100, 1);
    assert.equal(used, 100);
    assert.equal(moveOfTop, 4);
    assert.ok(moveOfRandom < 2 && medianRatio > 3, `${moveOfRandom}, ${medianRatio}`);
  });

  it('is nothing where they are not', async () => {
    const { moveOfTop, medianRatio } = await faithfulness(model(false), texts, 100, 1);
    assert.deepEqual([moveOfTop, medianRatio], [0, 0]);
  });

  it('leaves out texts of fewer than ten words', async () => {
    assert.equal((await faithfulness(model(true), ['it is awful', ...texts], 1_000, 1)).texts, 200);
  });
});
