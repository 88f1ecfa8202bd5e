/** Made-up products, reviews and surges in the internal tables, as the workers would leave them: what the page tests look at. */
import type pg from 'pg';
import { seededRandom } from '#seeded-random';
import { countProducts } from '../../apps/scheduler/keep-products.js';
import { insert, wordsOf, type Row } from './fixture-rows.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

const NAMES = ['Aurora Kettle 1.7', 'Nimbus Headphones', 'Pocket Ledger', 'Trailhead 40 Backpack', 'Lumen Desk Lamp', 'Harbor Coffee Grinder', 'Drift Running Shoe', 'Copper Pan 28', 'Juniper Blender', 'Atlas Monitor Arm', 'Fern Air Purifier', 'Quill Keyboard', 'Solstice Solar Charger', 'Basalt Skillet', 'Marlin Dive Watch', 'Wren Baby Monitor', 'Orchard Juicer', 'Slate E-Reader', 'Cinder Space Heater', 'Meadow Robot Mower', 'Vesper Projector', 'Tundra Cooler 25', 'Kestrel Drone', 'Pebble Smart Plug'];
const GOOD = ['Works exactly as described and looks lovely on the counter.', 'Second one we bought, this time for my parents. No complaints.', 'Took five minutes to set up. Quiet, sturdy, worth the money.', 'Arrived a day early and well packed.', 'My daughter uses it every day.'];
const BAD = ['The app crashes on login since the update, every single time.', 'Stopped charging after two weeks and support never answers.', 'Broken on arrival, the refund took a month.', 'Louder than my old one and the handle gets hot.'];
const MODEL = 'reviews-2026-11-a1b2c3';

export interface Product {
  readonly id: string;
  readonly name: string;
}
export const PRODUCTS: readonly Product[] = NAMES.map((name, n) => ({ id: `prd-${String(n + 1).padStart(3, '0')}`, name }));

let offset = 0;
export function review(product: Product, at: number, text: string, pNegative: number, extra: Row = {}): Row {
  offset += 1;
  return {
    topic: 'reviews.v1', partition: 0, offset, reviewed_at: new Date(at), product_id: product.id, product_name: product.name, review_id: `r${offset}`, revision: 0,
    rating: pNegative > 0.5 ? 1 : 5, title: null, text, lang: 'en', source: 'shop', region: offset % 3 === 0 ? 'DE' : 'US', app_version: offset % 4 === 0 ? '4.2.0' : '4.1.3',
    p_negative: pNegative, p_negative_text: Math.min(0.99, Math.max(0.01, pNegative + (offset % 5 === 0 ? -0.18 : 0.01))), expected_negative: 0.14, known_words: offset % 9 === 0 ? 0.375 : 1,
    top_words: wordsOf(text, ['crashes', 'login', 'Broken', 'refund', 'never', 'Stopped', 'lovely', 'sturdy']), model_id: MODEL, ...extra,
  };
}

export function state(product: Product, reviews: number, lastAt: number): Row {
  return {
    stream: 'reviews', entity: product.id, version: reviews, model_id: MODEL, snapshot_id: 0, label: product.name, last_event_at: new Date(lastAt), format: 1,
    hidden: Buffer.alloc(4), tracker: Buffer.alloc(4), checksum: 0, summary: { ratePerDay: 1.2, share: 0.08, hiddenNorm: 2.5 },
  };
}

export interface SurgeShape {
  readonly product: Product;
  readonly startedAt: number;
  readonly openedAt: number;
  readonly closedAt: number | null;
  readonly lastAt: number;
  readonly observed: number;
  readonly expected: number;
  readonly severity: number;
  readonly statuses: readonly string[];
  readonly quotes: readonly string[];
  readonly contributors?: readonly Row[];
}

/** A surge with one transition per status, evenly between opening and end, and its evidence. */
export async function addSurge(client: pg.Client, shape: SurgeShape): Promise<string> {
  const { product, openedAt, closedAt, lastAt, observed, expected, severity, statuses } = shape;
  const surgeId = `${product.id}@${new Date(openedAt).toISOString()}`;
  const contributors = shape.contributors ?? [
    { kind: 'version', value: '4.2.0', shareNow: 0.86, shareBefore: 0.21 }, { kind: 'term', value: 'crashes', shareNow: 0.64, shareBefore: 0.05 },
    { kind: 'term', value: 'login', shareNow: 0.58, shareBefore: 0.03 }, { kind: 'region', value: 'DE', shareNow: 0.41, shareBefore: 0.33 },
  ];
  const end = closedAt ?? lastAt;
  const figures = (part: number) => ({ expected: expected * part, observed: observed * part, excess: (observed - expected) * part, excess_low: (observed - expected) * part * 0.6, excess_high: (observed - expected) * part * 1.5, severity: Math.max(1, severity * part), share_before: 0.09, share_now: 0.62 });
  await insert(client, 'surge', [{
    surge_id: surgeId, seq: statuses.length, product_id: product.id, status: statuses.at(-1), channel: 'count', opened_at: new Date(openedAt), closed_at: closedAt === null ? null : new Date(closedAt),
    started_at: new Date(shape.startedAt), last_change_at: new Date(end), ...figures(1), budget_per_day: 1 / 91, settings_id: 'count-share-1', model_id: MODEL, contributors,
  }]);
  await insert(client, 'surge_transition', statuses.map((status, n) => ({
    surge_id: surgeId, seq: n + 1, status, at: new Date(openedAt + ((end - openedAt) * n) / Math.max(statuses.length - 1, 1)), ...figures((n + 1) / statuses.length), contributors,
  })));
  if (shape.quotes.length > 0) {
    await insert(client, 'surge_evidence', shape.quotes.map((excerpt, n) => ({
      surge_id: surgeId, rank: n + 1, review_id: `e${n}`, topic: 'reviews.v1', partition: 0, offset: n, reviewed_at: new Date(openedAt + n * 600_000), p_negative: 0.97 - n * 0.03, excerpt,
      top_words: wordsOf(excerpt, ['crashes', 'login', 'refund', 'never', 'Stopped', 'charging', 'scalding']),
    })));
  }
  return surgeId;
}

