/** What the scheduler keeps of every product's last seven days. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Pool } from 'pg';
import { keepProducts } from '../../apps/scheduler/keep-products.js';
import { useTestDatabase } from '../../libs/testkit/index.js';
import { fillReviews, HOUR, PRODUCTS, review, state } from '../page/fixture-reviews.js';
import { insert } from '../page/fixture-rows.js';

type Row = Record<string, unknown>;
const now = Date.now() - HOUR;
const SIX_HOURS = 6 * HOUR;
const [one, two] = [PRODUCTS[0]!, PRODUCTS[1]!];

describe('the standing of the products', () => {
  const database = useTestDatabase();
  const keep = async (clock?: () => number): Promise<number> => {
    const pool = new Pool({ connectionString: database.url, max: 2 });
    try {
      return await keepProducts({ pool }, clock);
    } finally {
      await pool.end();
    }
  };
  before(async () => {
    const client = await database.connect();
    await fillReviews(client, now);
    await client.query('DELETE FROM internal.product_standing');
  });
  const standing = () => database.query<Row>('SELECT * FROM tidewatch.product_standing ORDER BY product_id');
  const behind = async () => (await standing()).filter((row) => Number(row['reviews_since']) > 0).map((row) => [row['product_id'], Number(row['reviews_since'])]);
  const arrive = async (product: typeof one, version: number) => {
    await insert(await database.connect(), 'review_score', [review(product, now, 'The lid leaks.', 0.9)]);
    await database.query(`UPDATE internal.entity_state SET version = version + ${version}, last_event_at = to_timestamp(${now / 1000}) WHERE entity = '${product.id}'`);
  };

  it('shows a product before anything was counted, and says so', async () => {
    const rows = await standing();
    assert.equal(rows.length, PRODUCTS.length);
    assert.ok(rows.every((row) => row['reviews_7d'] === null && row['computed_at'] === null && Number(row['reviews_since']) > 0));
  });

  it('is what the exact view says, and its six hours what a count of the reviews gives', async () => {
    assert.equal(await keep(), PRODUCTS.length);
    const common = 'product_id, product_name, reviews, last_review_at, negatives_7d::int, reviews_7d::int, share_7d, open_surge_id';
    const [kept, exact] = [await database.query<Row>(`SELECT ${common} FROM tidewatch.product_standing ORDER BY product_id`), await database.query<Row>(`SELECT ${common} FROM tidewatch.products ORDER BY product_id`)];
    assert.deepEqual(kept, exact);
    assert.ok(exact.some((row) => row['open_surge_id'] !== null) && exact.every((row) => Number(row['reviews_7d']) > 0));
    const rises: number[] = [];
    for (const row of await standing()) {
      const last = (row['last_review_at'] as Date).getTime();
      const counts = new Map<number, [number, number]>();
      let lastDay = 0;
      for (const { at, p } of await database.query<{ at: Date; p: number }>(`SELECT reviewed_at AS at, p_negative AS p FROM tidewatch.reviews_scored WHERE product_id = '${String(row['product_id'])}'`)) {
        if (at.getTime() <= last - 7 * 24 * HOUR || at.getTime() > last) continue;
        if (p >= 0.5 && at.getTime() > last - 24 * HOUR) lastDay += 1;
        const bucket = Math.floor(at.getTime() / SIX_HOURS) * SIX_HOURS;
        const [reviews, negatives] = counts.get(bucket) ?? [0, 0];
        counts.set(bucket, [reviews + 1, negatives + (p >= 0.5 ? 1 : 0)]);
      }
      const told = (row['six_hours'] as { bucket: string; reviews: number; negatives: number }[]).map(({ bucket, reviews, negatives }) => [Date.parse(bucket), reviews, negatives]);
      const before = Number(row['negatives_7d']) - lastDay;
      assert.equal(row['negatives_1d'], lastDay);
      assert.ok(Math.abs(Number(row['rise']) - 2 * (Math.sqrt(lastDay + 0.375) - Math.sqrt(before / 6 + 0.375))) < 1e-9);
      rises.push(Number(row['rise']));
      assert.deepEqual(told, [...counts].sort(([a], [b]) => a - b).map(([bucket, both]) => [bucket, ...both]));
    }
    assert.ok(rises.some((rise) => rise > 3) && rises.some((rise) => rise < 0), String(rises));
    assert.deepEqual([await behind(), await keep()], [[], 0]);
  });

  it('says how many reviews it is behind, and counts anew only the products that went on', async () => {
    const before = await standing();
    await arrive(two, 3);
    assert.deepEqual(await behind(), [[two.id, 3]]);
    assert.equal(await keep(), 1);
    const after = await standing();
    assert.deepEqual(after.filter((row, n) => Number(row['reviews_7d']) !== Number(before[n]!['reviews_7d'])).map((row) => row['product_id']), [two.id]);
    assert.deepEqual(await behind(), []);
  });

  it('takes the longest waiting first, and no longer than its turn', async () => {
    const client = await database.connect();
    const others = Array.from({ length: 400 }, (_, n) => ({ id: `x-${n}`, name: `X ${n}` }));
    await insert(client, 'entity_state', others.map((product) => state(product, 1, now)));
    await arrive(one, 1);
    let time = 0;
    const late = () => (time += 10_000);
    assert.equal(await keep(late), 250, 'one part at least, and no more');
    assert.deepEqual(await behind().then((rows) => rows.some(([id]) => id === one.id)), true, 'those never counted come before');
    assert.equal(await keep(), 151);
    assert.deepEqual(await behind(), []);
  });
});
