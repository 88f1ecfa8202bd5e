/** A data folder to train review models on, made up in the shape of the real files: a few words decide. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { seededRandom } from '#seeded-random';

const REVIEWS = ['datafiniti_amazon_devices', 'googleplay_netflix_2024', 'amazon_musical_instruments', 'amazon_multidomain', 'edmunds_dodge'];
const SENTENCES = ['sst2.train', 'mr.train', 'cr.all', 'uci_amazon_cells.all', 'uci_imdb.all'];

export function writeTrainingData(folder: string): void {
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
