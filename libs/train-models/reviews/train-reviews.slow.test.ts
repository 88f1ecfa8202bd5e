import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { seededRandom } from '#seeded-random';
import { TrainingStopped } from '../progress.js';
import { judgeFamily } from './families.js';
import { prepare } from './prepare.js';
import { defaultTrainReviews, trainReviews } from './train-reviews.js';
import type { TrainReviewsOptions } from './train-reviews.js';

const REVIEWS = ['datafiniti_amazon_devices', 'googleplay_netflix_2024', 'amazon_musical_instruments', 'amazon_multidomain', 'edmunds_dodge'];
const SENTENCES = ['sst2.train', 'mr.train', 'cr.all', 'uci_amazon_cells.all', 'uci_imdb.all'];

/** Made-up reviews in the shape of the real files: a few words decide. */
function writeData(folder: string): void {
  const random = seededRandom(4);
  const pick = (words: string) => words.split(' ')[Math.floor(random() * words.split(' ').length)]!;
  const sentence = (bad: boolean) => `the ${pick('tablet case song film')} is ${bad ? pick('awful broken useless') : pick('lovely great perfect')} and ${pick('big small red blue')}`;
  mkdirSync(join(folder, 'reviews'));
  mkdirSync(join(folder, 'sentiment'));
  for (const [k, name] of REVIEWS.entries()) {
    const lines = Array.from({ length: 80 }, (_, i) => {
      const bad = random() < 0.3;
      return JSON.stringify({ productId: `p${i % 4}`, rating: bad ? 1 : 5, title: i % 2 === 0 ? 'my view' : undefined, text: sentence(bad), reviewedAt: new Date(Date.UTC(2020, k, 1, i)).toISOString() });
    });
    writeFileSync(join(folder, 'reviews', `${name}.jsonl.gz`), gzipSync(`${lines.join('\n')}\n`));
  }
  for (const name of [...SENTENCES, 'sst2.dev']) {
    const lines = Array.from({ length: 20 }, (_, i) => `${i % 2}\t${sentence(i % 2 === 0)}`);
    writeFileSync(join(folder, 'sentiment', `${name}.tsv.gz`), gzipSync(`${lines.join('\n')}\n`));
  }
}

describe('training the review model', () => {
  const folder = mkdtempSync(join(tmpdir(), 'train-reviews-'));
  after(() => rmSync(folder, { recursive: true }));
  writeData(folder);
  const options = (out: string, other: Partial<TrainReviewsOptions> = {}): TrainReviewsOptions => ({
    ...defaultTrainReviews, dataFolder: folder, outFolder: join(folder, out), epochs: 8, historyEpochs: 2, threads: 1, maxTokens: 32, table: { mostWords: 100, fewestSightings: 2, hashRows: 256 }, onProgress: () => undefined, ...other,
  });
  const modelFiles = (out: string) => ['model.json', 'encoder.onnx', 'state.onnx', 'vocabulary.txt'].map((file) => readFileSync(join(folder, out, file)));
  const plain = trainReviews(options('plain'));

  it('learns which words decide, and says so in its card', async () => {
    const card = await plain;
    assert.ok(card.figures['all streams']!.text.auc > 0.9, String(card.figures['all streams']!.text.auc));
    assert.ok(card.figures['all streams']!.history.logLoss < 0.7);
    assert.equal(card.data.length, 10);
    assert.match(readFileSync(join(folder, 'plain', 'card.md'), 'utf8'), /## Limits/);
  });

  it('gives the same files with two threads', async () => {
    await plain;
    await trainReviews(options('threads', { threads: 2 }));
    assert.deepEqual(modelFiles('threads'), modelFiles('plain'));
  });

  it('gives the same files when it was stopped and resumed', async () => {
    await plain;
    const stop = new AbortController();
    let steps = 0;
    const stopped = trainReviews(options('resumed', { signal: stop.signal, onProgress: ({ loss }) => { if (loss !== null && ++steps === 8) stop.abort(); } }));
    await assert.rejects(stopped, TrainingStopped);
    await assert.rejects(trainReviews(options('resumed', { resume: true, seed: 2 })), /was begun with .*"seed":1.*now it is .*"seed":2/);
    await trainReviews(options('resumed', { resume: true }));
    assert.deepEqual(modelFiles('resumed'), modelFiles('plain'));
    assert.ok(!existsSync(join(folder, 'resumed', '.stopped')));
  });

  it('gives the same files when it was stopped behind the encoder', async () => {
    await plain;
    const stop = new AbortController();
    const stopped = trainReviews(options('late', { signal: stop.signal, onProgress: ({ phase }) => { if (phase === 'history') stop.abort(); } }));
    await assert.rejects(stopped, TrainingStopped);
    let steps = 0;
    await trainReviews(options('late', { resume: true, onProgress: ({ phase }) => { if (phase === 'encoder') steps += 1; } }));
    assert.equal(steps, 0);
    assert.deepEqual(modelFiles('late'), modelFiles('plain'));
  });

  it('leaves a family out of training and dev, whatever other set repeats its sentences, and judges it beside TF-IDF', async () => {
    const leftOut = { source: 'cr.all', fold: null };
    const data = await prepare({ ...options('none'), vectors: null, tokenSize: 4, leftOut });
    const letters = new Set(data.leftOut.map((i) => data.texts[i]!.text));
    assert.equal(data.leftOut.length, 20);
    assert.ok([...data.train, ...data.dev].every((i) => data.texts[i]!.source !== 'cr.all'));
    assert.ok(data.train.every((i) => data.texts[i]!.title !== null || !letters.has(data.texts[i]!.text)));
    const stream = await prepare({ ...options('none'), vectors: null, tokenSize: 4, leftOut: { source: 'edmunds_dodge', fold: null } });
    assert.equal(stream.leftOut.length, 80);
    assert.ok([...stream.train, ...stream.dev].every((i) => stream.texts[i]!.source !== 'edmunds_dodge'));
    const { encoder, tfidf } = await judgeFamily(options('family'), leftOut);
    assert.ok(encoder.auc > 0.9 && tfidf.auc > 0.9, `${encoder.auc} and ${tfidf.auc}`);
  });

  it('names the file that is missing', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'no-data-'));
    await assert.rejects(trainReviews(options('never', { dataFolder: empty })), /reviews\/datafiniti_amazon_devices\.jsonl\.gz is not in the data folder/);
    rmSync(empty, { recursive: true });
  });
});
