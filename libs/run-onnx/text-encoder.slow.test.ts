import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { type EncodedText, TidewatchError } from '#contracts';
import { createTokenizer } from '#models';
import { startTextEncoder, type ThreadedEncoder } from '#encode-in-threads';
import { createSession } from './session.js';
import { tinyModel } from '../testkit/tiny-model.js';

const { manifest, files } = tinyModel();
const encoderFiles = { encoder: manifest.encoder!, model: files['encoder.onnx']!, vocabulary: files['vocabulary.txt']! };
const start = (threads: number, entry = './encoder-worker.js') => startTextEncoder(encoderFiles, { modelId: 'tiny', threads, entry: new URL(entry, import.meta.url) });
const crashing = (threads: number) => start(threads, './crashing-worker.js');

const word = fc.constantFrom('good', 'bad', 'Battery', 'battery', 'brokn', 'scr33n', '...', '!!', '🙂', 'naïve', 'кошка', '10', 'stopped');
const text = fc.array(word, { maxLength: 140 }).map((words) => words.join(' '));
/** To the last bit: deepEqual tells -0 from 0 and takes NaN as itself. */
const plain = (encoded: readonly EncodedText[]) => encoded.map(({ vector, logit, topWords }) => ({ vector: [...vector], logit, topWords }));

describe('the text encoder', () => {
  let one: ThreadedEncoder;
  let two: ThreadedEncoder;
  before(async () => void ([one, two] = await Promise.all([start(1), start(2)])));
  after(() => Promise.all([one.close(), two.close()]));

  it('gives a text the same bits alone, in any company, in one thread or two', async () => {
    await fc.assert(fc.asyncProperty(fc.array(text, { minLength: 2, maxLength: 30 }), fc.nat(), async (texts, cut) => {
      const alone: EncodedText[] = [];
      for (const single of texts) alone.push(...(await one.encode([single])));
      const at = cut % texts.length;
      const halves = await Promise.all([two.encode(texts.slice(0, at)), two.encode(texts.slice(at))]);
      assert.deepEqual(plain(await one.encode(texts)), plain(alone));
      assert.deepEqual(plain(halves.flat()), plain(alone));
      assert.deepEqual(plain(await two.encode([...texts].reverse())), plain([...alone].reverse()));
    }), { numRuns: 25 });
  });

  it('gives what the bare graph gives for the unpadded text, but for rounding', async () => {
    const session = await createSession(encoderFiles.model);
    const tokenizer = createTokenizer(encoderFiles.encoder.tokenizer, Buffer.from(encoderFiles.vocabulary).toString().trimEnd().split('\n'));
    for (const given of ['good', 'The battery stopped after weeks, refund', 'bad screen '.repeat(60)]) {
      const { rows, length } = tokenizer.tokenize(given);
      const bare = await session.run({ ids: { data: rows, shape: [1, length, 4] }, lengths: { data: Int32Array.of(length), shape: [1] } }, ['vector', 'logit']);
      const [encoded] = (await one.encode([given])) as [EncodedText];
      [...bare.vector!, bare.logit![0]!].forEach((value, i) => assert.ok(Math.abs(value - [...encoded.vector, encoded.logit][i]!) < 1e-5));
    }
    await session.release();
  });

  it('hands each of many requests at once its own texts in their order', async () => {
    const requests = Array.from({ length: 40 }, (_, r) => Array.from({ length: 1 + (r * 7) % 50 }, (_x, i) => `weeks ${r} ${'good '.repeat(i % 30)}${i}`));
    const answers = await Promise.all(requests.map((texts) => two.encode(texts)));
    for (const [r, texts] of requests.entries()) {
      assert.equal(answers[r]!.length, texts.length);
      for (const i of [0, texts.length - 1]) assert.deepEqual(plain([answers[r]![i]!]), plain(await one.encode([texts[i]!])));
    }
  });

  it('reads empty texts, texts of punctuation, lone surrogates and long texts', async () => {
    const odd = ['', ' \n', '?!', '\ud800', 'good '.repeat(6000), 'x'.repeat(32_000)];
    const encoded = await one.encode(odd);
    assert.ok(encoded.every(({ vector, logit }) => Number.isFinite(logit) && vector.every(Number.isFinite)));
    assert.deepEqual(encoded.map(({ topWords }) => topWords.map(({ word: w }) => w.slice(0, 4))), [[], [], [], [], ['good'], ['xxxx']]);
    assert.deepEqual(await one.encode([]), []);
  });

  it('shows at most five words, with spans of the very text and shares that fall', async () => {
    const given = 'The 🙂 battery stopped after 2 weeks, GOOD screen though; good refund!';
    const [{ topWords }] = (await one.encode([given])) as [EncodedText];
    assert.equal(topWords.length, 5);
    topWords.forEach(({ word: w, start, end, weight }, i) => {
      assert.equal(given.slice(start, end), w);
      assert.ok(weight > 0 && weight <= (topWords[i - 1]?.weight ?? 1));
    });
  });

  it('lets what was asked for finish when it closes, and refuses what comes after', async () => {
    const closing = await start(2);
    const asked = closing.encode(Array.from({ length: 300 }, (_, i) => `bad screen ${i}`));
    await closing.close();
    assert.equal((await asked).length, 300);
    await assert.rejects(closing.encode(['late']), TidewatchError);
    assert.deepEqual(closing.threadIds, []);
  });

  it('replaces a thread that dies and does its work once more, to the same bits', async () => {
    const fragile = await crashing(1);
    const [first] = fragile.threadIds;
    const crash = `crash ${first!} and nothing more`; // the longest text, so in the first job; ends the thread of now, none that comes after
    const texts = [crash, ...Array.from({ length: 200 }, (_, i) => `good ${i}`)];
    assert.deepEqual(plain(await fragile.encode(texts)), plain(await one.encode(texts)));
    assert.ok(fragile.threadIds[0]! > first!);
    await fragile.close();
  });

  it('fails the texts whose thread dies twice, and goes on with others', async () => {
    const fragile = await crashing(2);
    await assert.rejects(fragile.encode(['crash 1000000']), (error: unknown) => error instanceof TidewatchError && error.code === 'MODEL_OUTPUT_INVALID' && /gave no answer/.test(error.message));
    assert.equal((await fragile.encode(['good'])).length, 1);
    await fragile.close();
  });
});
