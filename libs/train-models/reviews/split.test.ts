import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cutHistories, historiesOf } from './histories.js';
import type { LabelledText } from './read-texts.js';
import { splitByTime } from './split.js';

const review = (source: string, productId: string, at: number): LabelledText => ({ source, productId, title: null, text: 't', rating: 5, at, negative: false });
// 600 reviews of 30 products in scrambled order of time, and 100 of a single product
const many = Array.from({ length: 600 }, (_, i) => review('many', `p${i % 30}`, (i * 7919) % 600));
const single = Array.from({ length: 100 }, (_, i) => review('single', 'only', i));
const reviews = [...many, ...single];
const parts = splitByTime(reviews);
const of = (source: string, part: string) => reviews.filter((r, i) => r.source === source && parts[i] === part);

describe('the split', () => {
  it('tests on the newest of each stream, and takes the dev set from just before', () => {
    for (const source of ['many', 'single']) {
      const times = (part: string) => of(source, part).map((r) => r.at!);
      assert.ok(Math.max(...times('train')) < Math.min(...times('dev')) && Math.max(...times('dev')) < Math.min(...times('test')), source);
    }
    assert.deepEqual(['train', 'dev', 'test'].map((part) => of('single', part).length), [80, 10, 10]);
  });

  it('keeps some products out altogether, but never the only one of a stream', () => {
    const heldOut = new Set(of('many', 'heldOut').map((r) => r.productId));
    assert.ok(heldOut.size > 0 && heldOut.size < 10);
    assert.ok(reviews.every((r, i) => r.source !== 'many' || heldOut.has(r.productId) === (parts[i] === 'heldOut')));
    assert.equal(of('single', 'heldOut').length, 0);
  });
});

describe('histories', () => {
  it('hold each product’s reviews in order of time, and are cut without losing one', () => {
    const histories = historiesOf(reviews);
    assert.equal(histories.length, 31);
    for (const events of histories) assert.deepEqual(events.map((i) => reviews[i]!.at!), events.map((i) => reviews[i]!.at!).sort((a, b) => a - b));
    const cut = cutHistories(histories, 16);
    assert.ok(cut.every((events) => events.length <= 16));
    assert.deepEqual(cut.flat(), histories.flat());
  });
});
