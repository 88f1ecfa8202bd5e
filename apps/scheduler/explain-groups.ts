/**
 * The same for a surge over a group (apps/scheduler/explain-surges.ts): what the negatives of all its products have in common, each product's against its own before;
 * look-alikes among all of them, since a campaign does not stop at one product; and the evidence of its children together. After each transition of a child.
 */
import type { ClientBase } from 'pg';
import type { GroupEvidence } from '#contracts';
import { contributorsOver, evidenceOver, lookAlikesAmong, MOST_READ } from '#explain-surge';
import type { ExplainParts } from './explain-surges.js';
import { reviewsOf, type SurgeReviews } from './surge-reviews.js';
import { inTransaction } from './with-client.js';

const AT_ONCE = 5;

interface Child {
  readonly surge_id: string;
  readonly product_id: string;
  readonly product_name: string | null;
  readonly started_at: Date;
  readonly last_change_at: Date;
}

/** @returns how many records were explained */
export async function explainGroups({ pool, say, lexicon }: ExplainParts): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ group_surge_id: string; group_name: string; seq: number }>(`
select g.group_surge_id, g.group_name, sum(s.seq)::int as seq from internal.group_surge g join internal.group_surge_child using (group_surge_id) join internal.surge s using (surge_id) left join internal.group_explanation x using (group_surge_id)
group by g.group_surge_id, x.seq having x.seq is null or x.seq < sum(s.seq) order by max(s.updated_at), g.group_surge_id limit $1`, [AT_ONCE]);
    for (const { group_surge_id, group_name, seq } of rows) {
      const children = await childrenOf(client, group_surge_id);
      const reviews: SurgeReviews[] = [];
      for (const { product_id, started_at, last_change_at } of children) reviews.push(await reviewsOf(client, product_id, started_at, last_change_at, Math.ceil(MOST_READ / children.length)));
      const contributors = contributorsOver(reviews.map((each) => ({ ...each, aspects: lexicon.aspectsOf(group_name) })));
      const { apart, weight, reasons } = lookAlikesAmong(reviews.flatMap(({ now }) => now), reviews.flatMap(({ before }) => before));
      const evidence: GroupEvidence[][] = [];
      for (const child of children) evidence.push(await evidenceOf(client, child));
      await client.query(`
insert into internal.group_explanation as held (group_surge_id, seq, contributors, evidence, look_alikes, look_alike_weight, brigading) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (group_surge_id) do update set seq = excluded.seq, contributors = excluded.contributors, evidence = excluded.evidence, look_alikes = excluded.look_alikes, look_alike_weight = excluded.look_alike_weight, brigading = excluded.brigading, explained_at = clock_timestamp()
where held.seq < excluded.seq`, [group_surge_id, seq, JSON.stringify(contributors), JSON.stringify(evidenceOver(evidence)), apart, weight, reasons.length === 0 ? null : reasons.join('; ')]);
      say('a surge over a group was explained', { surge: group_surge_id, seq, products: children.length, contributors: contributors.length, lookAlikes: apart });
    }
    return rows.length;
  });
}

/** Worst first. */
async function childrenOf(client: ClientBase, groupSurgeId: string): Promise<Child[]> {
  return (await client.query<Child>(`
select s.surge_id, s.product_id, e.label as product_name, s.started_at, s.last_change_at from internal.group_surge_child c join internal.surge s using (surge_id)
left join internal.entity_state e on e.stream = 'reviews' and e.entity = s.product_id where c.group_surge_id = $1 order by s.severity desc, s.opened_at, s.surge_id`, [groupSurgeId])).rows;
}

async function evidenceOf(client: ClientBase, { surge_id, product_id, product_name }: Child): Promise<GroupEvidence[]> {
  const { rows } = await client.query<{ review_id: string; reviewed_at: Date; p_negative: number; excerpt: string; top_words: GroupEvidence['topWords'] }>('select review_id, reviewed_at, p_negative, excerpt, top_words from internal.surge_evidence where surge_id = $1 order by rank', [surge_id]);
  return rows.map((row) => ({ productId: product_id, productName: product_name, reviewId: row.review_id, at: row.reviewed_at.toISOString(), pNegative: row.p_negative, excerpt: row.excerpt, topWords: row.top_words }));
}
