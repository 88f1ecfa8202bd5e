/** A review's own stars beside what its text says: columns of reviews_scored. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { withStars } from '../../libs/score-with-state/index.js';
import { useTestDatabase } from '../../libs/testkit/index.js';
import { PRODUCTS, review } from '../page/fixture-reviews.js';
import { insert } from '../page/fixture-rows.js';

const REVIEWS = [
  { rating: 5, p_negative: 0.96, p_negative_text: 0.98, contradict: true, withStars: 0.426 },
  { rating: 4, p_negative: 0.2, p_negative_text: 0.2, contradict: false, withStars: 0.0077 },
  { rating: 1, p_negative: 0.04, p_negative_text: 0.02, contradict: true, withStars: 0.574 },
  { rating: 2, p_negative: 0.9, p_negative_text: 0.9, contradict: false, withStars: 0.9966 },
  { rating: 3, p_negative: 0.99, p_negative_text: 0.99, contradict: false, withStars: 0.99 },
  { rating: null, p_negative: 0.99, p_negative_text: 0.99, contradict: null, withStars: 0.99 },
  { rating: 5, p_negative: 1, p_negative_text: 1, contradict: true, withStars: 1 },
  { rating: 1, p_negative: 0, p_negative_text: 0, contradict: true, withStars: 0 },
];

describe('stars beside the text', () => {
  const database = useTestDatabase();
  before(async () => insert(await database.connect(), 'review_score', REVIEWS.map(({ rating, p_negative, p_negative_text }, n) => review(PRODUCTS[0]!, Date.now() - n * 1000, 'It is what it is.', p_negative, { rating, p_negative, p_negative_text }))));

  it('are counted in as a witness of 97 in 100, and marked where they say the opposite', async () => {
    const rows = await database.query<{ withStars: number; contradict: boolean | null }>('SELECT p_negative_with_stars AS "withStars", stars_contradict AS contradict FROM tidewatch.reviews_scored ORDER BY "offset"');
    assert.deepEqual(rows.map(({ contradict }) => contradict), REVIEWS.map(({ contradict }) => contradict));
    rows.forEach(({ withStars }, i) => assert.ok(Math.abs(withStars - REVIEWS[i]!.withStars) < 1e-3, `${withStars} for ${JSON.stringify(REVIEWS[i])}`));
  });

  it('are counted in by SQL as by the worker, to the bit', async () => {
    const given = [null, 1, 2, 2.5, 3, 4, 4.6, 5].flatMap((rating) => [0, 1, 0.5, 1e-300, 1 - 2 ** -53, ...Array.from({ length: 500 }, (_, i) => 1 / (1 + Math.exp(10 * Math.sin(i))))].map((p) => ({ rating, p })));
    const rows = await database.query<{ counted: number }>(`SELECT internal.with_stars(p, rating) AS counted FROM jsonb_to_recordset('${JSON.stringify(given)}') AS given (p float8, rating float8)`);
    assert.deepEqual(rows.map(({ counted }) => counted), given.map(({ p, rating }) => withStars(p, rating)));
  });

  it('decide what a product’s figures count as negative', async () => {
    const [figures] = await database.query<{ negatives: number }>('SELECT sum(negatives)::int AS negatives FROM tidewatch.product_sentiment_hourly');
    assert.equal(figures?.negatives, REVIEWS.filter(({ withStars }) => withStars > 0.5).length);
  });
});
