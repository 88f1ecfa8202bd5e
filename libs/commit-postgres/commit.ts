/**
 * The commit (design section 5, step 5): one transaction, one round trip.
 *
 *   1. BEGIN
 *   2. move the lease: epoch mine, position as expected, exactly one row, else TW001; where another model begins here, that
 *   3. states, each at the version it was loaded at, else TW002; those of the partition's sources, which 2 has fenced
 *   4. identities, corrections, scores; bars, forecasts, settlements; surges with their outbox rows; dead letters
 *   5. COMMIT
 *
 * The lease goes first, not last: a zombie is refused before it writes or locks anything, and whoever takes the partition
 * over waits at that one row for a commit that is under way, instead of at some key deep inside the batch. For the outcome
 * the place makes no difference; the transaction is all or nothing. Until COMMIT is answered the outcome is unknown: the
 * connection may break behind it. That is a 'retry', and `doubts` remembers it: when the lease is then found at our epoch and
 * just behind this batch, only this batch can have moved it there, and the answer to the retry is 'committed'.
 */
import { TidewatchError, type BatchCommit, type CommitOutcome, type Lease } from '#contracts';
import { codeOf, waitBeforeRetry } from './retry.js';
import type { Sessions } from './session.js';
import { addDeadLetters } from './sql/dead-letters.js';
import { addLeaseMove, READ_LEASE } from './sql/lease.js';
import { addModelSwitch } from './sql/model-switches.js';
import { planReviews, type ReviewPlan } from './sql/plan-reviews.js';
import { addQuotes } from './sql/quotes.js';
import { addReadKnown, addReviews } from './sql/reviews.js';
import { addSources } from './sql/sources.js';
import { addStates } from './sql/states.js';
import { addSurges } from './sql/surges.js';
import { PipelineFault } from './wire/pipeline.js';

/** Commits whose outcome is unknown: lease (topic, partition, epoch) to the position behind the batch. */
export type Doubts = Map<string, bigint>;

const leaseKey = ({ topic, partition, epoch }: Lease): string => `${topic}/${partition}/${epoch}`;

export async function commitBatch(sessions: Sessions, batch: BatchCommit, surgesTopic: string, doubts: Doubts): Promise<CommitOutcome> {
  requireForward(batch.lease, batch.nextOffset);
  const key = leaseKey(batch.lease);
  const outcome = await tryCommit(sessions, batch, surgesTopic, doubts.get(key) === batch.nextOffset);
  if (outcome.kind === 'retry') doubts.set(key, batch.nextOffset);
  else doubts.delete(key);
  return outcome;
}

async function tryCommit(sessions: Sessions, batch: BatchCommit, surgesTopic: string, inDoubt: boolean): Promise<CommitOutcome> {
  const plan = planReviews(batch.reviews, batch.corrections);
  try {
    await sessions.transaction((to) => {
      addLeaseMove(to, batch);
      addModelSwitch(to, batch.modelSwitch);
      addStates(to, batch.stream, batch.states);
      addSources(to, batch.lease, batch.sources);
      addReviews(to, plan);
      addQuotes(to, batch);
      addSurges(to, batch.surges, surgesTopic);
      addDeadLetters(to, batch.rejections);
    });
    return { kind: 'committed' };
  } catch (fault) {
    try {
      if (inDoubt && codeOf(fault) === 'TW001' && (await standsBehind(sessions, batch))) return { kind: 'committed' };
    } catch (second) {
      return outcomeOf(second, offsetsOf(batch.lease, batch.nextOffset), batch.lease);
    }
    if (isTakenReview(fault)) return { kind: 'conflict', entities: await productsOfTaken(sessions, plan) };
    return outcomeOf(fault, offsetsOf(batch.lease, batch.nextOffset), batch.lease);
  }
}

/** The lease stands where this very batch would have put it. A second look, for a case that is rare; broken again, it stays in doubt. */
async function standsBehind(sessions: Sessions, { lease, nextOffset }: BatchCommit): Promise<boolean> {
  const { rows } = await sessions.pool.query<{ epoch: string; next_offset: string }>(READ_LEASE, [lease.topic, lease.partition]);
  return rows[0]?.epoch === String(lease.epoch) && rows[0].next_offset === String(nextOffset);
}

export function requireForward(lease: Lease, nextOffset: bigint): void {
  if (nextOffset > lease.nextOffset) return;
  throw new TidewatchError('OFFSET_NOT_FORWARD',
    `found a commit of ${lease.topic}/${lease.partition} that ends at offset ${nextOffset}, expected one behind ${lease.nextOffset}, where the partition stands: nothing was written; this is a fault of the worker`,
    { place: { topic: lease.topic, partition: lease.partition, offset: nextOffset } });
}

/** The outcome that a fault stands for; throws DATABASE_REFUSED for any that is not known. */
export function outcomeOf(fault: unknown, what: string, lease: Lease | null): CommitOutcome {
  const code = codeOf(fault);
  if (code === 'TW001') return { kind: 'fenced' };
  if (code === 'TW002') return { kind: 'conflict', entities: JSON.parse(detailOf(fault)) as string[] };
  const afterMs = waitBeforeRetry(fault);
  if (afterMs !== null) return { kind: 'retry', afterMs, cause: causeOf(fault) };
  throw refused(fault, what, lease === null ? {} : { topic: lease.topic, partition: lease.partition, offset: lease.nextOffset });
}

export const offsetsOf = ({ topic, partition, nextOffset }: Lease, end: bigint): string => `the commit of ${topic}/${partition}, offsets ${nextOffset} to ${end - 1n}`;

/** An error that says what was asked and what the database answered. */
export function refused(fault: unknown, what: string, place: { topic?: string; partition?: number; offset?: bigint } = {}): TidewatchError {
  const retryable = waitBeforeRetry(fault) !== null;
  const at = fault instanceof PipelineFault && fault.statement !== null ? ` at "${fault.statement}"` : '';
  const answer = fault instanceof Error ? fault.message : String(fault);
  const detail = detailOf(fault);
  return new TidewatchError(retryable ? 'DATABASE_UNAVAILABLE' : 'DATABASE_REFUSED',
    `the database ${retryable ? 'could not take' : 'refused'} ${what}${at}: ${answer}${detail === '' ? '' : ` (${detail})`} [${codeOf(fault) ?? 'no code'}]; nothing was written`,
    { cause: causeOf(fault), place });
}

const causeOf = (fault: unknown): unknown => (fault instanceof PipelineFault ? fault.cause : fault);

function detailOf(fault: unknown): string {
  const cause = causeOf(fault);
  return cause instanceof Error && 'detail' in cause && typeof cause.detail === 'string' ? cause.detail : '';
}

/** Another partition has written one of these reviews since they were looked up. */
function isTakenReview(fault: unknown): boolean {
  const cause = causeOf(fault);
  return codeOf(fault) === '23505' && cause instanceof Error && 'table' in cause && cause.table === 'review_identity';
}

/** Products of those new reviews that are known by now; of all of them when the other's rows are gone again. */
async function productsOfTaken(sessions: Sessions, { identities }: ReviewPlan): Promise<string[]> {
  const keys = identities.map(({ event }) => ({ productId: event.productId, reviewId: event.reviewId }));
  const [known = []] = await sessions.run((to) => addReadKnown(to, keys)).catch(() => [[]]);
  const products = known.length > 0 ? known.map(([productId]) => productId!) : keys.map(({ productId }) => productId);
  return [...new Set(products)].sort();
}
