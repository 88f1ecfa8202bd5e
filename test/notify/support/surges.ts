/** Surge transitions put into the outbox as the worker's commit does, without a worker. */
import type { Pool } from 'pg';
import type { SurgeRecord } from '#contracts';
import { createPostgresStore } from '#commit-postgres';
import { loadSettings } from '#load-config';
import { sampleBatch } from '#testkit';
import { readLexicon } from '../../../apps/stream-worker/read-lexicon.js';

export const lexicon = readLexicon(loadSettings({}).aspectsFile);
const OPENED = Date.UTC(2026, 0, 10, 8);
const HOUR = 3_600_000;

export function transition(productId: string, seq: number, status: SurgeRecord['status'], severity: number): SurgeRecord {
  const at = OPENED + (seq - 1) * HOUR;
  return {
    surgeId: `${productId}@${new Date(OPENED).toISOString()}`, seq, productId, status, channel: 'count', at, openedAt: OPENED, closedAt: status === 'closed' ? at : null, startedAt: OPENED - 2 * HOUR,
    expected: 1.5, observed: 9 + seq, excess: 7.5 + seq, excessLow: 3, excessHigh: 14, severity, shareBefore: 0.08, shareNow: 0.7, budgetPerDay: 1 / 91, budgetSource: 'default', settingsId: 'default-1', modelId: 'reviews-test',
    events: [], muted: false, calendarId: 0,
  };
}

/** As the scheduler explains it, with one review that shows it. */
export async function explained(pool: Pool, surgeId: string, seq: number): Promise<void> {
  await pool.query(`insert into internal.surge_explanation (surge_id, seq, negatives, negatives_before, contributors) values ($1, $2, 9, 9, '[]')`, [surgeId, seq]);
  await pool.query(`insert into internal.surge_evidence (surge_id, rank, review_id, topic, partition, "offset", reviewed_at, p_negative, excerpt, top_words) values ($1, 1, 'r1', 'reviews.v1', 0, 1, $2, 0.97, 'The lid <b>leaks</b> & <!channel> burns', '[{"word":"lid","start":4,"end":7,"weight":0.4}]')`, [surgeId, new Date(OPENED)]);
}

/** One commit a call, so that every call is a transaction of its own, as transitions come in life. */
export async function commitSurges(url: string, pool: Pool, surges: readonly SurgeRecord[]): Promise<void> {
  const store = createPostgresStore({ databaseUrl: url, poolSize: 2 });
  try {
    const lease = await store.acquireLease({ topic: 'reviews.v1', partition: 0 }, 'test');
    const outcome = await store.commit(sampleBatch(lease, lease.nextOffset + 1n, { surges }));
    if (outcome.kind !== 'committed') throw new Error(`the test's commit is ${outcome.kind}`);
  } finally {
    await store.close();
  }
}
