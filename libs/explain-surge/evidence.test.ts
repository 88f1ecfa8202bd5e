import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '#seeded-random';
import { bestEvidence, MOST_EVIDENCE, type Witness } from './evidence.js';
import { Aspects } from './lexicon.js';

const aspects = new Aspects({ battery: ['batter*'] });
const random = seededRandom(5);
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
const filler = () => Array.from({ length: 10 }, () => pick(['kitchen', 'morning', 'parcel', 'blue', 'friend', 'holiday', 'garden', 'window', 'sister', 'coffee', 'table', 'winter', 'street', 'paper'])).join(' ');
let made = 0;
const witness = (text: string, pNegative = 0.9, attended: readonly string[] = []): Witness => {
  made += 1;
  return {
    reviewId: `r${String(made).padStart(4, '0')}`, text, pNegative, appVersion: null, region: null, source: null, lang: null, verified: null,
    topWords: attended.map((word) => ({ word, start: text.indexOf(word), end: text.indexOf(word) + word.length, weight: 1 / attended.length })),
  };
};
const before = Array.from({ length: 60 }, () => witness(`too loud and late ${filler()}`));
const usual = Array.from({ length: 10 }, () => witness(`too loud and late ${filler()}`, 0.99, ['loud']));
const fresh = Array.from({ length: 12 }, () => witness(`the battery swells and leaks ${filler()}`, 0.85, ['swells', 'leaks']));

describe('the evidence of a surge', () => {
  it('is what is new, though the usual complaints are more surely negative', () => {
    const chosen = bestEvidence([...usual, ...fresh], before, aspects);
    assert.equal(chosen.length, MOST_EVIDENCE);
    for (const { text } of chosen) assert.match(text, /battery swells/);
  });

  it('prefers the review whose attention lies on what is new, and the surer one, all else equal', () => {
    const body = filler();
    const [beside, on, unsure] = [witness(`battery swells leaks ${body} again`, 0.9, ['again']), witness(`battery swells leaks ${body} indeed`, 0.9, ['swells']), witness(`battery swells leaks ${body} truly`, 0.6, ['swells'])];
    for (const other of [beside, unsure]) {
      const chosen = bestEvidence([other, ...fresh, on], before, aspects);
      const places = [on, other].map((each) => chosen.indexOf(each));
      assert.ok(places[0]! >= 0 && (places[1] === -1 || places[0]! < places[1]!), String(places));
    }
  });

  it('holds no near-copies, also of few words, and is the same in any order', () => {
    const copies = Array.from({ length: 8 }, (_, i) => witness(`the battery swells and leaks all over my kitchen table this morning ${i}`, 0.99, ['swells', 'leaks']));
    const short = Array.from({ length: 6 }, () => witness('Battery leaks!', 0.99, ['leaks']));
    const all = [...copies, ...short, ...fresh];
    const chosen = bestEvidence(all, before, aspects);
    assert.equal(chosen.filter((each) => copies.includes(each)).length <= 1, true);
    assert.equal(chosen.filter((each) => short.includes(each)).length <= 1, true);
    assert.equal(chosen.length, MOST_EVIDENCE);
    assert.deepEqual(bestEvidence(all.toReversed(), before.toReversed(), aspects), chosen);
  });

  it('is there where nothing is known of before, or nothing is new', () => {
    assert.equal(bestEvidence(fresh.slice(0, 3), [], aspects).length, 3);
    assert.equal(bestEvidence(usual, [...before, ...usual], aspects).length, MOST_EVIDENCE);
    assert.deepEqual(bestEvidence([], before, aspects), []);
  });
});
