import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { ModelManifest } from '#contracts';
import { openModel } from '#run-onnx';
import { seededRandom } from '#seeded-random';
import { writeTrainingData } from '../../testkit/training-data.js';
import { TrainingStopped } from '../progress.js';
import { judgeFamily } from './families.js';
import { prepare } from './prepare.js';
import { readBaseModel } from './base-model.js';
import { trainingTexts } from './read-texts.js';
import type { LabelledText, TrainingTexts } from './read-texts.js';
import { defaultTrainReviews, GOING_ON, trainReviews } from './train-reviews.js';
import type { TrainReviewsOptions } from './train-reviews.js';

describe('training the review model', () => {
  const folder = mkdtempSync(join(tmpdir(), 'train-reviews-'));
  after(() => rmSync(folder, { recursive: true }));
  writeTrainingData(folder);
  const options = (out: string, other: Partial<TrainReviewsOptions> = {}): TrainReviewsOptions => ({
    ...defaultTrainReviews, texts: trainingTexts(folder), outFolder: join(folder, out), epochs: 8, historyEpochs: 2, threads: 1, maxTokens: 32, table: { mostWords: 100, fewestSightings: 2, hashRows: 256 }, onProgress: () => undefined, ...other,
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

  it('stops where the loss is no number any more, and says where', async () => {
    await assert.rejects(trainReviews(options('burst', { recipe: { ...defaultTrainReviews.recipe, peakRate: 1e38 } })), /Training came to nothing: the loss was (NaN|Infinity) in epoch 1, batch \d+ of \d+/);
  });

  it('names the file that is missing', () => {
    const empty = mkdtempSync(join(tmpdir(), 'no-data-'));
    assert.throws(() => trainingTexts(empty), /reviews\/datafiniti_amazon_devices\.jsonl\.gz is not in the data folder/);
    rmSync(empty, { recursive: true });
  });

  describe('with one\'s own reviews', () => {
    const random = seededRandom(8);
    const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)]!;
    // words that the shared files do not hold decide here, besides one that they do
    const own = Array.from({ length: 600 }, (_, i): LabelledText => {
      const negative = random() < 0.4;
      return { source: 'mine', productId: `k${i % 5}`, title: null, text: `the tent was ${pick(negative ? ['leaky', 'soggy', 'awful'] : ['sturdy', 'roomy', 'lovely'])} on our ${pick(['first', 'second', 'last'])} night`, rating: negative ? 1 : 5, at: Date.UTC(2024, 0, 1) + i * 3_600_000, negative };
    });
    const texts: TrainingTexts = { reviews: own, sentences: [], judged: [], files: [{ file: 'mine.csv', sha256: '0'.repeat(64), rows: own.length, licence: 'your own' }], about: 'Reviews of tents.' };
    const base = async () => {
      await plain;
      return readBaseModel(join(folder, 'plain'), JSON.parse(readFileSync(join(folder, 'plain', 'model.json'), 'utf8')) as ModelManifest);
    };

    it('goes on from a model: knows the new words, keeps its vocabulary, says what it was before', async () => {
      const card = await trainReviews(options('own', { texts, base: await base(), recipe: GOING_ON }));
      const [before, now] = [card.before!.figures['mine']!.history, card.figures['mine']!.history];
      assert.ok(now.logLoss < 0.8 * before.logLoss, `${before.logLoss} -> ${now.logLoss}`);
      assert.ok(now.auc > 0.95, String(now.auc));
      assert.equal(readFileSync(join(folder, 'own', 'vocabulary.txt'), 'utf8'), readFileSync(join(folder, 'plain', 'vocabulary.txt'), 'utf8'));
      assert.match(readFileSync(join(folder, 'own', 'card.md'), 'utf8'), /Beside the model that it went on from[\s\S]*- Reviews of tents\./);
      await openModel(join(folder, 'own'), { encoderThreads: 1 }).then((model) => model.close());
    });

    it('is not resumed on another model than it was begun with', async () => {
      const stop = new AbortController();
      const going = options('torn', { texts, base: await base(), recipe: GOING_ON });
      await assert.rejects(trainReviews({ ...going, signal: stop.signal, onProgress: ({ loss }) => { if (loss !== null) stop.abort(); } }), TrainingStopped);
      await assert.rejects(trainReviews({ ...going, base: { ...going.base!, modelId: 'another' }, resume: true }), /was begun with .*"goesOnFrom":"reviews-v5-.*now it is .*"goesOnFrom":"another"/);
    });

    it('makes a new model from them as well', async () => {
      const card = await trainReviews(options('new', { texts }));
      assert.equal(card.before, null);
      assert.ok(card.figures['mine']!.text.auc > 0.95);
    });

    it('refuses one class, and texts that are all the same, before the work', async () => {
      const with_ = (change: (text: LabelledText) => LabelledText) => trainReviews(options('never', { texts: { ...texts, reviews: own.map(change) } }));
      await assert.rejects(with_((text) => ({ ...text, rating: 5, negative: false })), /Of mine\.csv, the \d+ texts to train on hold 0 negative ones/);
      await assert.rejects(with_((text) => ({ ...text, text: 'good' })), /All \d+ texts of mine\.csv are the same \("good"\)/);
    });

    it('keeps the model that was there when the disk is full', { skip: existsSync('/dev/full') ? false : 'this system has no /dev/full' }, async () => {
      const taken = join(folder, 'taken');
      mkdirSync(taken);
      symlinkSync('/dev/full', join(taken, 'state.onnx.new'));
      writeFileSync(join(taken, 'model.json'), 'as it was');
      await assert.rejects(trainReviews(options('taken', { texts, epochs: 1, historyEpochs: 1 })), /could not be written to .*ENOSPC.*; what was there is as it was/);
      assert.equal(readFileSync(join(taken, 'model.json'), 'utf8'), 'as it was');
      assert.deepEqual(readdirSync(taken).sort(), ['.stopped', 'model.json']);
    });
  });
});
