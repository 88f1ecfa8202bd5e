/**
 * A seeded stream for the flow tests: reviews of 40 products with a surge, repeats, corrections and malformed messages;
 * one-minute bars of 6 symbols with repeats and late ones. The same seed gives the same bytes. Messages carry no timestamp of
 * their own: with their event time the broker's retention would delete them while the test runs.
 */
import type { OutgoingMessage } from '#contracts';
import { seededRandom } from '#seeded-random';

export interface TestStream {
  readonly reviews: readonly OutgoingMessage[];
  readonly quotes: readonly OutgoingMessage[];
  /** What must be in the tables once all is consumed. */
  readonly expected: { readonly scored: number; readonly duplicates: number; readonly corrections: number; readonly malformed: number; readonly bars: number };
}

export const PRODUCTS = 40;
export const DAYS = 20;
const SYMBOLS = 6;
const GOOD = ['works perfectly', 'great sound', 'love this app', 'fast delivery and sturdy', 'my kids enjoy it every day', 'excellent value', 'battery lasts all week'];
const BAD = ['stopped working after two days', 'crashes at login', 'terrible support, want a refund', 'battery dies in an hour', 'broken on arrival', 'worst purchase ever'];
const MALFORMED = ['{"reviewId":', '{"reviewId":"x","productId":7}', '[]', '{"reviewId":"x","productId":"p","text":"","reviewedAt":"2026-01-01"}', '\u0000\u0001'];

export function makeStream(seed: number, reviewCount: number, barCount: number, sourceOf = (n: number, _product: number): string => (n % 4 === 0 ? 'shop' : 'test')): TestStream {
  const random = seededRandom(seed);
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)]!;
  const start = Date.UTC(2026, 0, 5);
  const reviews: OutgoingMessage[] = [];
  const sent: { key: string; body: Record<string, unknown> }[] = [];
  const expected = { scored: 0, duplicates: 0, corrections: 0, malformed: 0, bars: 0 };
  const span = DAYS * 86_400_000;
  for (let n = 0; n < reviewCount; n += 1) {
    const chance = random();
    if (chance < 0.02) {
      reviews.push({ key: `product-${n % PRODUCTS}`, value: pick(MALFORMED) });
      expected.malformed += 1;
    } else if (chance < 0.05 && sent.length > 0) {
      const { key, body } = pick(sent.slice(-200));
      reviews.push({ key, value: JSON.stringify(body) });
      expected.duplicates += 1;
    } else if (chance < 0.06 && sent.length > 0) {
      const index = Math.max(0, sent.length - 1 - Math.floor(random() * 200));
      const earlier = sent[index]!;
      const body = { ...earlier.body, text: `${pick(GOOD)}, edited`, revision: Number(earlier.body['revision'] ?? 0) + 1 };
      sent[index] = { key: earlier.key, body };
      reviews.push({ key: earlier.key, value: JSON.stringify(body) });
      expected.corrections += 1;
    } else {
      const at = start + Math.floor((span * n) / reviewCount);
      const inSurge = n > reviewCount * 0.6 && n < reviewCount * 0.68 && random() < 0.35;
      const product = inSurge ? 3 : Math.floor(PRODUCTS * random() * random());
      const negative = inSurge ? random() < 0.9 : random() < 0.09;
      const body = {
        reviewId: `r${n}`, productId: `product-${product}`, productName: `Product ${product}`, rating: negative ? 1 : 5,
        text: `${pick(negative ? BAD : GOOD)}. ${pick(negative ? BAD : GOOD)} ${n % 97}`, reviewedAt: new Date(at).toISOString(),
        appVersion: inSurge ? '8.2' : '8.1', source: sourceOf(n, product), ...(n % 11 === 0 ? { unknownField: { kept: true } } : {}),
      };
      sent.push({ key: body.productId, body });
      reviews.push({ key: body.productId, value: JSON.stringify(body) });
      expected.scored += 1;
    }
  }
  const quotes: OutgoingMessage[] = [];
  const price = Array.from({ length: SYMBOLS }, (_, s) => 50 + 20 * s);
  for (let bar = 0; bar < barCount; bar += 1) {
    for (let s = 0; s < SYMBOLS; s += 1) {
      const move = (random() + random() + random() - 1.5) * 0.004;
      const open = price[s]!;
      const close = open * Math.exp(move);
      price[s] = close;
      const body = { symbol: `SYM${s}`, at: new Date(start + bar * 60_000).toISOString(), open, high: Math.max(open, close) * 1.0005, low: Math.min(open, close) * 0.9995, close, volume: Math.floor(random() * 1e5), interval: '1m' };
      const value = JSON.stringify(body);
      quotes.push({ key: body.symbol, value });
      expected.bars += 1;
      if (random() < 0.01) quotes.push({ key: body.symbol, value });
      if (bar > 5 && random() < 0.01) quotes.push({ key: body.symbol, value: JSON.stringify({ ...body, at: new Date(start + (bar - 3) * 60_000).toISOString() }) });
    }
  }
  return { reviews, quotes, expected };
}
