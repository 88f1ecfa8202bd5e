/**
 * A review's own stars beside what the model reads in its text. The model's probabilities are made without them; here they
 * are counted in, as a witness who is right 97 times in 100: of texts that the model is surest about, up to three in a hundred
 * carry stars of the other kind (docs/review-model.md).
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { extendView } from './define-view.js';

const SCORED = `
SELECT product_id, product_name, review_id, revision, reviewed_at, rating, title, text, lang, source, region, app_version, verified,
  p_negative, p_negative_text, expected_negative, top_words, model_id, topic, partition, "offset", scored_at, known_words, coalesce(lang, named_lang) AS language`;
const CURRENT = 'FROM internal.review_score WHERE superseded_by IS NULL';

/** By how much the odds change: 0.97 / 0.03, three stars and none say nothing. */
const WITNESS = 'CASE WHEN rating <= 2 THEN 97 / 3.0 WHEN rating >= 4 THEN 3 / 97.0 ELSE 1 END';
const WITH_STARS = `p_negative * (${WITNESS}) / (p_negative * (${WITNESS}) + 1 - p_negative)`;
const CONTRADICT = 'CASE WHEN rating >= 4 THEN p_negative_text > 0.9 WHEN rating <= 2 THEN p_negative_text < 0.1 WHEN rating IS NOT NULL THEN false END';

export class StarsBesideText1795970000001 implements MigrationInterface {
  readonly name = 'StarsBesideText1795970000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(extendView('reviews_scored', {
      p_negative_with_stars: 'Probability that the author is dissatisfied, from text, history and the review\'s own stars, which count as a witness who is right 97 times in 100. Without stars, and with three, the same as p_negative.',
      stars_contradict: 'Whether stars and text say opposite things: four or five stars and p_negative_text above 0.9, or two and fewer and below 0.1. Null without stars.',
    }, `${SCORED}, (${WITH_STARS})::float8 AS p_negative_with_stars, ${CONTRADICT} AS stars_contradict ${CURRENT}`));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP VIEW tidewatch.reviews_scored; CREATE VIEW tidewatch.reviews_scored AS ${SCORED} ${CURRENT};`);
  }
}
