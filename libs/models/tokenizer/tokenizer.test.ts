import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bucketOf, createTokenizer, normalForms, tableRows } from './tokenizer.js';

const WORDS = ['bad', 'good', 'terrible', "don't", '!!', '😡', '5'];
const spec = { vocabulary: 'vocabulary.txt', vocabularySize: WORDS.length, hashRows: 1009, slots: 4, maxTokens: 16 };
const tokenizer = createTokenizer(spec, WORDS);
const rows = (text: string) => [...tokenizer.tokenize(text).rows];
const tokens = (text: string) => {
  const t = tokenizer.tokenize(text);
  return Array.from({ length: t.length }, (_, i) => text.slice(t.starts[i], t.ends[i]));
};

describe('a text is cut into', () => {
  it('words, numbers, punctuation runs and emoji, each with its own span', () => {
    assert.deepEqual(tokens("Don't buy!! 4.5 stars😡😡😡 :( ok."), ["Don't", 'buy', '!!', '4.5', 'stars', '😡😡😡', ':(', 'ok', '.']);
  });
  it('words that hide signs inside', () => {
    assert.deepEqual(tokens('cr@p $ucks f**k *bold* $5'), ['cr@p', '$ucks', 'f**k', '*', 'bold', '*', '$', '5']);
  });
  it('emoji with their modifiers and joiners, flags in pairs', () => {
    assert.deepEqual(tokens('👍🏽👍🏽 👨‍👩‍👧 🇩🇪🇫🇷❤️'), ['👍🏽👍🏽', '👨‍👩‍👧', '🇩🇪', '🇫🇷', '❤️']);
  });
  it('ideographs one by one', () => assert.deepEqual(tokens('很好 app'), ['很', '好', 'app']));
  it('nothing when there is nothing: one empty token', () => assert.deepEqual([tokens(' \n\t'), rows('')], [[''], [0, 0, 0, 0]]));
});

describe('the rows of a token', () => {
  it('are the same for upper case, full width and bold letters', () => {
    assert.deepEqual(rows('TERRIBLE'), rows('terrible'));
    assert.deepEqual(rows('𝘁𝗲𝗿𝗿𝗶𝗯𝗹𝗲'), rows('terrible'));
    assert.deepEqual(rows('ｂａｄ'), rows('bad'));
  });
  it('share the skeleton row under elongation, leetspeak, accents and hidden zero-width characters', () => {
    for (const disguised of ['baaaaad', 'b4d', 'b@d', 'bád', 'b\u200bad']) assert.equal(rows(disguised)[1], rows('bad')[1], disguised);
    assert.equal(rows('baaaad')[0], rows('bad')[0]);
  });
  it('share the consonants row under misspelt vowels and doubled letters', () => {
    for (const misspelt of ['terible', 'terrable', 'terribel', 'terrrrible']) assert.equal(rows(misspelt)[2], rows('terrible')[2], misspelt);
    assert.equal(rows('sh*tty')[2], rows('shitty')[2]);
  });
  it('share the stem row among inflections', () => assert.equal(rows('disappointing')[3], rows('dissapointed')[3]));
  it('of an unknown word are not those of a known one', () => {
    assert.equal(rows('alligator')[0], 0);
    assert.ok(rows('alligator').slice(1).every((r) => r > WORDS.length));
  });
  it('are, where words known stand alone, those of the word or those of its keys', () => {
    const alone = createTokenizer({ ...spec, knownAlone: true }, WORDS);
    assert.deepEqual([...alone.tokenize('terrible').rows], [rows('terrible')[0], 0, 0, 0]);
    assert.deepEqual([...alone.tokenize('terible').rows], rows('terible'));
  });
  it('treat a row of exclamation marks as two', () => assert.deepEqual(rows('!!!!!!!'), rows('!!')));
});

describe('a long text', () => {
  it('keeps its head and its tail', () => {
    const text = Array.from({ length: 40 }, (_, i) => `w${i}x`).join(' ');
    assert.deepEqual(tokens(text), [...Array(8).keys(), ...Array.from({ length: 8 }, (_, i) => 32 + i)].map((i) => `w${i}x`));
  });
  it('is padded to a bucket that depends on its own length', () => {
    assert.deepEqual([1, 8, 9, 33, 64, 65, 200, 256, 600].map(bucketOf), [8, 8, 16, 48, 64, 96, 256, 256, 640]);
  });
});

describe('whatever the text', () => {
  it('spans are ordered, rows are in the table, and a repeat gives the same', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })), (text) => {
      const t = tokenizer.tokenize(text);
      let at = 0;
      for (let i = 0; i < t.length; i++) {
        assert.ok(t.starts[i]! >= at && t.ends[i]! >= t.starts[i]! && t.ends[i]! <= text.length);
        at = t.ends[i]!;
      }
      assert.ok(t.rows.every((r) => r >= 0 && r < tableRows(spec)));
      assert.deepEqual(tokenizer.tokenize(text), t);
    }), { numRuns: 300 });
  });
  it('normal forms are those of all tokens', () => assert.deepEqual(normalForms('Sooooo BAD 12345!!!'), ['soo', 'bad', '00000', '!!']));
  it('a vocabulary of another size is refused', () => assert.throws(() => createTokenizer(spec, ['a']), /has 1 words.*made for 7/));
});
