/** What bad producers send: about one broken message every two hours of the story, each kind with its own fault. */
import { INSTRUMENTS, PRODUCTS } from './catalog.js';
import { HOUR } from './plot.js';
import { stream } from './random.js';
import type { StoryMessage } from './message.js';

type Breakage = (productId: string, at: string) => string | Uint8Array | null;

const json = (fields: object) => JSON.stringify(fields);
const whole = (productId: string, at: string) => ({ reviewId: `broken-${Date.parse(at).toString(36)}`, productId, text: 'It works.', reviewedAt: at });

const BROKEN_REVIEWS: readonly Breakage[] = [
  (id, at) => json(whole(id, at)).slice(0, -12),
  (id, at) => Uint8Array.from([...json(whole(id, at))].map((c, i) => (i === 60 ? 0xe9 : c.charCodeAt(0)))),
  (id, at) => json({ ...whole(id, at), reviewId: undefined }),
  (id, at) => json({ ...whole(id, at), rating: 'five' }),
  (id, at) => json({ ...whole(id, at), rating: 11 }),
  (id, at) => json({ ...whole(id, at), text: '   ' }),
  (id, at) => json({ ...whole(id, at), reviewedAt: '2024-02-30T10:00:00Z' }),
  (id, at) => json({ ...whole(id, at), reviewedAt: Math.floor(Date.parse(at) / 1000) }),
  (id, at) => json({ ...whole(id, at), reviewedAt: '2999-01-01T00:00:00Z' }),
  (id, at) => json(whole(id, at)).replace(/}$/, ',"__proto__":{"admin":true}}'),
  (id, at) => json(whole(id, at)).replace(/}$/, `,"nested":${'['.repeat(40)}${']'.repeat(40)}}`),
  (id, at) => json({ ...whole(id, at), text: 'too long '.repeat(4_000) }),
  () => 'reviewId=17&text=hello',
  () => null,
];

const BROKEN_QUOTES: readonly ((symbol: string, at: string) => string)[] = [
  (symbol, at) => `{"symbol":"${symbol}","at":"${at}","close":NaN}`,
  (symbol, at) => json({ symbol, at, close: 0 }),
  (symbol, at) => json({ symbol, at, bid: 10 }),
];

/** At most one, for an hour of the story; in the first hours each kind of review once, so that all are seen early. */
export function tellBroken(seed: number, start: number, hour: number): StoryMessage[] {
  const random = stream(seed, 3, hour);
  const at = start + hour * HOUR + random.below(HOUR);
  const time = new Date(at).toISOString();
  const kind = hour < BROKEN_REVIEWS.length ? hour : random.below(BROKEN_REVIEWS.length);
  if (hour >= BROKEN_REVIEWS.length && random.chance(0.5)) return [];
  if (random.chance(0.2)) {
    const { symbol } = random.pick(INSTRUMENTS);
    return [{ stream: 'quotes', key: symbol, value: random.pick(BROKEN_QUOTES)(symbol, time), at }];
  }
  const { id } = random.pick(PRODUCTS);
  return [{ stream: 'reviews', key: kind % 5 === 4 ? null : id, value: BROKEN_REVIEWS[kind]!(id, time), at }];
}
