import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { INSTRUMENTS, MAIN_SURGE, PRODUCTS, STORY_SPAN, storyStart, tellStory, type StoryMessage } from './index.js';

const DAY = 86_400_000;
const HOUR = DAY / 24;
const start = Date.UTC(2026, 4, 1);

function told(seed: number, from: number, until: number): StoryMessage[] {
  const messages: StoryMessage[] = [];
  const story = tellStory({ seed, start }, from);
  for (let message = story.next().value; message.at < until; message = story.next().value) messages.push(message);
  return messages;
}
/** Told once: eleven days of seed 1. */
const eleven = told(1, start - 1, start + STORY_SPAN + DAY);
const between = (from: number, until: number) => eleven.filter((message) => message.at >= start + from && message.at < start + until);

interface Told { productId: string; rating?: number; appVersion?: string; region?: string; text: string; reviewId: string; revision?: number }
const reviews = (messages: readonly StoryMessage[]): Told[] => messages.flatMap((message) => {
  try {
    const fields = JSON.parse(String(message.value)) as Partial<Told> | null;
    return message.stream === 'reviews' && typeof fields?.reviewId === 'string' && typeof fields.text === 'string' ? [fields as Told] : [];
  } catch {
    return [];
  }
});
const days = Array.from({ length: 11 }, (_, n) => reviews(between(n * DAY, (n + 1) * DAY)));
const day = (n: number) => days[n]!;
const unhappy = (list: readonly Told[]) => list.filter((review) => typeof review.rating === 'number' && review.rating <= 2);

describe('the story', () => {
  it('is the same for the same seed and start, and another for another seed', () => {
    assert.deepEqual(told(1, start - 1, start + DAY), told(1, start - 1, start + DAY));
    assert.notDeepEqual(told(1, start - 1, start + DAY), told(2, start - 1, start + DAY));
  });

  it('can be gone on with behind any moment, and is in event-time order', () => {
    const whole = told(5, start - 1, start + 2 * DAY);
    for (const cut of [start, start + 7 * HOUR - 1, start + 7 * HOUR, whole[3000]!.at, whole[3001]!.at + 1, start + 1.3 * DAY]) {
      assert.deepEqual(told(5, cut, start + 2 * DAY), whole.filter((message) => message.at > cut));
    }
    for (let i = 1; i < whole.length; i += 1) assert.ok(whole[i]!.at >= whole[i - 1]!.at);
  });

  it('shows all products and symbols on its first day, and 40,000 to 60,000 messages in its ten days', () => {
    const first = between(0, DAY);
    assert.equal(new Set(reviews(first).map((review) => review.productId)).size, PRODUCTS.length);
    assert.equal(new Set(first.filter((message) => message.stream === 'quotes').map((message) => message.key)).size, INSTRUMENTS.length);
    const count = between(0, STORY_SPAN).length;
    assert.ok(count > 40_000 && count < 60_000, String(count));
  });

  it('has 6 to 12 % unhappy reviews on ordinary days, in words that rarely repeat', () => {
    const list = [0, 1, 2, 3].flatMap(day);
    const share = unhappy(list).length / list.filter((review) => typeof review.rating === 'number').length;
    assert.ok(share > 0.06 && share < 0.12, String(share));
    assert.ok(new Set(list.map((review) => review.text)).size > 0.85 * list.length);
    assert.ok(list.every((review) => !review.text.includes('{')));
  });

  it('has one surge in its ten days, whose reviews share a version, a place and a word', () => {
    const id = PRODUCTS[MAIN_SURGE.product]!.id;
    for (const { id: product } of PRODUCTS) {
      const daily = Array.from({ length: 10 }, (_, n) => unhappy(day(n).filter((review) => review.productId === product)).length);
      const quiet = daily.slice(0, 6).reduce((sum, count) => sum + count, 0) / 6;
      const worst = Math.max(...daily.slice(6));
      if (product === id) assert.ok(worst > 6 * quiet, `${product}: ${daily.join()}`);
      else assert.ok(worst < quiet + 5 * Math.sqrt(quiet + 1), `${product}: ${daily.join()}`);
    }
    const surge = unhappy(reviews(between(MAIN_SURGE.from + 6 * HOUR, MAIN_SURGE.until - 6 * HOUR)).filter((review) => review.productId === id));
    const share = (holds: (review: Told) => boolean) => surge.filter(holds).length / surge.length;
    assert.ok(share((review) => review.appVersion === '8.2') > 0.8);
    assert.ok(share((review) => review.region === 'DE') > 0.5);
    assert.ok(share((review) => /crash/i.test(review.text)) > 0.5);
  });

  it('has a sale that multiplies the praise of one product and not its complaints', () => {
    const kettle = (n: number) => day(n).filter((review) => review.productId === 'kit-alder-kettle');
    assert.ok(kettle(7).length > 3 * kettle(5).length);
    assert.ok(unhappy(kettle(7)).length < 15);
  });

  it('repeats some reviews and corrects some', () => {
    const list = [0, 1].flatMap(day);
    const ids = new Set(list.map((review) => review.reviewId));
    assert.ok(list.length - ids.size > 10);
    assert.ok(list.some((review) => review.revision === 1));
  });

  it('has quotes whose volatility clusters and whose bars are sound', () => {
    const bars = between(0, STORY_SPAN).filter((message) => message.stream === 'quotes' && message.key === 'ALDR').flatMap((message) => {
      try { return [JSON.parse(String(message.value)) as { open: number; high: number; low: number; close: number }]; } catch { return []; }
    }).filter((bar) => bar.close > 0 && bar.open > 0);
    assert.ok(bars.length >= 2_875);
    for (const bar of bars) assert.ok(bar.low <= Math.min(bar.open, bar.close) && bar.high >= Math.max(bar.open, bar.close));
    const squares = bars.slice(1).map((bar, i) => Math.log(bar.close / bars[i]!.close) ** 2);
    const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
    const product = (lag: number) => squares.slice(lag).reduce((sum, square, i) => sum + (square - mean) * (squares[i]! - mean), 0);
    assert.ok(product(1) / product(0) > 0.04, String(product(1) / product(0)));
  });

  it('goes on with a smaller surge every week after its end', () => {
    const after = day(10);
    const before = day(4);
    const rises = PRODUCTS.filter(({ id }) => unhappy(after.filter((review) => review.productId === id)).length > 30 + unhappy(before.filter((review) => review.productId === id)).length);
    assert.equal(rises.length, 1);
  });

  it('begins at a midnight from which its main part lies in the past', () => {
    const now = Date.UTC(2026, 10, 23, 13, 5);
    assert.equal(storyStart(now) % DAY, 0);
    assert.ok(storyStart(now) + STORY_SPAN + DAY / 2 <= now && storyStart(now) + STORY_SPAN + 1.5 * DAY > now);
  });
});
