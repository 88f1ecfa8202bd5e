/**
 * People's verdicts back into the detector (libs/detect-surge/feedback.ts says what they change): a closed surge whose newest verdict
 * is not yet what its product's state holds. State and the row that says why go in one transaction under the state's version, so
 * that the change has its place in the order of the product's events, and two schedulers, or a crash, apply it once.
 * A verdict on an open surge waits until it closes.
 */
import type { ClientBase } from 'pg';
import { learnSurge, wasAdopted, windowOf, withCaution, type JudgedSurge } from '#detect-surge';
import { replaceTracker, restoreState } from '#score-with-state';
import { reviewTrackerCodec } from '../review-worker/review-tracker.js';
import type { ChoreParts } from './chores.js';
import { withClient } from './with-client.js';

const AT_ONCE = 50;
/** Verdicts that say "part of the normal". */
const NORMAL = ['false', 'expected'];

interface Pending extends JudgedSurge {
  readonly surgeId: string;
  readonly productId: string;
  readonly verdict: string;
  readonly by: string;
  readonly changes: number;
}

/** @returns how many verdicts were taken in */
export async function learnFeedback({ pool, store, surge, calendar, summarize, say }: Omit<ChoreParts, 'producer' | 'settings'>): Promise<number> {
  let learnt = 0;
  for (const pending of await withClient(pool, pendingVerdicts)) {
    const stored = (await store.load({ stream: 'reviews', entities: [pending.productId], reviews: [] })).states.get(pending.productId);
    if (stored === undefined) continue;
    const settings = calendar().settingsOf(surge, pending.productId);
    const state = restoreState(stored, null, reviewTrackerCodec);
    const before = state.tracker.surge;
    const learned = NORMAL.includes(pending.verdict);
    const judged = await withClient(pool, (client) => countJudged(client, pending.productId, windowOf(settings, before)));
    const after = withCaution(settings, learnSurge(settings, before, pending, learned ? 1 : -1), judged);
    const [was, is] = [figuresOf(summarize(before, pending.productId)), figuresOf(summarize(after, pending.productId))];
    const next = replaceTracker(stored, { ...state.tracker, surge: after }, reviewTrackerCodec, summarize(after, pending.productId));
    const outcome = await store.amend({
      stream: 'reviews', state: next, expectedVersion: stored.version,
      baselineChanges: [{
        surgeId: pending.surgeId, seq: pending.changes + 1, productId: pending.productId, verdict: pending.verdict, learned, stateVersion: next.version, judged,
        raisedBefore: was.raised, raisedAfter: is.raised, rateBefore: was.rate, rateAfter: is.rate, shareBefore: was.share, shareAfter: is.share,
        reason: reasonOf(pending, learned, wasAdopted(settings, pending), judged, was.raised, is.raised),
      }],
    });
    if (outcome.kind !== 'committed') continue; // a worker was faster, or the database is away: seen again at the next turn
    learnt += 1;
    say('a verdict changed what is normal', { product: pending.productId, surge: pending.surgeId, verdict: pending.verdict });
  }
  return learnt;
}

async function pendingVerdicts(client: ClientBase): Promise<Pending[]> {
  const { rows } = await client.query<{ surge_id: string; product_id: string; started_at: Date; opened_at: Date; closed_at: Date; observed: number; share_now: number; verdict: string; by: string; changes: number }>(`
select s.surge_id, s.product_id, s.started_at, s.opened_at, s.closed_at, s.observed, s.share_now, f.verdict, f.by, coalesce(c.seq, 0) as changes
from (select distinct on (surge_id) surge_id, seq, verdict, by, acted_at from internal.surge_action where action = 'feedback' order by surge_id, seq desc) f
join internal.surge s using (surge_id)
left join lateral (select seq, learned from internal.baseline_change where baseline_change.surge_id = s.surge_id order by seq desc limit 1) c on true
where s.closed_at is not null and (f.verdict = any($1)) <> coalesce(c.learned, false)
order by f.acted_at, f.surge_id limit $2`, [NORMAL, AT_ONCE]);
  return rows.map((row) => ({
    surgeId: row.surge_id, productId: row.product_id, startedAt: row.started_at.getTime(), openedAt: row.opened_at.getTime(), closedAt: row.closed_at.getTime(),
    observed: row.observed, reviews: row.share_now > 0 ? row.observed / row.share_now : 0, verdict: row.verdict, by: row.by, changes: row.changes,
  }));
}

/** Closed surges of the product, opened since then, whose newest verdict says "part of the normal". */
async function countJudged(client: ClientBase, productId: string, since: number): Promise<number> {
  const { rows } = await client.query<{ judged: number }>(`
select count(*)::int as judged from internal.surge s
where s.product_id = $1 and s.opened_at >= $2 and s.closed_at is not null
  and (select verdict from internal.surge_action a where a.surge_id = s.surge_id and action = 'feedback' order by seq desc limit 1) = any($3)`, [productId, new Date(since), NORMAL]);
  return rows[0]!.judged;
}

function figuresOf(summary: Readonly<Record<string, unknown>>): { rate: number; share: number; raised: number } {
  const { ratePerDay, share, thresholdRaised } = summary as { ratePerDay: number; share: number; thresholdRaised: number };
  return { rate: ratePerDay, share, raised: thresholdRaised };
}

function reasonOf({ by, verdict, observed, reviews, startedAt, closedAt }: Pending, learned: boolean, adopted: boolean, judged: number, raisedBefore: number, raisedAfter: number): string {
  const days = Math.max(0.1, (closedAt - startedAt) / 86_400_000).toFixed(1);
  const what = adopted ? 'it lasted until its level was the normal anyhow, so the normal stays as it is'
    : learned ? `its ${observed.toFixed(1)} negatives of ${Math.round(reviews)} reviews in ${days} days count in full, no longer with the small weight of a surge`
    : `what is left of its ${observed.toFixed(1)} negatives of ${Math.round(reviews)} reviews counts with the small weight of a surge again`;
  const threshold = raisedAfter === raisedBefore ? '' : `; ${judged} such verdicts within four periods of the budget: the threshold is ${raisedAfter > raisedBefore ? 'raised' : 'lowered'}, alarms become ${Math.exp(Math.abs(raisedAfter - raisedBefore)).toFixed(1)} times ${raisedAfter > raisedBefore ? 'rarer' : 'more frequent'}`;
  return `${by} judged it ${verdict}: ${what}${threshold}.`;
}
