import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { TidewatchError } from '#contracts';
import { featuresOf, lexiconFrom } from './index.js';

const lexicon = lexiconFrom(JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', '..', 'models', 'aspects.json'), 'utf8')), 'models/aspects.json');
const aspectsOf = (text: string, { group = null as string | null, own = lexicon } = {}) =>
  [...featuresOf({ text, appVersion: null, region: null, source: null, lang: null, verified: null }, own.aspectsOf(group))].filter((feature) => feature.startsWith('aspect\n')).map((feature) => feature.slice(7)).sort();

describe('the aspects of a review', () => {
  it('are those whose words it has: whole words, beginnings, and two side by side within a clause', () => {
    assert.deepEqual(aspectsOf('Batteries drain. Customer service is rude, can’t log in'), ['battery', 'login', 'support']);
    assert.deepEqual(aspectsOf('I read the log. In the end it was fine'), [], 'two words of two sentences are no phrase');
  });

  it('leave out a fault that is negated, and keep what does not work', () => {
    assert.deepEqual(aspectsOf('no crash since the last one, never slow'), []);
    assert.deepEqual(aspectsOf('does not charge and support never answers'), ['battery', 'support']);
    assert.deepEqual(aspectsOf('it never stops crashing'), ['crash'], 'twice negated');
    assert.deepEqual(aspectsOf('not once. crashes daily'), ['crash'], 'the negation of another sentence');
  });

  it('follow the words of the domain that the product’s group belongs to, before the common ones', () => {
    assert.deepEqual(aspectsOf('charging at home is slow, the clutch broke'), ['battery', 'quality', 'speed']);
    assert.deepEqual(aspectsOf('charging at home is slow, the clutch broke', { group: 'cars' }), ['fuel', 'quality', 'speed', 'transmission']);
    assert.equal(lexicon.aspectsOf('cars'), lexicon.aspectsOf('cars'));
    assert.equal(lexicon.aspectsOf('unknown'), lexicon.aspectsOf(null));
  });
});

describe('a lexicon that is broken', () => {
  it('is refused with the place, what was found and what was expected', () => {
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [[], /the file is \[\], expected an object/],
      [{}, /"aspects" is missing, expected an object/],
      [{ aspects: {}, aspect: {} }, /"aspect" is unknown, expected no more than "aspects" and "domains"/],
      [{ aspects: { battery: 'batter*' } }, /"battery" in "aspects" is "batter\*", expected a list of words/],
      [{ aspects: { battery: ['Batter*'] } }, /a word of "battery" in "aspects" is "Batter\*", expected one or two words in lower case/],
      [{ aspects: { battery: ['three words here'] } }, /a word of "battery"/],
      [{ aspects: {}, domains: { cars: { aspects: {} } } }, /"groups" of domain "cars" is missing, expected a list of names/],
      [{ aspects: {}, domains: { a: { groups: ['g'], aspects: {} }, b: { groups: ['g'], aspects: {} } } }, /group "g" of domain "b" is in another domain, too/],
    ];
    for (const [body, pattern] of cases) {
      assert.throws(() => lexiconFrom(body, '/etc/aspects.json'), (error) => error instanceof TidewatchError && error.code === 'SETTING_INVALID' && error.message.startsWith('/etc/aspects.json: ') && pattern.test(error.message), JSON.stringify(body));
    }
  });
});
