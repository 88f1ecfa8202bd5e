/**
 * Keeps tidewatch.product_standing: for products whose state has moved on since, their last seven days, the longest waiting first, for
 * a bounded time a turn. Version and counts come from one statement, so of one moment.
 */
import type { ClientBase } from 'pg';
import type { ChoreParts } from './chores.js';
import { withClient } from './with-client.js';

const AT_ONCE = 250;
const MOST = 20_000;
const TURN_MS = 1_000;

const STALEST = `
SELECT e.entity FROM internal.entity_state e LEFT JOIN internal.product_standing s ON s.product_id = e.entity
WHERE e.stream = 'reviews' AND s.version IS DISTINCT FROM e.version ORDER BY s.computed_at NULLS FIRST, e.entity LIMIT ${MOST}`;

const COUNT = `
INSERT INTO internal.product_standing (product_id, version, reviews, negatives, negatives_1d, six_hours, computed_at)
SELECT e.entity, e.version, w.reviews, w.negatives, w.negatives_1d, w.six_hours, clock_timestamp()
FROM internal.entity_state e
CROSS JOIN LATERAL (
  SELECT coalesce(sum(reviews), 0) AS reviews, coalesce(sum(negatives), 0) AS negatives, coalesce(sum(negatives_1d), 0) AS negatives_1d,
    coalesce(jsonb_agg(jsonb_build_object('bucket', bucket, 'reviews', reviews, 'negatives', negatives) ORDER BY bucket), '[]') AS six_hours
  FROM (
    SELECT date_bin('6 hours', r.reviewed_at, timestamptz '2000-01-01 00:00Z') AS bucket, count(*) AS reviews, count(*) FILTER (WHERE internal.with_stars(r.p_negative, r.rating) >= 0.5) AS negatives,
      count(*) FILTER (WHERE internal.with_stars(r.p_negative, r.rating) >= 0.5 AND r.reviewed_at > e.last_event_at - interval '1 day') AS negatives_1d
    FROM internal.review_score r
    WHERE r.product_id = e.entity AND r.reviewed_at > e.last_event_at - interval '7 days' AND r.reviewed_at <= e.last_event_at AND r.superseded_by IS NULL
    GROUP BY 1
  ) b
) w
WHERE e.stream = 'reviews' AND e.entity = ANY($1)
ON CONFLICT (product_id) DO UPDATE SET version = excluded.version, reviews = excluded.reviews, negatives = excluded.negatives, negatives_1d = excluded.negatives_1d, six_hours = excluded.six_hours, computed_at = excluded.computed_at
WHERE product_standing.version <= excluded.version`;

/** Counts for these products, whether their state has moved on or not. */
export async function countProducts(client: ClientBase, productIds: readonly string[]): Promise<void> {
  await client.query(COUNT, [productIds]);
}

/** @returns products whose figures were counted */
export async function keepProducts({ pool }: Pick<ChoreParts, 'pool'>, clock: () => number = Date.now): Promise<number> {
  const end = clock() + TURN_MS;
  const stale = await withClient(pool, async (client) => (await client.query<{ entity: string }>(STALEST)).rows.map(({ entity }) => entity));
  let done = 0;
  while (done < stale.length && (done === 0 || clock() < end)) {
    const chosen = stale.slice(done, done + AT_ONCE);
    await withClient(pool, (client) => countProducts(client, chosen));
    done += chosen.length;
  }
  return done;
}
