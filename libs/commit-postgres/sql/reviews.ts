/**
 * review_identity and review_score. Identities and scores of new reviews are plain appends; a review that another
 * partition wrote meanwhile breaks the key of review_identity (23505). A correction marks the row it replaces and moves
 * the identity; one whose identity is gone or newer raises TW002.
 */
import type { KnownReview, LoadRequest, ScoredReview } from '#contracts';
import { arrayOf, bool, column, float8, int4, int8, jsonb, text, timestamptz } from '../wire/cells.js';
import type { Pipeline } from '../wire/pipeline.js';
import { copyInto, statementOverRows } from '../wire/statements.js';
import type { IdentityMove, ReviewPlan, ScoreRow } from './plan-reviews.js';

const copyIdentities = copyInto<ScoredReview>('internal.review_identity', [
  column('product_id', text, ({ event }) => event.productId),
  column('review_id', text, ({ event }) => event.reviewId),
  column('revision', int4, ({ event }) => event.revision),
  column('content_hash', text, ({ event }) => event.contentHash),
  column('reviewed_at', timestamptz, ({ event }) => event.reviewedAt),
  column('topic', text, ({ event }) => event.position.topic),
  column('partition', int4, ({ event }) => event.position.partition),
  column('offset', int8, ({ event }) => event.position.offset),
]);

const copyScores = copyInto<ScoreRow>('internal.review_score', [
  column('topic', text, ({ scored }) => scored.event.position.topic),
  column('partition', int4, ({ scored }) => scored.event.position.partition),
  column('offset', int8, ({ scored }) => scored.event.position.offset),
  column('reviewed_at', timestamptz, ({ scored }) => scored.event.reviewedAt),
  column('product_id', text, ({ scored }) => scored.event.productId),
  column('product_name', text, ({ scored }) => scored.event.productName),
  column('review_id', text, ({ scored }) => scored.event.reviewId),
  column('revision', int4, ({ scored }) => scored.event.revision),
  column('superseded_by', int4, ({ supersededBy }) => supersededBy),
  column('rating', float8, ({ scored }) => scored.event.rating),
  column('title', text, ({ scored }) => scored.event.title),
  column('text', text, ({ scored }) => scored.event.text),
  column('lang', text, ({ scored }) => scored.event.lang),
  column('source', text, ({ scored }) => scored.event.source),
  column('region', text, ({ scored }) => scored.event.region),
  column('app_version', text, ({ scored }) => scored.event.appVersion),
  column('verified', bool, ({ scored }) => scored.event.verified),
  column('extra', jsonb, ({ scored }) => scored.event.extra),
  column('p_negative', float8, ({ scored }) => scored.pNegative),
  column('p_negative_text', float8, ({ scored }) => scored.pNegativeText),
  column('expected_negative', float8, ({ scored }) => scored.expectedNegative),
  column('known_words', float8, ({ scored }) => scored.knownWords),
  column('top_words', jsonb, ({ scored }) => JSON.stringify(scored.topWords)),
  column('model_id', text, ({ scored }) => scored.modelId),
]);

const moveColumns = [
  column<IdentityMove, string>('product_id', text, ({ newest }) => newest.event.productId),
  column<IdentityMove, string>('review_id', text, ({ newest }) => newest.event.reviewId),
  column<IdentityMove, number>('first_revision', int4, ({ first }) => first.event.revision),
  column<IdentityMove, number>('revision', int4, ({ newest }) => newest.event.revision),
  column<IdentityMove, string>('content_hash', text, ({ newest }) => newest.event.contentHash),
  column<IdentityMove, number>('reviewed_at', timestamptz, ({ newest }) => newest.event.reviewedAt),
  column<IdentityMove, string>('topic', text, ({ newest }) => newest.event.position.topic),
  column<IdentityMove, number>('partition', int4, ({ newest }) => newest.event.position.partition),
  column<IdentityMove, bigint>('offset', int8, ({ newest }) => newest.event.position.offset),
];

/** Both updates see the table as it was before the statement: the old place is read while the new one is written. */
const correct = statementOverRows('correct reviews', moveColumns, (given) => `
WITH given AS MATERIALIZED (SELECT * FROM ${given}),
old AS (
  SELECT known.topic, known.partition, known."offset", known.reviewed_at, given.first_revision
  FROM given JOIN internal.review_identity AS known USING (product_id, review_id)
),
marked AS (
  UPDATE internal.review_score AS score SET superseded_by = old.first_revision FROM old
  WHERE score.topic = old.topic AND score.partition = old.partition AND score."offset" = old."offset" AND score.reviewed_at = old.reviewed_at
),
moved AS (
  UPDATE internal.review_identity AS known
  SET (revision, content_hash, reviewed_at, topic, partition, "offset")
    = (given.revision, given.content_hash, given.reviewed_at, given.topic, given.partition, given."offset")
  FROM given
  WHERE known.product_id = given.product_id AND known.review_id = given.review_id AND known.revision < given.first_revision
  RETURNING known.product_id, known.review_id
),
missed AS (SELECT product_id, review_id FROM given EXCEPT SELECT product_id, review_id FROM moved)
SELECT internal.require_all((SELECT array_agg(DISTINCT product_id) FROM missed), ARRAY[]::text[])`);

export function addReviews(to: Pipeline, { scores, identities, moves }: ReviewPlan): void {
  to.copy(copyIdentities, identities);
  if (moves.length > 0) to.add(correct, moveColumns.map((each) => arrayOf(each, moves)));
  to.copy(copyScores, scores);
}

type ReviewKey = LoadRequest['reviews'][number];
const keyColumns = [
  column<ReviewKey, string>('product_id', text, ({ productId }) => productId),
  column<ReviewKey, string>('review_id', text, ({ reviewId }) => reviewId),
];
const readKnown = statementOverRows('read known reviews', keyColumns, (given) => `
SELECT product_id, review_id, known.revision, known.content_hash FROM ${given} JOIN internal.review_identity AS known USING (product_id, review_id)`);

export function addReadKnown(to: Pipeline, reviews: readonly ReviewKey[]): void {
  to.add(readKnown, keyColumns.map((each) => arrayOf(each, reviews)));
}

export function knownOfRow([productId, reviewId, revision, contentHash]: readonly (string | null)[]): KnownReview {
  return { productId: productId!, reviewId: reviewId!, revision: Number(revision), contentHash: contentHash! };
}