const CRASH = ['Since yesterday’s update the app crashes on login. I have reinstalled it twice, cleared the cache, and it still closes before I can type my password.', 'Paid for the family plan and now nobody in the family can get past login. Support sends the same canned answer.', '4.2.0 crashes every time. I want a refund, this was fine for two years.'];
const LEAK = ['The lid lets scalding water out at the side. It never did that in the old version and I burned my hand.', 'Stopped heating after a week; the shop will not take it back.'];

/** Ten days of 24 products up to `now`: two open surges, two closed ones, ordinary noise. */
export async function fillReviews(client: pg.Client, now: number): Promise<void> {
  const random = seededRandom(7);
  const crash = PRODUCTS[2]!;
  const kettle = PRODUCTS[0]!;
  const lamp = PRODUCTS[4]!;
  const shoe = PRODUCTS[6]!;
  const crashFrom = now - 7.4 * HOUR;
  const kettleFrom = now - 31 * HOUR;
  const hot = (product: Product, at: number): number => {
    if (product === crash && at > crashFrom) return 5;
    if (product === kettle && at > kettleFrom) return at > now - 9 * HOUR ? 0.9 : 2.1;
    if (product === lamp && at > now - 5 * DAY && at < now - 4.1 * DAY) return 2.4;
    return product === shoe && at > now - 8 * DAY && at < now - 7.6 * DAY ? 4 : 0;
  };
  const rows: Row[] = [];
  for (const [n, product] of PRODUCTS.entries()) {
    for (let at = now - 10 * DAY; at < now - 60_000; at += HOUR) {
      const busy = (0.25 + 1.1 / (1 + n * 0.3)) * (1 + 0.6 * Math.sin(((at - now) / DAY) * 2 * Math.PI));
      for (let k = busy; k > 0; k -= 1) if (random() < k) rows.push(review(product, at + random() * HOUR * 0.9, ...said(random, 0.05 + 0.05 * (n % 4))));
      for (let k = hot(product, at); k > 0; k -= 1) if (random() < k) rows.push(review(product, Math.min(at + random() * HOUR * 0.9, now - 1000), product === kettle ? LEAK[0]! : BAD[0]!, 0.9, { app_version: '4.2.0' }));
    }
  }
  rows.sort((a, b) => Number(a['reviewed_at']) - Number(b['reviewed_at']));
  await insert(client, 'review_score', rows);
  await insert(client, 'entity_state', PRODUCTS.map((product) => {
    const mine = rows.filter((row) => row['product_id'] === product.id);
    return state(product, mine.length, Number(mine.at(-1)!['reviewed_at']));
  }));
  await countProducts(client, PRODUCTS.map(({ id }) => id));
  await addSurge(client, { product: crash, startedAt: crashFrom, openedAt: crashFrom + 52 * 60_000, closedAt: null, lastAt: now - 20 * 60_000, observed: 37.4, expected: 1.3, severity: 8, statuses: ['opened', 'worsening', 'worsening'], quotes: CRASH });
  await addSurge(client, { product: kettle, startedAt: kettleFrom, openedAt: kettleFrom + 3.2 * HOUR, closedAt: null, lastAt: now - 3 * HOUR, observed: 54, expected: 12.6, severity: 5, statuses: ['opened', 'worsening', 'easing'], quotes: LEAK, contributors: [{ kind: 'term', value: 'lid', shareNow: 0.71, shareBefore: 0.08 }, { kind: 'term', value: 'scalding', shareNow: 0.44, shareBefore: 0.01 }] });
  await addSurge(client, { product: lamp, startedAt: now - 5 * DAY, openedAt: now - 4.9 * DAY, closedAt: now - 3.9 * DAY, lastAt: now, observed: 61, expected: 9, severity: 6, statuses: ['opened', 'worsening', 'easing', 'closed'], quotes: BAD.slice(1, 3) });
  await addSurge(client, { product: shoe, startedAt: now - 8 * DAY, openedAt: now - 7.95 * DAY, closedAt: now - 7.4 * DAY, lastAt: now, observed: 39, expected: 5.5, severity: 4, statuses: ['opened', 'easing', 'closed'], quotes: BAD.slice(2), contributors: [] });
}

function said(random: () => number, share: number): [string, number] {
  const bad = random() < share;
  const list = bad ? BAD : GOOD;
  return [list[Math.floor(random() * list.length)]!, bad ? 0.72 + random() * 0.26 : 0.02 + random() * 0.2];
}
