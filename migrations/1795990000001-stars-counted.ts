/**
 * The surge detector counts a review's own stars in; what the views and the page count as a negative is the same now, and so are
 * contributors and evidence. One function says it (libs/score-with-state/with-stars.ts says it for the worker, to the bit), and the index that figures are
 * read from holds the stars too: on a large table the upgrade takes as long as building it.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createViews, extendView, type ViewDefinition } from './define-view.js';

const WITH_STARS = `
CREATE FUNCTION internal.with_stars(p_negative float8, rating float8) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN rating <= 2 THEN p_negative * (97 / 3::float8) / (p_negative * (97 / 3::float8) + (1 - p_negative))
    WHEN rating >= 4 THEN p_negative * (3 / 97::float8) / (p_negative * (3 / 97::float8) + (1 - p_negative)) ELSE p_negative END
$$;`;
const PLAIN = `CASE WHEN rating <= 2 THEN 97 / 3.0 WHEN rating >= 4 THEN 3 / 97.0 ELSE 1 END`;

const scored = (withStars: string): string => `
SELECT product_id, product_name, review_id, revision, reviewed_at, rating, title, text, lang, source, region, app_version, verified,
  p_negative, p_negative_text, expected_negative, top_words, model_id, topic, partition, "offset", scored_at, known_words, coalesce(lang, named_lang) AS language, (${withStars})::float8 AS p_negative_with_stars,
  CASE WHEN rating >= 4 THEN p_negative_text > 0.9 WHEN rating <= 2 THEN p_negative_text < 0.1 WHEN rating IS NOT NULL THEN false END AS stars_contradict
FROM internal.review_score WHERE superseded_by IS NULL`;

/** What counts the negatives among reviews: `name` for people, `value` for the database. */
interface Counted {
  readonly name: string;
  readonly value: string;
}
const NOW: Counted = { name: 'p_negative_with_stars', value: 'internal.with_stars(p_negative, rating)' };
const BEFORE: Counted = { name: 'p_negative', value: 'p_negative' };

const views = ({ name, value }: Counted): readonly ViewDefinition[] => [
  {
    name: 'products',
    comment: 'One row per product that has had a review.',
    columns: {
      product_id: 'Key of the product.',
      product_name: 'Newest product name seen.',
      reviews: 'Reviews that have advanced the state of the product (corrections and duplicates do not).',
      last_review_at: 'Time of the newest review.',
      negatives_7d: `Reviews with ${name} of 0.5 or more in the seven days up to last_review_at.`,
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
  SELECT count(*) AS reviews, count(*) FILTER (WHERE ${value} >= 0.5) AS negatives
  FROM internal.review_score
  WHERE product_id = e.entity AND reviewed_at > e.last_event_at - interval '7 days' AND reviewed_at <= e.last_event_at
    AND superseded_by IS NULL
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
      negatives: `Of them, those with ${name} of 0.5 or more.`,
      share: 'negatives / reviews.',
      mean_rating: 'Mean of the stars given; null when none were.',
    },
    select: `
SELECT product_id, date_trunc('hour', reviewed_at, 'UTC'), count(*), count(*) FILTER (WHERE ${value} >= 0.5),
  count(*) FILTER (WHERE ${value} >= 0.5)::float8 / count(*), avg(rating)
FROM internal.review_score WHERE superseded_by IS NULL GROUP BY 1, 2`,
  },
];

const comments = ({ name }: Counted, counted: string): string => `
COMMENT ON COLUMN tidewatch.product_standing.negatives_7d IS 'Reviews with ${name} of 0.5 or more in the seven days up to the newest review of then; null until first computed.';
COMMENT ON COLUMN tidewatch.surge_evidence.p_negative IS 'Its score${counted}.';
COMMENT ON COLUMN tidewatch.surges.observed IS 'Negatives observed since started_at: sum of ${name}.';
TRUNCATE internal.product_standing;`;

export class StarsCounted1795990000001 implements MigrationInterface {
  readonly name = 'StarsCounted1795990000001';

  /** What was counted of the last seven days goes: the scheduler counts it anew within seconds. */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`${WITH_STARS}
CREATE INDEX review_score_counted ON internal.review_score (product_id, reviewed_at) INCLUDE (p_negative, rating, expected_negative, superseded_by);
DROP INDEX internal.review_score_figures;
${extendView('reviews_scored', {}, scored(NOW.value))}
${createViews(views(NOW), { replace: true })}
${comments(NOW, ', with its own stars counted in')}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`${createViews(views(BEFORE), { replace: true })}
${extendView('reviews_scored', {}, scored(`p_negative * (${PLAIN}) / (p_negative * (${PLAIN}) + 1 - p_negative)`))}
CREATE INDEX review_score_figures ON internal.review_score (product_id, reviewed_at) INCLUDE (p_negative, expected_negative, superseded_by);
DROP INDEX internal.review_score_counted;
${comments(BEFORE, '')}
DROP FUNCTION internal.with_stars(float8, float8);`);
  }
}
