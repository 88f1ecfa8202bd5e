import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { TrainingStopped } from '#train-models';
import { readOwnTexts } from './train-own-texts.js';

describe('one\'s own reviews to train on', () => {
  const folder = mkdtempSync(join(tmpdir(), 'own-texts-'));
  after(() => rmSync(folder, { recursive: true }));
  const row = (i: number, rating: number, text = `text ${i}`) => JSON.stringify({ reviewId: `r${i}`, productId: 'kettle', title: 'My kettle', text, rating, reviewedAt: new Date(Date.UTC(2024, 0, 1) + i * 3_600_000).toISOString() });
  const write = (name: string, lines: readonly string[]) => {
    writeFileSync(join(folder, name), lines.join('\n'));
    return join(folder, name);
  };
  const options = { map: new Map<string, string>(), most: 100, now: Date.UTC(2025, 0, 1), signal: new AbortController().signal, onProgress: () => undefined, onRefused: () => undefined };

  it('become labelled texts: two stars and less are negative, the file is the stream, its hash goes into the card', async () => {
    const { texts } = await readOwnTexts([write('shop.jsonl', [row(1, 2), row(2, 2.5), row(3, 5)])], options);
    assert.deepEqual(texts.reviews.map(({ source, productId, title, text, rating, negative }) => [source, productId, title, text, rating, negative]), [
      ['shop', 'kettle', 'My kettle', 'text 1', 2, true], ['shop', 'kettle', 'My kettle', 'text 2', 2.5, false], ['shop', 'kettle', 'My kettle', 'text 3', 5, false],
    ]);
    assert.deepEqual(texts.files.map(({ file, rows }) => [file, rows]), [['shop.jsonl', 3]]);
    assert.match(texts.about, /shop\.jsonl/);
  });

  it('are named in the card with the hash of the whole file, gzip with something behind its end too', async () => {
    const bytes = [Buffer.from(row(1, 5)), gzipSync(row(1, 5)), Buffer.concat([gzipSync(row(1, 5)), Buffer.alloc(1_000_000)])];
    const paths = bytes.map((content, i) => join(folder, `hashed-${i}`));
    bytes.forEach((content, i) => writeFileSync(paths[i]!, content));
    const { texts } = await readOwnTexts(paths, options);
    assert.deepEqual(texts.files.map(({ rows, sha256 }) => [rows, sha256]), bytes.map((content) => [1, createHash('sha256').update(content).digest('hex')]));
  });

  it('are kept as long as memory allows: the newest, whatever the order of the file, and the last of a review that came again', async () => {
    const numbers = Array.from({ length: 350 }, (_, i) => (i * 37) % 350);
    const path = write('many.jsonl', [...numbers.map((i) => row(i, 4)), row(349, 1, 'changed my mind')]);
    const { texts, dropped, repeated } = await readOwnTexts([path], options);
    const ids = texts.reviews.map(({ at }) => (at! - Date.UTC(2024, 0, 1)) / 3_600_000).sort((a, b) => a - b);
    assert.deepEqual(ids, Array.from({ length: 100 }, (_, i) => 250 + i));
    assert.equal(dropped, 250);
    assert.equal(repeated, 1);
    assert.deepEqual(texts.reviews.filter(({ negative }) => negative).map(({ text }) => text), ['changed my mind']);
  });

  it('that cannot be used are told with file, line and reason', async () => {
    const said: string[] = [];
    const path = write('bad.jsonl', [row(1, 5), '{"broken', row(2, 9), JSON.stringify({ ...JSON.parse(row(3, 5)) as object, rating: null }), row(4, 1)]);
    const { texts, refused } = await readOwnTexts([path], { ...options, onRefused: (file, { line, code }) => said.push(`${file.slice(folder.length + 1)}:${line} ${code}`) });
    assert.deepEqual([texts.reviews.length, refused], [2, 3]);
    assert.deepEqual(said.sort(), ['bad.jsonl:2 invalid_json', 'bad.jsonl:3 out_of_range', 'bad.jsonl:4 missing_field']);
  });

  it('are no longer read when the training is stopped', async () => {
    const stop = new AbortController();
    stop.abort();
    await assert.rejects(readOwnTexts([write('stop.jsonl', [row(1, 5)])], { ...options, signal: stop.signal }), TrainingStopped);
  });
});
