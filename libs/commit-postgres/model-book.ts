/** The ModelBook port over Postgres, on two connections of its own: what it asks is rare and must not wait behind commits. */
import pg from 'pg';
import type { ModelBook } from '#contracts';
import { refused } from './commit.js';
import { NEWEST_REQUEST, NOTE_FAILURE, ONE_REQUEST, RECENT_REVIEWS, requestOf, storedReviewOf, switchOf, SWITCHES, type RecentRow, type RequestRow, type SwitchRow } from './sql/model-switches.js';

/** @throws DATABASE_UNAVAILABLE (retryable) or DATABASE_REFUSED, by every method */
export function createPostgresModelBook({ databaseUrl }: { readonly databaseUrl: string }): ModelBook {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2, application_name: 'tidewatch', statement_timeout: 30_000, connectionTimeoutMillis: 10_000, keepAlive: true });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const rows = async <Row extends pg.QueryResultRow>(what: string, sql: string, values: unknown[]): Promise<Row[]> => {
    try {
      return (await pool.query<Row>(sql, values)).rows;
    } catch (fault) {
      throw refused(fault, what);
    }
  };
  const first = <Row>([row]: readonly Row[]): Row | null => row ?? null;
  return {
    async newestRequest(stream) {
      const row = first(await rows<RequestRow>(`the question which model of ${stream} was asked for`, NEWEST_REQUEST, [stream]));
      return row === null ? null : requestOf(row);
    },
    async request(stream, requestId) {
      const row = first(await rows<RequestRow>(`request ${requestId} for a model of ${stream}`, ONE_REQUEST, [stream, requestId]));
      return row === null ? null : requestOf(row);
    },
    switchesOf: async ({ topic, partition }) => (await rows<SwitchRow>(`the changes of model in ${topic}/${partition}`, SWITCHES, [topic, partition])).map(switchOf),
    async recordFailure(stream, requestId, reason) {
      await rows(`the failure of request ${requestId}`, NOTE_FAILURE, [stream, requestId, reason]);
    },
    recentReviews: async ({ topic, partition }, before, products, most) =>
      (await rows<RecentRow>(`the newest reviews of ${products.length} products`, RECENT_REVIEWS, [topic, partition, products, before, most])).map(storedReviewOf),
    close: () => pool.end(),
  };
}
