import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Complaint } from '#contracts';
import { seededRandom } from '#seeded-random';
import { contributorsAmong } from './index.js';
import { benjaminiHochberg, upperTail } from './fisher.js';

const plain: Complaint = { text: '', appVersion: '4.1', region: 'DE', source: 'shop', lang: 'en', verified: true };
const say = (text: string, over: Partial<Complaint> = {}): Complaint => ({ ...plain, ...over, text });
const USUAL = ['the handle is loose and support never answers', 'delivery took weeks and support was rude', 'too loud for a kitchen, support ignored me', 'the colour faded and support shrugged'];
const usual = (count: number): Complaint[] => Array.from({ length: count }, (_, i) => say(`${USUAL[i % USUAL.length]!} case${i}`));

describe('upperTail', () => {
  it('is the tail of the hypergeometric distribution, as counted by hand', () => {
    // the lady tasting tea: 4 of 4 right has one chance in 70, 3 or more 17 in 70
    assert.ok(Math.abs(upperTail(4, 4, 0, 4) - 1 / 70) < 1e-12);
    assert.ok(Math.abs(upperTail(3, 4, 1, 4) - 17 / 70) < 1e-12);
    assert.ok(Math.abs(upperTail(0, 10, 5, 90) - 1) < 1e-9);
  });

  it('agrees with counting all draws', () => {
    for (const [a, n, b, m] of [[2, 5, 3, 7], [1, 3, 0, 9], [5, 6, 2, 4]] as const) {
      let [hits, draws] = [0, 0];
      for (let mask = 0; mask < 1 << (n + m); mask += 1) {
        const bits = [...mask.toString(2)].filter((bit) => bit === '1').length;
        if (bits !== n) continue;
        draws += 1;
        const drawn = [...(mask & ((1 << (a + b)) - 1)).toString(2)].filter((bit) => bit === '1').length;
        if (drawn >= a) hits += 1;
      }
      assert.ok(Math.abs(upperTail(a, n, b, m) - hits / draws) < 1e-9);
    }
  });
});

describe('benjaminiHochberg', () => {
  it('corrects as the paper does: the largest k with p(k) <= k q / m decides', () => {
    assert.deepEqual(benjaminiHochberg([0.01, 0.04, 0.03, 0.5]).map((q) => Number(q.toFixed(6))), [0.04, 0.053333, 0.053333, 0.5]);
  });
});

describe('contributorsAmong', () => {
  const surge = (count: number): Complaint[] => usual(count).map((complaint, i) => (i % 4 < 3 ? say(`the lid leaks since the update, support ignored me, case${i}`, { appVersion: '4.2' }) : complaint));

  it('names the new term and version with both shares, and never what is merely common', () => {
    const found = contributorsAmong(surge(24), usual(200), usual(40));
    assert.ok(found.some(({ kind, value }) => (kind === 'term' || kind === 'phrase') && /lid|leaks/.test(value)), JSON.stringify(found));
    const version = found.find(({ kind }) => kind === 'version')!;
    assert.deepEqual([version.value, version.shareNow, version.shareBefore], ['4.2', 0.75, 0]);
    assert.ok(version.ratio! > 100 && version.significance! < 1e-6);
    assert.ok(found.some(({ kind, value }) => kind === 'aspect' && value === 'update'));
    assert.ok(!found.some(({ value }) => /support|DE|shop|^en$|yes|4\.1/.test(value)), JSON.stringify(found));
  });

  it('says once what the same reviews carry', () => {
    const wording = contributorsAmong(surge(24), usual(200), usual(40)).filter(({ kind }) => kind === 'term' || kind === 'phrase');
    assert.equal(wording.length, 1, JSON.stringify(wording));
  });

  it('names no version that everybody has by now, and one that the content do not have', () => {
    const named = (others: Complaint[]) => contributorsAmong(surge(24), usual(200), others).filter(({ kind }) => kind === 'version').map(({ value }) => value);
    assert.deepEqual(named(Array.from({ length: 60 }, (_, i) => say('', { appVersion: i % 4 < 3 ? '4.2' : '4.1' }))), []);
    assert.deepEqual(named(Array.from({ length: 60 }, (_, i) => say('', { appVersion: i % 4 < 1 ? '4.2' : '4.1' }))), ['4.2']);
  });

  it('names nothing where nothing changed, in hundreds of draws from the same reviews', () => {
    const random = seededRandom(7);
    const words = Array.from({ length: 300 }, (_, i) => `word${i}x`);
    const draw = () => say(Array.from({ length: 15 }, () => words[Math.floor(300 * random() ** 2)]!).join(' '), { appVersion: random() < 0.3 ? '4.1' : '4.0', region: random() < 0.5 ? 'US' : 'DE' });
    let naming = 0;
    for (let run = 0; run < 200; run += 1) if (contributorsAmong(Array.from({ length: 30 }, draw), Array.from({ length: 300 }, draw), Array.from({ length: 60 }, draw)).length > 0) naming += 1;
    assert.ok(naming <= 6, `${naming} of 200`);
  });

  it('does not depend on the order of the reviews', () => {
    assert.deepEqual(contributorsAmong(surge(24).reverse(), usual(200).reverse(), usual(40)), contributorsAmong(surge(24), usual(200), usual(40)));
  });

  it('says nothing without enough negatives, or without a normal', () => {
    assert.deepEqual(contributorsAmong(surge(2), usual(100), []), []);
    assert.deepEqual(contributorsAmong(surge(24), [], []), []);
    assert.deepEqual(contributorsAmong([], [], []), []);
  });

  it('reads other scripts, long texts and odd values without harm', () => {
    const odd = Array.from({ length: 12 }, (_, i) => say(`電池 が すぐ 切れる ${'w'.repeat(5_000)} \ud800 \n\n ${i}`, { appVersion: '\n'.repeat(3), lang: '', region: 'x'.repeat(500) }));
    const found = contributorsAmong(odd, usual(100), []);
    assert.ok(found.some(({ value }) => value.includes('電池') || value.includes('切れる')), JSON.stringify(found));
    assert.ok(found.every(({ value }) => value.length <= 60));
  });
});
