import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '#seeded-random';
import { trainTfidf } from './tfidf.js';

describe('TF-IDF with logistic regression', () => {
  const random = seededRandom(3);
  const pick = (words: string) => words.split(' ')[Math.floor(random() * words.split(' ').length)]!;
  const made = Array.from({ length: 600 }, (_, i) => ({ label: i % 2, text: `the ${pick('film song tablet')} is ${i % 2 === 1 ? pick('bad awful poor') : pick('good lovely fine')} ${pick('today here again')}` }));
  const trained = trainTfidf(made.slice(0, 400).map((m) => m.text), made.slice(0, 400).map((m) => m.label));

  it('learns which words decide, and is right on texts that it did not see', () => {
    assert.ok(made.slice(400).every(({ text, label }) => (trained.score(text) > 0) === (label === 1)));
    assert.ok(trained.score('awful') > trained.score('film') && trained.score('film') > trained.score('lovely'));
  });

  it('knows pairs of words: "not good" is not "good"', () => {
    const texts = Array.from({ length: 400 }, (_, i) => [`it is good ${i % 7}`, `it is not bad ${i % 5}`, `it is bad ${i % 3}`, `it is not good ${i % 4}`][i % 4]!);
    const labels = texts.map((_, i) => [0, 0, 1, 1][i % 4]!);
    const pairs = trainTfidf(texts, labels);
    assert.ok(pairs.score('it is not good') > 0 && pairs.score('it is good') < 0 && pairs.score('it is not bad') < 0);
  });

  it('comes near the minimum that plain gradient descent finds', () => {
    // one feature in all texts of a class, a share of labels flipped: the optimum has a closed form up to regularisation
    const texts = Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 'alpha' : 'beta'));
    const labels = texts.map((_, i) => (i % 2 === 0 ? Number(i % 10 === 0) : Number(i % 10 !== 1))); // 20 % and 80 %
    const flipped = trainTfidf(texts, labels);
    for (const [word, p] of [['alpha', 0.2], ['beta', 0.8]] as const) assert.ok(Math.abs(1 / (1 + Math.exp(-flipped.score(word))) - p) < 0.03, `${word} ${flipped.score(word)}`);
  });

  it('refuses one class', () => {
    assert.throws(() => trainTfidf(['a', 'b'], [1, 1]), /one class/);
  });
});
