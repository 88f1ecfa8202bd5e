import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Complaint } from '#contracts';
import { seededRandom } from '#seeded-random';
import { type Aspects, contributorsAmong as among, contributorsOver as over, evidenceOver, lexiconFrom, type Reviews } from './index.js';
import { benjaminiHochberg, stratifiedTail, upperTail } from './fisher.js';

const aspects: Aspects = lexiconFrom(JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', '..', 'models', 'aspects.json'), 'utf8')), 'models/aspects.json').aspectsOf(null);
const contributorsAmong = (now: readonly Complaint[], before: readonly Complaint[], others: readonly Complaint[]) => among(now, before, others, aspects);
const contributorsOver = (products: readonly Omit<Reviews, 'aspects'>[]) => over(products.map((each) => ({ ...each, aspects })));
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

describe('stratifiedTail', () => {
  it('agrees with counting all pairs of draws, and with the plain test of one stratum', () => {
    const [first, second] = [{ a: 2, n: 3, b: 1, m: 4 }, { a: 1, n: 4, b: 2, m: 3 }];
    const ways = ({ a, n, b, m }: typeof first) => {
      const counts = new Map<number, number>();
      for (let mask = 0; mask < 1 << (n + m); mask += 1) {
        if ([...mask.toString(2)].filter((bit) => bit === '1').length !== n) continue;
        const drawn = [...(mask & ((1 << (a + b)) - 1)).toString(2)].filter((bit) => bit === '1').length;
        counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
      }
      return [...counts];
    };
    let [hits, all] = [0, 0];
    for (const [x, times] of ways(first)) for (const [y, others] of ways(second)) {
      all += times * others;
      if (x + y >= 3) hits += times * others;
    }
    assert.ok(Math.abs(stratifiedTail([first, second]) - hits / all) < 1e-12);
    const settled = [{ a: 4, n: 5, b: 0, m: 0 }, { a: 0, n: 5, b: 0, m: 9 }];
    assert.equal(stratifiedTail([...settled, first]), upperTail(2, 3, 1, 4), 'what has one outcome says nothing');
    assert.equal(stratifiedTail(settled), 1);
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

describe('a surge over several products', () => {
  const kettle = (count: number) => Array.from({ length: count }, (_, i) => say(`water stays lukewarm, support ignored me, case${i}`));
  const toaster = (count: number) => Array.from({ length: count }, (_, i) => say(`crumbs everywhere, support ignored me, case${i}`));

  it('does not name the words of the product that complains the most, which one set of all would', () => {
    const [now, before] = [{ kettle: kettle(20), toaster: toaster(6) }, { kettle: kettle(10), toaster: toaster(90) }];
    assert.deepEqual(contributorsOver([{ now: now.kettle, before: before.kettle, others: [] }, { now: now.toaster, before: before.toaster, others: [] }]), []);
    assert.ok(contributorsAmong([...now.kettle, ...now.toaster], [...before.kettle, ...before.toaster], []).some(({ value }) => /lukewarm/.test(value)));
  });

  it('names what is new in all of them together, be it too little in each', () => {
    const late = (texts: Complaint[]) => texts.map((complaint, i) => (i < 3 ? say(`${complaint.text} parcel lost by courier`) : complaint));
    const parts = [kettle, toaster].map((of) => ({ now: late(of(10)), before: of(30), others: [] }));
    for (const { now, before, others } of parts) assert.deepEqual(contributorsAmong(now, before, others).filter(({ value }) => /courier|parcel|delivery/.test(value)), []);
    const found = contributorsOver(parts);
    assert.ok(found.some(({ value, shareNow, shareBefore }) => /courier|parcel|lost/.test(value) && shareNow === 0.3 && shareBefore === 0), JSON.stringify(found));
  });

  it('is shown by the reviews of its products in turn, without near-copies', () => {
    const said = (excerpt: string) => ({ excerpt });
    const copy = 'do not buy this, it broke after two days and nobody at the shop answers the phone';
    const picked = evidenceOver([[said(copy), said('lid leaks'), said('third')], [said(`${copy} again`), said('smells of burning')], [said('too loud')]]);
    assert.deepEqual(picked.map(({ excerpt }) => excerpt), [copy, 'too loud', 'lid leaks', 'smells of burning', 'third']);
  });
});
