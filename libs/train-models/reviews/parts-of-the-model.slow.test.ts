import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { ModelManifest } from '#contracts';
import { openModel } from '#run-onnx';
import { writeTrainingData } from '../../testkit/training-data.js';
import { ablate } from './ablations.js';
import { readBaseModel } from './base-model.js';
import { compareReadings, writeHardModel } from './hard-attention.js';
import { trainingTexts } from './read-texts.js';
import { defaultTrainReviews, trainReviews } from './train-reviews.js';
import type { TrainReviewsOptions } from './train-reviews.js';

describe('what the parts of the review model are worth', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parts-'));
  after(() => rmSync(folder, { recursive: true }));
  writeTrainingData(folder);
  const options = (out: string): TrainReviewsOptions => ({
    ...defaultTrainReviews, texts: trainingTexts(folder), outFolder: join(folder, out), epochs: 4, historyEpochs: 1, threads: 1, maxTokens: 32, table: { mostWords: 100, fewestSightings: 2, hashRows: 256 }, onProgress: () => undefined,
  });

  it('is told by name, each on the dev set', async () => {
    const rows = [];
    for await (const row of ablate(options('ablations'), ['words-and-pairs', 'elman-attention', 'encoder-without-pieces', 'whole'])) rows.push(row);
    assert.deepEqual(rows.map(({ name }) => name), ['words-and-pairs', 'elman-attention', 'encoder-without-pieces', 'whole', 'whole + words and pairs', 'history: state', 'history: memory', 'history: both']);
    for (const { name, devLoss, weights, bySource, history } of rows) {
      assert.ok(weights > 0, name);
      if (history === null) assert.ok(devLoss < 0.5 && bySource['sst2.dev']!.auc > 0.9, `${name}: ${devLoss}, ${bySource['sst2.dev']!.auc}`);
      else assert.ok(history.verdict <= history.text, name);
    }
  });

  it('measures hard attention by how much is read, and writes a model that serves with it', async () => {
    await trainReviews(options('plain'));
    const from = join(folder, 'plain');
    const manifest = JSON.parse(readFileSync(join(from, 'model.json'), 'utf8')) as ModelManifest;
    const base = readBaseModel(from, manifest);
    const [all, most, some] = await compareReadings(base, trainingTexts(folder), 5, [5, 3]);
    assert.deepEqual([all!.keep, most!.keep, some!.keep, all!.share], [null, 5, 3, 1]);
    assert.ok(some!.share < most!.share && most!.share < 1 && some!.figures.auc > 0.9, JSON.stringify(some));
    const modelId = writeHardModel(join(folder, 'hard'), 'hard', { folder: from, manifest, base }, { over: 8, keep: 3 }, [all!, some!]);
    const [soft, hard] = await Promise.all(['plain', 'hard'].map((name) => openModel(join(folder, name), { encoderThreads: 1 })));
    assert.deepEqual([hard!.manifest.modelId, hard!.manifest.encoder!.selects], [modelId, { over: 8, keep: 3 }]);
    const short = 'the tablet is awful';
    const long = 'the tablet is big and red and small and blue and it is awful and useless and red';
    const bySoft = await soft!.encoder!.encode([short, long]);
    const byHard = await hard!.encoder!.encode([short, long]);
    assert.deepEqual(byHard[0], bySoft[0]);
    assert.notDeepEqual(byHard[1]!.vector, bySoft[1]!.vector);
    assert.deepEqual((await hard!.encoder!.encode([long]))[0], byHard[1]);
    assert.match(readFileSync(join(folder, 'hard', 'card.md'), 'utf8'), /of texts of more than 8 tokens the network reads the 3 that weigh most/);
    await Promise.all([soft!, hard!].map((model) => model.close()));
  });
});
