/** What everyone may read about reviews, products and surges. Times are event time unless a sentence says otherwise. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createViews, dropViews, type ViewDefinition } from './define-view.js';

const views: readonly ViewDefinition[] = [
  {
    name: 'reviews_scored',
    comment: 'Every review with its score; the current revision only.',
    columns: {
      product_id: 'Key of the product.',
      product_name: 'Product name as this review carried it; null when it carried none.',
      review_id: 'Key of the review within its product.',
      revision: 'Revision that was scored; 0 is the first.',
      reviewed_at: 'When the review was written.',
      rating: 'Stars given, 1 to 5, fractions possible; null when none.',
      title: 'Title of the review.',
      text: 'Text of the review. U+0000 and lone surrogates, which Postgres cannot hold, read as U+FFFD.',
      lang: 'Language as the producer named it.',
      source: 'Shop or channel as the producer named it.',
      region: 'Region as the producer named it.',
      app_version: 'Version of the app or product.',
      verified: 'Whether the purchase was verified.',
      p_negative: 'Calibrated probability that the review is negative, from its text and the history of its product.',
      p_negative_text: 'The same from the text alone.',
      expected_negative: 'What was expected of this review before it was read; null for a product’s first.',
      top_words: 'Words with the highest attention: [{word, start, end, weight}].',
      model_id: 'Model that scored it.',
      topic: 'Topic of the message.',
      partition: 'Partition of the message.',
      offset: 'Offset of the message.',
      scored_at: 'Clock time at which the row was written.',
    },
    select: `
SELECT product_id, product_name, review_id, revision, reviewed_at, rating, title, text, lang, source, region, app_version, verified,
  p_negative, p_negative_text, expected_negative, top_words, model_id, topic, partition, "offset", scored_at
FROM internal.review_score WHERE superseded_by IS NULL`,
  },
  {
    name: 'products',
    comment: 'One row per product that has had a review.',
    columns: {
      product_id: 'Key of the product.',
      product_name: 'Newest product name seen.',
      reviews: 'Reviews that have advanced the state of the product (corrections and duplicates do not).',
      last_review_at: 'Time of the newest review.',
      negatives_7d: 'Reviews with p_negative of 0.5 or more in the seven days up to last_review_at.',
      reviews_7d: 'Reviews in those seven days.',
      share_7d: 'negatives_7d / reviews_7d; null without reviews.',
      open_surge_id: 'The surge that is open now; null when none.',
      summary: 'A few numbers of the surge tracker.',
    },
    select: `
SELECT e.entity, e.label, e.version - e.amendments, e.last_event_at, w.negatives, w.reviews, w.negatives::float8 / nullif(w.reviews, 0),
  (SELECT s.surge_id FROM internal.surge s WHERE s.product_id = e.entity AND s.closed_at IS NULL ORDER BY s.opened_at DESC LIMIT 1), e.summary
FROM internal.entity_state e
CROSS JOIN LATERAL (
  SELECT count(*) AS reviews, count(*) FILTER (WHERE r.p_negative >= 0.5) AS negatives
  FROM internal.review_score r
  WHERE r.product_id = e.entity AND r.reviewed_at > e.last_event_at - interval '7 days' AND r.reviewed_at <= e.last_event_at
    AND r.superseded_by IS NULL
) w
WHERE e.stream = 'reviews'`,
  },
  {
    name: 'product_sentiment_hourly',
    comment: 'Reviews per product and hour; current revisions. Hours without a review have no row.',
    columns: {
      product_id: 'Key of the product.',
      hour: 'Start of the hour, UTC.',
      reviews: 'Reviews written in the hour.',
      negatives: 'Of them, those with p_negative of 0.5 or more.',
      share: 'negatives / reviews.',
      mean_rating: 'Mean of the stars given; null when none were.',
    },
    select: `
SELECT product_id, date_trunc('hour', reviewed_at, 'UTC'), count(*), count(*) FILTER (WHERE p_negative >= 0.5),
  count(*) FILTER (WHERE p_negative >= 0.5)::float8 / count(*), avg(rating)
FROM internal.review_score WHERE superseded_by IS NULL GROUP BY 1, 2`,
  },
  {
    name: 'surges',
    comment: 'Surges of negative reviews as they stand after their newest transition.',
    columns: {
      surge_id: 'Product and opening time: the same in every replay.',
      product_id: 'Key of the product.',
      product_name: 'Newest product name seen.',
      status: 'opened, worsening, easing or closed.',
      channel: 'What crossed its threshold: count of negatives, or their share.',
      opened_at: 'When the alarm was raised.',
      closed_at: 'When it closed; null while it is open.',
      started_at: 'Estimated start of the change.',
      last_change_at: 'Time of the newest transition.',
      expected: 'Negatives expected since started_at.',
      observed: 'Negatives observed since started_at.',
      excess: 'observed - expected.',
      severity: '1 to 10, from the excess and its certainty.',
      share_before: 'Share of negatives before the surge.',
      share_now: 'Share of negatives in the surge.',
      budget_per_day: 'False alarms per product and day that the threshold was set for.',
      settings_id: 'Detector settings that were in force.',
      model_id: 'Model that scored the reviews.',
      transitions: 'Number of transitions so far.',
      contributors: 'What is over-represented among the negatives: [{kind, value, shareNow, shareBefore}].',
    },
    select: `
SELECT s.surge_id, s.product_id, e.label, s.status, s.channel, s.opened_at, s.closed_at, s.started_at, s.last_change_at, s.expected, s.observed,
  s.excess, s.severity, s.share_before, s.share_now, s.budget_per_day, s.settings_id, s.model_id, s.seq, s.contributors
FROM internal.surge s LEFT JOIN internal.entity_state e ON e.stream = 'reviews' AND e.entity = s.product_id`,
  },
  {
    name: 'surge_transitions',
    comment: 'Each transition of each surge.',
    columns: {
      surge_id: 'The surge.',
      seq: '1 for the opening, one more for each transition.',
      product_id: 'Key of the product.',
      status: 'Status that was entered.',
      at: 'When.',
      expected: 'Negatives expected since the start of the change.',
      observed: 'Negatives observed.',
      excess: 'observed - expected.',
      severity: '1 to 10.',
      share_before: 'Share of negatives before the surge.',
      share_now: 'Share of negatives in the surge.',
      contributors: 'What was over-represented then.',
      recorded_at: 'Clock time at which the row was written.',
    },
    select: `
SELECT t.surge_id, t.seq, s.product_id, t.status, t.at, t.expected, t.observed, t.excess, t.severity, t.share_before, t.share_now,
  t.contributors, t.recorded_at
FROM internal.surge_transition t JOIN internal.surge s USING (surge_id)`,
  },
  {
    name: 'surge_evidence',
    comment: 'The reviews that speak for a surge, as of its newest transition.',
    columns: {
      surge_id: 'The surge.',
      rank: '1 is the most representative.',
      review_id: 'Key of the review within its product.',
      product_id: 'Key of the product.',
      reviewed_at: 'When the review was written.',
      p_negative: 'Its score.',
      excerpt: 'Part of its text.',
      top_words: 'Words to highlight: [{word, start, end, weight}].',
    },
    select: `
SELECT v.surge_id, v.rank, v.review_id, s.product_id, v.reviewed_at, v.p_negative, v.excerpt, v.top_words
FROM internal.surge_evidence v JOIN internal.surge s USING (surge_id)`,
  },
];

export class CreateReviewViews1795430000005 implements MigrationInterface {
  readonly name = 'CreateReviewViews1795430000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(createViews(views));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(dropViews(views));
  }
}
