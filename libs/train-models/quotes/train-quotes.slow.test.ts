import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { ModelManifest } from '#contracts';
import { DEFAULT_HORIZONS, DEFAULT_LEVELS, FEATURE_SIZE, forecastSettings } from '#forecast-prices';
import { seededRandom } from '#seeded-random';
import { TrainingStopped } from '../progress.js';
import { parseQuotes, readQuoteFile } from './read-quotes.js';
import { groupBy, isHeldOut, makeSeries, splitTimes } from './series.js';
import { defaultTrainQuotes, trainQuotes, type TrainQuotesOptions } from './train-quotes.js';

const folder = mkdtempSync(join(tmpdir(), 'quotes-'));
after(() => rmSync(folder, { recursive: true }));
const FILE = { name: 'made_up', interval: '1d', licence: 'made for this test', repeats: 1, devWeight: 1 };
const SETTINGS = forecastSettings({ horizons: DEFAULT_HORIZONS, levels: DEFAULT_LEVELS });

/** Days of 12 symbols whose volatility comes and goes. */
function madeUp(days: number): string {
  const random = seededRandom(5);
  const normal = (): number => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  const symbols = Array.from({ length: 12 }, (_, i) => ({ name: `S${i}`, price: 50 + i, volatility: 0.01 }));
  const lines = ['symbol,timestamp,open,high,low,close,volume'];
  for (let day = 0; day < days; day += 1) {
    for (const s of symbols) {
      s.volatility = Math.exp(0.95 * Math.log(s.volatility) + 0.05 * Math.log(0.01) + 0.2 * normal());
      const open = s.price;
      s.price *= Math.exp(s.volatility * normal());
      lines.push([s.name, new Date(Date.UTC(2020, 0, 1 + day)).toISOString().slice(0, 10), open, Math.max(open, s.price), Math.min(open, s.price), s.price, 1000].join(','));
    }
  }
  return `${lines.join('\n')}\n`;
}
const text = madeUp(260);
mkdirSync(join(folder, 'quotes'));
writeFileSync(join(folder, 'quotes', `${FILE.name}.csv.gz`), gzipSync(text));

const options = (out: string, more: Partial<TrainQuotesOptions> = {}): TrainQuotesOptions => ({
  ...defaultTrainQuotes, read: (file) => Promise.resolve(readQuoteFile(folder, file)), outFolder: join(folder, out), epochs: 3, files: [FILE],
  sizes: { hiddenSize: 6, memoryPlaces: 4, memorySize: 3, readSize: 6 }, settings: { ...defaultTrainQuotes.settings, lanes: 8, chunk: 16, stretch: 64 },
  onProgress: () => undefined, ...more,
});
const bytesOf = (out: string): Buffer[] => ['model.json', 'state.onnx', 'card.json', 'card.md'].map((name) => readFileSync(join(folder, out, name)));

