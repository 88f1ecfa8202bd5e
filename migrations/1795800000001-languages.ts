/** The language of reviews that the model can hardly read, as a detector named it where the producer named none. The scheduler fills it in. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { extendView } from './define-view.js';

const SCORED = `
SELECT product_id, product_name, review_id, revision, reviewed_at, rating, title, text, lang, source, region, app_version, verified,
  p_negative, p_negative_text, expected_negative, top_words, model_id, topic, partition, "offset", scored_at, known_words`;
const CURRENT = 'FROM internal.review_score WHERE superseded_by IS NULL';

export class Languages1795800000001 implements MigrationInterface {
  readonly name = 'Languages1795800000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE internal.review_score ADD COLUMN named_lang text;
CREATE INDEX review_score_unnamed ON internal.review_score (reviewed_at) WHERE lang IS NULL AND named_lang IS NULL AND known_words < 0.8;
${extendView('reviews_scored', { language: 'Its language: as the producer named it, else, where the model knows less than 0.8 of its words, as a detector did within seconds (ISO 639-1; und where it could not say). Null: neither, nearly always the language of the model.' }, `${SCORED}, coalesce(lang, named_lang) AS language ${CURRENT}`)}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP VIEW tidewatch.reviews_scored;
CREATE VIEW tidewatch.reviews_scored AS ${SCORED} ${CURRENT};
DROP INDEX internal.review_score_unnamed;
ALTER TABLE internal.review_score DROP COLUMN named_lang;`);
  }
}
