/** baseline_change: what people's verdicts changed in a state, in that state's own transaction. Rare: one JSON parameter. */
import type { BaselineChange } from '#contracts';
import { jsonb, scalar } from '../wire/cells.js';
import type { Pipeline } from '../wire/pipeline.js';
import { statement } from '../wire/statements.js';

const COLUMNS = 'surge_id, seq, product_id, verdict, learned, state_version, judged, raised_before, raised_after, rate_before, rate_after, share_before, share_after, reason';

const writeChanges = statement('write baseline changes', `
INSERT INTO internal.baseline_change (${COLUMNS})
SELECT ${COLUMNS} FROM jsonb_to_recordset($1) AS given (surge_id text, seq int, product_id text, verdict text, learned boolean, state_version bigint, judged int,
  raised_before float8, raised_after float8, rate_before float8, rate_after float8, share_before float8, share_after float8, reason text)`, [jsonb]);

export function addBaselineChanges(to: Pipeline, changes: readonly BaselineChange[]): void {
  if (changes.length === 0) return;
  to.add(writeChanges, [scalar(jsonb, JSON.stringify(changes.map((change) => ({
    surge_id: change.surgeId, seq: change.seq, product_id: change.productId, verdict: change.verdict, learned: change.learned, state_version: String(change.stateVersion), judged: change.judged,
    raised_before: change.raisedBefore, raised_after: change.raisedAfter, rate_before: change.rateBefore, rate_after: change.rateAfter,
    share_before: change.shareBefore, share_after: change.shareAfter, reason: change.reason,
  }))))]);
}
