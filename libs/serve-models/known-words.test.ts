import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTokenizer } from '#models';
import { countWords } from './known-words.js';

const words = ['good', 'screen', 'the', 'naïve'];
const tokenizer = createTokenizer({ vocabulary: 'v', vocabularySize: words.length, hashRows: 50, slots: 4, maxTokens: 6 }, words);
const count = (text: string) => countWords(text, tokenizer.tokenize(text));

describe('countWords', () => {
  it('counts words, and those that the vocabulary holds, whatever their case', () => {
    assert.deepEqual(count('The SCREEN ist kaputt'), { words: 4, known: 2 });
    assert.deepEqual(count('naïve экран 画面'), { words: 4, known: 1 }); // each Han character is a word to the tokenizer
  });

  it('counts neither punctuation nor numbers nor emoji', () => {
    assert.deepEqual(count('good!!! 12 ... 🙂'), { words: 1, known: 1 });
    assert.deepEqual(count(''), { words: 0, known: 0 });
    assert.deepEqual(count('?! 12 \ud800'), { words: 0, known: 0 });
  });

  it('looks at what the model reads of a long text, its head and its tail', () => {
    assert.deepEqual(count('good good good weg weg weg weg weg screen screen the'), { words: 6, known: 6 });
  });
});
