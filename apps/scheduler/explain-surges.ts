/**
 * What a surge's negatives have in common, and whether they look as if few people stood behind them, after each of its transitions (libs/explain-surge says how): its negatives up to that
 * transition against the product's newest before it began and its other reviews since. The reviews that show best what is new are its evidence. From the stored reviews, so nothing is carried per product; a
 * surge is rare, and three reads over the index (product, time) a transition are cheap. Two schedulers write the same.
 */
import type { ClientBase } from 'pg';
import { bestEvidence, contributorsAmong, excerptOf, type Lexicon, lookAlikesAmong, MOST_READ } from '#explain-surge';
import type { ChoreParts } from './chores.js';
import { groupOf, reviewsOf, type Stored } from './surge-reviews.js';
import { inTransaction } from './with-client.js';

const AT_ONCE = 20;

interface Unexplained {
  readonly surge_id: string;
  readonly seq: number;
  readonly product_id: string;
  readonly started_at: Date;
  readonly last_change_at: Date;
}

export interface ExplainParts extends Pick<ChoreParts, 'pool' | 'say'> {
  readonly lexicon: Lexicon;
}

/** Each in a transaction of its own, so that one that cannot be explained holds up no other; the first fault is thrown at the end. @returns how many surges were explained */
export async function explainSurges({ pool, say, lexicon }: ExplainParts): Promise<number> {
  const { rows } = await pool.query<Unexplained>(`
select s.surge_id, s.seq, s.product_id, s.started_at, s.last_change_at from internal.surge s left join internal.surge_explanation x using (surge_id)
where x.seq is null or x.seq < s.seq order by s.updated_at, s.surge_id limit $1`, [AT_ONCE]);
  const faults: unknown[] = [];
  for (const surge of rows) await inTransaction(pool, (client) => explain(client, surge, { say, lexicon })).catch((fault: unknown) => faults.push(fault));
  if (faults.length > 0) throw faults[0];
  return rows.length;
}

async function explain(client: ClientBase, { surge_id, seq, product_id, started_at, last_change_at }: Unexplained, { say, lexicon }: Pick<ExplainParts, 'say' | 'lexicon'>): Promise<void> {
  const { now, before, others } = await reviewsOf(client, product_id, started_at, last_change_at, MOST_READ);
  const aspects = lexicon.aspectsOf(await groupOf(client, product_id));
  const contributors = contributorsAmong(now, before, others, aspects);
  const { apart, weight, reasons } = lookAlikesAmong(now, before);
  await client.query(`
insert into internal.surge_explanation as held (surge_id, seq, negatives, negatives_before, contributors, look_alikes, look_alike_weight, brigading) values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (surge_id) do update set seq = excluded.seq, negatives = excluded.negatives, negatives_before = excluded.negatives_before, contributors = excluded.contributors, look_alikes = excluded.look_alikes, look_alike_weight = excluded.look_alike_weight, brigading = excluded.brigading, explained_at = clock_timestamp()
where held.seq < excluded.seq`, [surge_id, seq, now.length, before.length, JSON.stringify(contributors), apart, weight, reasons.length === 0 ? null : reasons.join('; ')]);
  await replaceEvidence(client, surge_id, seq, bestEvidence(now, before, aspects));
  say('a surge was explained', { surge: surge_id, seq, contributors: contributors.length, lookAlikes: apart });
}

/** Nothing where the surge has moved on meanwhile: the next turn chooses anew. Locks the surge, as the worker that writes its next transition does. */
async function replaceEvidence(client: ClientBase, surgeId: string, seq: number, chosen: readonly Stored[]): Promise<void> {
  const { rowCount } = await client.query('select from internal.surge where surge_id = $1 and seq = $2 for update', [surgeId, seq]);
  if (rowCount === 0 || chosen.length === 0) return;
  const rows = chosen.map(({ reviewId, topic, partition, offset, at, pNegative, text, topWords }, i) => {
    const { excerpt, words } = excerptOf(text, topWords);
    return { rank: i + 1, review_id: reviewId, topic, partition, offset, reviewed_at: new Date(at).toISOString(), p_negative: pNegative, excerpt, top_words: words };
  });
  await client.query('delete from internal.surge_evidence where surge_id = $1', [surgeId]);
  await client.query(`
insert into internal.surge_evidence (surge_id, rank, review_id, topic, partition, "offset", reviewed_at, p_negative, excerpt, top_words)
select $1, rank, review_id, topic, partition, "offset", reviewed_at, p_negative, excerpt, top_words
from jsonb_to_recordset($2) as given (rank int, review_id text, topic text, partition int, "offset" bigint, reviewed_at timestamptz, p_negative float8, excerpt text, top_words jsonb)`, [surgeId, JSON.stringify(rows)]);
}
