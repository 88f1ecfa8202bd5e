/**
 * The review worker with the fault that the crash test exists to catch: results in one transaction, the position in a
 * second one. A kill between the two leaves rows without a position, and the next owner takes the messages again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchCommit, CommitOutcome, StreamStore } from '#contracts';
import { createPostgresStore } from '#commit-postgres';
import { openReviewWorker } from '../../../apps/review-worker/open-worker.js';
import { runWorker } from '../../../apps/stream-worker/run-worker.js';
import { requireDatabase } from '../../../apps/stream-worker/require-database.js';
import { Sessions } from '../../../libs/commit-postgres/session.js';
import { outcomeOf } from '../../../libs/commit-postgres/commit.js';
import { addDeadLetters } from '../../../libs/commit-postgres/sql/dead-letters.js';
import { addLeaseMove } from '../../../libs/commit-postgres/sql/lease.js';
import { planReviews } from '../../../libs/commit-postgres/sql/plan-reviews.js';
import { addReviews } from '../../../libs/commit-postgres/sql/reviews.js';
import { addStates } from '../../../libs/commit-postgres/sql/states.js';
import { addSurges } from '../../../libs/commit-postgres/sql/surges.js';

/** Most of a commit's cycle, so that a dozen kills surely meet it: with 10 ms, a slow machine let the fault slip through now and then. */
const GAP_MS = 150;

function breakCommit(store: StreamStore, databaseUrl: string): StreamStore {
  const sessions = new Sessions({ databaseUrl, poolSize: 8, statementTimeoutMs: 30_000 });
  const commit = async (batch: BatchCommit): Promise<CommitOutcome> => {
    try {
      await sessions.transaction((to) => {
        addStates(to, batch.stream, batch.states);
        addReviews(to, planReviews(batch.reviews, batch.corrections));
        addSurges(to, batch.surges, 'surges.v1');
        addDeadLetters(to, batch.rejections);
      });
      await sleep(GAP_MS);
      await sessions.transaction((to) => addLeaseMove(to, batch));
      return { kind: 'committed' };
    } catch (fault) {
      return outcomeOf(fault, 'a broken commit', batch.lease);
    }
  };
  return { ...store, commit };
}

await runWorker('review-worker', openReviewWorker((settings) => {
  const databaseUrl = requireDatabase(settings);
  return breakCommit(createPostgresStore({ databaseUrl }), databaseUrl);
}));
