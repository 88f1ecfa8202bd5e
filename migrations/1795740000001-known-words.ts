/** How much of each review the model could read: the share of its words that stand in the model's vocabulary. Rows of before have none. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { extendView } from './define-view.js';

const SCORED = `
SELECT product_id, product_name, review_id, revision, reviewed_at, rating, title, text, lang, source, region, app_version, verified,
  p_negative, p_negative_text, expected_negative, top_words, model_id, topic, partition, "offset", scored_at`;
const CURRENT = 'FROM internal.review_score WHERE superseded_by IS NULL';

export class KnownWords1795740000001 implements MigrationInterface {
  readonly name = 'KnownWords1795740000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE internal.review_score ADD COLUMN known_words float8;
${extendView('reviews_scored', { known_words: 'Share of its words that stand in the vocabulary of the model, 0 to 1. Low: another language or distorted text, and p_negative is right less often. Null without words, and for rows of before there was this column.' }, `${SCORED}, known_words ${CURRENT}`)}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP VIEW tidewatch.reviews_scored;
CREATE VIEW tidewatch.reviews_scored AS ${SCORED} ${CURRENT};
ALTER TABLE internal.review_score DROP COLUMN known_words;`);
  }
}
