/**
 * Hours of a product for charts, asked for at most once per few seconds and product, and anew only after its newest review moved.
 */
import { ask } from '../lib/live.js';
import { known } from '../lib/store.js';

const REST_MS = 4_000;
const MOST = 40;
const held = new Map();

export function hoursOf(productId) {
  const newest = known.products?.find((row) => row.product_id === productId)?.last_review_at ?? null;
  const entry = held.get(productId);
  if (entry !== undefined && (entry.newest === newest || Date.now() - entry.asked < REST_MS)) return entry.hours;
  const asked = ask(`api/products/${encodeURIComponent(productId)}`).then(({ hours }) => hours);
  // until the new answer is there, the old one is good enough; a failed request is tried again by the next update
  const hours = entry === undefined ? asked : asked.catch(() => entry.hours);
  hours.catch(() => held.delete(productId));
  if (held.size >= MOST && entry === undefined) held.delete(held.keys().next().value);
  held.set(productId, { newest, asked: Date.now(), hours });
  return hours;
}
