import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { copyGroups } from './copies.js';
import { lookAlikesAmong, type Voice } from './look-alikes.js';
import { seededRandom } from '#seeded-random';

const MINUTE = 60_000;
const WORDS = 'battery screen update login crash refund support delivery price order lamp kettle lid hinge cable app phone router light button plug remote sound volume noise heat water leak smell colour size strap zip wheel handle glass plastic metal box manual charge charger power weeks days month returned broken stopped working expected cheap slow hot cold loud quiet early late wrong missing bent cracked loose tight worst poor'.split(' ');
const sentence = (random: () => number, length = 14): string => Array.from({ length }, () => WORDS[Math.floor(random() * WORDS.length)]!).join(' ');
const voice = (text: string, at: number, more: Partial<Voice> = {}): Voice => ({ text, at, pNegative: 0.9, source: 'shop', account: null, ...more });
const voices = (random: () => number, count: number, every: number, more: Partial<Voice> = {}) => Array.from({ length: count }, (_, i) => voice(sentence(random), i * every, more));
/** A word changed, one added, one left out. */
function edited(text: string, random: () => number): string {
  const words = text.split(' ');
  words[Math.floor(random() * words.length)] = WORDS[Math.floor(random() * WORDS.length)]!;
  words.splice(Math.floor(random() * words.length), 0, WORDS[Math.floor(random() * WORDS.length)]!);
  words.splice(Math.floor(random() * words.length), 1);
  return `${words.join(' ').replace(/^./, (c) => c.toUpperCase())}!!`;
}

describe('groups of near-copies', () => {
  it('hold the texts that differ by a few words, and no others, wherever they stand', () => {
    const random = seededRandom(1);
    const [a, b] = [sentence(random, 20), sentence(random, 20)];
    const texts = [sentence(random), a, edited(a, random), b, sentence(random), edited(a, random), b.toUpperCase(), sentence(random)];
    assert.deepEqual(copyGroups(texts), [[1, 2, 5], [3, 6]]);
    assert.deepEqual(copyGroups(texts.toReversed()).map((group) => group.map((i) => 7 - i).sort()), [[1, 2, 5], [3, 6]]);
  });

  it('hold no short texts, which people write without knowing of each other', () => {
    assert.deepEqual(copyGroups(['Waste of money', 'waste of money!', 'Do not buy this', 'do not buy this', '', '']), []);
  });

  it('are found among two thousand texts, all alike or all different', () => {
    const random = seededRandom(2);
    assert.deepEqual(copyGroups(Array.from({ length: 2_000 }, () => sentence(random))).length, 0);
    const same = sentence(random, 25);
    assert.deepEqual(copyGroups(Array.from({ length: 2_000 }, () => edited(same, random))).map(({ length }) => length), [2_000]);
  });
});

describe('look-alikes among the negatives of a surge', () => {
  const before = (random: () => number) => voices(random, 200, 600 * MINUTE);

  it('are the copies beyond each first, counted apart with their weight and a reason', () => {
    const random = seededRandom(3);
    const text = sentence(random, 18);
    const now = [...voices(random, 20, 60 * MINUTE), ...Array.from({ length: 9 }, (_, i) => voice(edited(text, random), i * 5 * MINUTE, { pNegative: 0.8 }))];
    const found = lookAlikesAmong(now, before(random));
    assert.equal(found.apart, 8);
    assert.ok(Math.abs(found.weight - 6.4) < 1e-9);
    assert.match(found.reasons[0]!, /^9 of 29 negatives say nearly the same as another; 9 of them within 40 min: "/);
    assert.deepEqual(lookAlikesAmong(now.toReversed(), before(seededRandom(3))).apart, 8);
  });

  it('are none where the product always had as many copies', () => {
    const random = seededRandom(4);
    const text = sentence(random, 18);
    const copies = (count: number) => Array.from({ length: count }, (_, i) => voice(edited(text, random), i * 60 * MINUTE));
    assert.deepEqual(lookAlikesAmong([...voices(random, 20, MINUTE), ...copies(9)], [...voices(random, 60, MINUTE), ...copies(30)]), { apart: 0, weight: 0, reasons: [] });
  });

  it('are a burst within minutes from a few accounts, or from a source that had no part before; not from the usual one', () => {
    const random = seededRandom(5);
    const now = voices(random, 10, 120 * MINUTE);
    const burst = (more: (i: number) => Partial<Voice>) => [...now, ...Array.from({ length: 8 }, (_, i) => voice(sentence(random), 400 * MINUTE + i * MINUTE, more(i)))];
    const accounts = lookAlikesAmong(burst((i) => ({ account: `fan${i % 2}` })), before(random));
    assert.equal(accounts.apart, 8);
    assert.match(accounts.reasons[0]!, /^8 of 18 negatives came within 7 min from 2 accounts \("fan0", "fan1"\), 0 % of the negatives before$/);
    const source = lookAlikesAmong(burst(() => ({ source: 'proxy\u202e\n' })), before(random));
    assert.match(source.reasons[0]!, /from one source \("proxy"\)/);
    assert.deepEqual(lookAlikesAmong(burst(() => ({})), before(random)).reasons, []);
    assert.deepEqual(lookAlikesAmong(burst((i) => ({ account: `buyer ${i}` })), before(random)).reasons, [], 'each account once');
  });

  it('are none among few reviews, and none at all', () => {
    assert.deepEqual(lookAlikesAmong([], []), { apart: 0, weight: 0, reasons: [] });
    const random = seededRandom(6);
    const text = sentence(random, 18);
    assert.deepEqual(lookAlikesAmong(Array.from({ length: 4 }, (_, i) => voice(text, i)), before(random)).reasons, [], 'three copies are too few');
  });
});
