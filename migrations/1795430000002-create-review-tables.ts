/**
 * Reviews, what is known of their identity, and surges.
 *
 * review_score is partitioned by the review's own time: retention drops whole partitions. Postgres cannot keep
 * (product, review) unique across those partitions, so review_identity does, and remembers where the current
 * revision's row lies; that makes a correction two point updates instead of a search through every partition.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateReviewTables1795430000002 implements MigrationInterface {
  readonly name = 'CreateReviewTables1795430000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE internal.review_identity (
  product_id text NOT NULL,
  review_id text NOT NULL,
  revision int NOT NULL,
  content_hash text NOT NULL,
  reviewed_at timestamptz NOT NULL,
  topic text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  PRIMARY KEY (product_id, review_id)
) WITH (fillfactor = 95, autovacuum_vacuum_insert_scale_factor = 0.2);

CREATE TABLE internal.review_score (
  topic text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  reviewed_at timestamptz NOT NULL,
  product_id text NOT NULL,
  product_name text,
  review_id text NOT NULL,
  revision int NOT NULL,
  superseded_by int,
  rating float8,
  title text,
  text text NOT NULL,
  lang text,
  source text,
  region text,
  app_version text,
  verified boolean,
  extra jsonb,
  p_negative float8 NOT NULL,
  p_negative_text float8 NOT NULL,
  expected_negative float8,
  top_words jsonb NOT NULL,
  model_id text NOT NULL,
  scored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic, partition, "offset", reviewed_at)
) PARTITION BY RANGE (reviewed_at);
CREATE INDEX review_score_product ON internal.review_score (product_id, reviewed_at);
CREATE TABLE internal.review_score_default PARTITION OF internal.review_score DEFAULT;

CREATE TABLE internal.surge (
  surge_id text PRIMARY KEY,
  seq int NOT NULL,
  product_id text NOT NULL,
  status text NOT NULL CHECK (status IN ('opened', 'worsening', 'easing', 'closed')),
  channel text NOT NULL CHECK (channel IN ('count', 'share')),
  opened_at timestamptz NOT NULL,
  closed_at timestamptz,
  started_at timestamptz NOT NULL,
  last_change_at timestamptz NOT NULL,
  expected float8 NOT NULL,
  observed float8 NOT NULL,
  excess float8 NOT NULL,
  severity float8 NOT NULL,
  share_before float8 NOT NULL,
  share_now float8 NOT NULL,
  budget_per_day float8 NOT NULL,
  settings_id text NOT NULL,
  model_id text NOT NULL,
  contributors jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX surge_product ON internal.surge (product_id, opened_at);
CREATE INDEX surge_open ON internal.surge (product_id) WHERE closed_at IS NULL;

CREATE TABLE internal.surge_transition (
  surge_id text NOT NULL,
  seq int NOT NULL,
  status text NOT NULL,
  at timestamptz NOT NULL,
  expected float8 NOT NULL,
  observed float8 NOT NULL,
  excess float8 NOT NULL,
  severity float8 NOT NULL,
  share_before float8 NOT NULL,
  share_now float8 NOT NULL,
  contributors jsonb NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (surge_id, seq)
);

CREATE TABLE internal.surge_evidence (
  surge_id text NOT NULL,
  rank int NOT NULL,
  review_id text NOT NULL,
  topic text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  reviewed_at timestamptz NOT NULL,
  p_negative float8 NOT NULL,
  excerpt text NOT NULL,
  top_words jsonb NOT NULL,
  PRIMARY KEY (surge_id, rank)
);`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP TABLE internal.surge_evidence, internal.surge_transition, internal.surge, internal.review_score, internal.review_identity;`);
  }
}
