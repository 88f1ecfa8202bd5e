/** Surge transitions put into the outbox as the worker's commit does, without a worker. */
import type { Pool } from 'pg';
import type { SurgeRecord } from '#contracts';
import { createPostgresStore } from '#commit-postgres';
import { sampleBatch } from '#testkit';

const OPENED = Date.UTC(2026, 0, 10, 8);
const HOUR = 3_600_000;

export function transition(productId: string, seq: number, status: SurgeRecord['status'], severity: number): SurgeRecord {
  const at = OPENED + (seq - 1) * HOUR;
  return {
    surgeId: `${productId}@${new Date(OPENED).toISOString()}`, seq, productId, status, channel: 'count', at, openedAt: OPENED, closedAt: status === 'closed' ? at : null, startedAt: OPENED - 2 * HOUR,
    expected: 1.5, observed: 9 + seq, excess: 7.5 + seq, excessLow: 3, excessHigh: 14, severity, shareBefore: 0.08, shareNow: 0.7, budgetPerDay: 1 / 91, budgetSource: 'default', settingsId: 'default-1', modelId: 'reviews-test',
    evidence: [{ rank: 1, reviewId: 'r1', position: { topic: 'reviews.v1', partition: 0, offset: 1n }, at, pNegative: 0.97, excerpt: 'The lid <b>leaks</b> & <!channel> burns', topWords: [{ word: 'lid', start: 4, end: 7, weight: 0.4 }] }],
    events: [], muted: false, calendarId: 0,
  };
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
