import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { leftOutOf, lettersOf, parseLeftOut } from './leave-out.js';
import type { LabelledText } from './read-texts.js';

const SOURCES = ['films', 'cars'];
const texts = ['films', 'cars', 'films', 'films', 'cars', 'films'].map((source, i): LabelledText => ({ source, productId: null, title: null, text: String(i), rating: null, at: null, negative: false }));
const places = (name: string) => leftOutOf(texts, parseLeftOut(name, SOURCES)).flatMap((left, i) => (left ? [i] : []));

describe('what is left out of training', () => {
  it('is a family', () => assert.deepEqual(places('cars'), [1, 4]));

  it('is a fold of one: the folds share nothing and are the family together', () => {
    assert.deepEqual([places('films:0/2'), places('films:1/2')], [[0, 3], [2, 5]]);
  });

  it('is nothing where nothing is named', () => assert.ok(leftOutOf(texts, null).every((left) => !left)));

  it('must be known, and a fold one of its number', () => {
    for (const name of ['planes', 'cars:2/2', 'cars:1', '']) assert.throws(() => parseLeftOut(name, SOURCES), /one of films, cars was expected, or a fold/);
  });

  it('is found again in other sets by its letters', () => assert.equal(lettersOf("It does n't work ."), lettersOf("It doesn't work!")));
});