describe('training the quote model', () => {
  it('gives the same bytes for the same seed, learns, and writes a whole folder', async () => {
    const losses: number[] = [];
    const card = await trainQuotes(options('a', { onProgress: ({ phase, loss }) => { if (phase === 'train' && loss !== null) losses.push(loss); } }));
    await trainQuotes(options('b'));
    assert.deepEqual(bytesOf('a'), bytesOf('b'));
    assert.ok(card.epochs.at(-1)!.trainLoss < card.epochs[0]!.trainLoss);
    assert.ok(losses.every(Number.isFinite) && losses.length > 0);
    const manifest = JSON.parse(bytesOf('a')[0]!.toString()) as ModelManifest;
    assert.equal(manifest.modelId, card.modelId);
    assert.equal(manifest.state.features.shape[0], FEATURE_SIZE);
    assert.equal(manifest.hashes['state.onnx'], card.stateSha256);
    assert.deepEqual(card.test.map((f) => `${f.horizon} ${f.symbols}`), DEFAULT_HORIZONS.flatMap((h) => [`${h} seen`, `${h} unseen`]));
  });

  it('stopped after an epoch and resumed ends with the bytes of an undisturbed one', async () => {
    const stop = new AbortController();
    const stopped = trainQuotes(options('c', { signal: stop.signal, onProgress: ({ message }) => { if (message.startsWith('epoch 2')) stop.abort(); } }));
    await assert.rejects(stopped, TrainingStopped);
    let firstEpoch = '';
    await trainQuotes(options('c', { resume: true, onProgress: ({ phase, message }) => { if (phase === 'train' && firstEpoch === '') firstEpoch = message; } }));
    assert.equal(firstEpoch, 'epoch 3 of 3');
    await trainQuotes(options('d'));
    assert.deepEqual(bytesOf('c'), bytesOf('d'));
  });

  it('learns the horizons it is given', async () => {
    const card = await trainQuotes(options('f', { horizons: [1, 3], epochs: 1 }));
    const { horizons, state } = JSON.parse(bytesOf('f')[0]!.toString()) as ModelManifest;
    assert.deepEqual([horizons, state.outputs[0]!.shape], [[1, 3], [2 * DEFAULT_LEVELS.length]]);
    assert.deepEqual([...new Set(card.test.map(({ horizon }) => horizon))], [1, 3]);
  });

  it('does not go on from a training of other data or settings', async () => {
    const stop = new AbortController();
    await assert.rejects(trainQuotes(options('g', { signal: stop.signal, onProgress: ({ phase }) => { if (phase === 'train') stop.abort(); } })), TrainingStopped);
    await assert.rejects(trainQuotes(options('g', { resume: true, seed: 9 })), { code: 'SETTING_INVALID', message: /was begun with other data, horizons, seed or epochs/ });
  });

  it('says when there are too few bars', async () => {
    await assert.rejects(trainQuotes(options('h', { horizons: [1, 250] })), { code: 'INPUT_FILE_INVALID', message: /^3120 bars of 12 symbols .* leave 0 to train on and 0 to choose the epoch by/ });
  });

  it('says which file is missing and which line is wrong', async () => {
    await assert.rejects(trainQuotes(options('e', { files: [{ ...FILE, name: 'absent' }] })), { code: 'INPUT_FILE_INVALID', message: /absent/ });
    assert.throws(() => parseQuotes('symbol,timestamp,open,high,low,close,volume\nA,2020-01-01,1,1,1,0,1', FILE), { message: /line 2 of made_up/ });
    assert.throws(() => parseQuotes('a,b\n', FILE), { message: /expected the header/ });
  });
});

describe('the series that training sees', () => {
  const quotes = parseQuotes(text, FILE);
  const series = makeSeries({ file: FILE, path: 'quotes/made_up.csv.gz', sha256: '', quotes }, SETTINGS, 1);

  it('have targets that are the later returns in units of the scale, none before warm-up or past the end', () => {
    for (const s of series) {
      for (let t = 0; t < s.bars; t += 1) {
        DEFAULT_HORIZONS.forEach((h, k) => {
          const y = s.targets[t * DEFAULT_HORIZONS.length + k]!;
          assert.equal(Number.isNaN(y), t < SETTINGS.warmupReturns || t + h >= s.bars, `bar ${t}, ${h} ahead`);
          if (Number.isNaN(y)) return;
          const actual = Math.log(s.quotes[t + h]!.close / s.quotes[t]!.close);
          assert.ok(Math.sign(y) === Math.sign(actual) || Math.abs(actual) < 1e-9);
        });
      }
    }
  });

  it('are split by one instant for all symbols, and hold whole symbols out by name alone', () => {
    const { devFrom, testFrom } = splitTimes(quotes);
    for (const s of series) {
      assert.ok(s.quotes[s.trainEnd - 1]!.at < devFrom && s.quotes[s.trainEnd]!.at >= devFrom);
      assert.ok(s.quotes[s.devEnd - 1]!.at < testFrom && s.quotes[s.devEnd]!.at >= testFrom);
      assert.equal(s.heldOut, isHeldOut(s.symbol, 1));
    }
    assert.ok(series.some((s) => s.heldOut) && series.some((s) => !s.heldOut));
  });

  it('do not carry targets over a split', () => {
    const group = groupBy(quotes, (q) => q.symbol).get('S0')!;
    const cut = group.map((q, i) => (i < 100 ? q : { ...q, close: q.close / 2, open: null, high: null, low: null }));
    const [one] = makeSeries({ file: FILE, path: 'quotes/made_up.csv.gz', sha256: '', quotes: cut }, SETTINGS, 1);
    const missing = DEFAULT_HORIZONS.map((_, k) => Array.from({ length: 100 }, (_, t) => t).filter((t) => t >= SETTINGS.warmupReturns && Number.isNaN(one!.targets[t * DEFAULT_HORIZONS.length + k]!)).length);
    assert.deepEqual(missing, DEFAULT_HORIZONS);
  });
});
