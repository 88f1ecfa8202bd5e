/**
 * Surges of a group's products put together (libs/group-surges says which), and what people are told of that: the record as one, and its children
 * no more. Runs within the planning of notices, before any of a child's is planned, so that a second product's surge is never told by itself.
 * The first product's usually was: its alarm must not wait for a second one. The record then goes on under that surge's id, so that a receiver sees one surge
 * that opened, widened and closed. Its seq, the number of all children's transitions, is above any that was told of the child.
 */
import type { ClientBase } from 'pg';
import type { NoticeKind, SurgeNotice } from '#contracts';
import { assignSurges, type GroupLife, type MemberSurge } from '#group-surges';
import { type ExplainedGroup, groupKind, groupNoticeOf, type GroupState } from '#plan-notifications';
import * as tables from './notification-tables.js';

/** Closed surges are looked at for this long after their newest change: one that opened and closed between two looks. */
const LOOKED_BACK = '1 hour';

/** The caller holds the turn and the transaction. `explainMs`: how long a change waits to be explained before it is told without. @returns how many notices of groups were made */
export async function groupSurges(client: ClientBase, channels: readonly string[], explainMs: number): Promise<number> {
  const loose = await looseSurges(client);
  if (loose.length > 0) {
    const { created, joined } = assignSurges(loose, await livesOf(client, [...new Set(loose.map(({ group }) => group))]));
    for (const { groupSurgeId, group, openedAt } of created) await client.query('insert into internal.group_surge (group_surge_id, group_name, opened_at) values ($1, $2, $3) on conflict do nothing', [groupSurgeId, group, new Date(openedAt)]);
    for (const { groupSurgeId, surgeId } of joined) await client.query('insert into internal.group_surge_child (surge_id, group_surge_id) values ($1, $2) on conflict do nothing', [surgeId, groupSurgeId]);
    for (const { groupSurgeId } of created) await client.query('update internal.group_surge set told_as = $2 where group_surge_id = $1', [groupSurgeId, await tables.toldChild(client, groupSurgeId)]);
  }
  let told = 0;
  for (const { state, explained } of await changedGroups(client, explainMs)) {
    const kind = groupKind(state, await tables.toldOfGroup(client, state.toldAs));
    const notice = kind === null ? null : await wholeNotice(client, kind, state, explained);
    if (kind !== null && notice !== null) {
      await tables.addNotice(client, kind, notice, channels);
      told += 1;
    }
    await client.query('update internal.group_surge set told_seq = $2 where group_surge_id = $1', [state.groupSurgeId, state.seq]);
  }
  return told;
}

async function looseSurges(client: ClientBase): Promise<MemberSurge[]> {
  const { rows } = await client.query<{ surge_id: string; product_id: string; group_name: string; opened_at: Date; closed_at: Date | null }>(`
select s.surge_id, s.product_id, p.group_name, s.opened_at, s.closed_at from internal.surge s join internal.product_group p using (product_id)
where (s.closed_at is null or s.updated_at > clock_timestamp() - interval '${LOOKED_BACK}') and not exists (select from internal.group_surge_child c where c.surge_id = s.surge_id)`);
  return rows.map((row) => ({ surgeId: row.surge_id, productId: row.product_id, group: row.group_name, openedAt: row.opened_at.getTime(), closedAt: row.closed_at?.getTime() ?? null }));
}

async function livesOf(client: ClientBase, groups: readonly string[]): Promise<GroupLife[]> {
  const { rows } = await client.query<{ group_surge_id: string; group_name: string; opened_at: Date; closed_at: Date | null }>('select group_surge_id, group_name, opened_at, closed_at from tidewatch.group_surges where group_name = any($1)', [groups]);
  return rows.map((row) => ({ groupSurgeId: row.group_surge_id, group: row.group_name, openedAt: row.opened_at.getTime(), closedAt: row.closed_at?.getTime() ?? null }));
}

/** Records of which a child has moved since they were last looked at, and what is known of them. The number of all transitions only grows. */
async function changedGroups(client: ClientBase, explainMs: number): Promise<{ state: GroupState; explained: ExplainedGroup | null }[]> {
  const { rows } = await client.query<{ group_surge_id: string; group_name: string; opened_at: Date; told_as: string; seq: number; children: GroupState['children']; explained: ExplainedGroup | null }>(`
select g.group_surge_id, g.group_name, g.opened_at, coalesce(g.told_as, g.group_surge_id) as told_as, sum(s.seq)::int as seq,
  jsonb_agg(jsonb_build_object('surgeId', s.surge_id, 'seq', s.seq, 'productId', s.product_id, 'productName', e.label, 'status', s.status, 'channel', s.channel, 'severity', s.severity, 'muted', s.muted,
    'openedAt', s.opened_at, 'closedAt', s.closed_at, 'startedAt', s.started_at, 'at', s.last_change_at, 'expected', s.expected, 'observed', s.observed, 'excessLow', s.excess_low, 'excessHigh', s.excess_high, 'shareBefore', s.share_before, 'shareNow', s.share_now)
    order by s.severity desc, s.opened_at, s.surge_id) as children,
  case when x.seq >= sum(s.seq) then jsonb_build_object('contributors', x.contributors, 'evidence', x.evidence, 'lookAlikes', x.look_alikes, 'weight', x.look_alike_weight, 'brigading', x.brigading) end as explained
from internal.group_surge g join internal.group_surge_child c using (group_surge_id) join internal.surge s using (surge_id)
left join internal.entity_state e on e.stream = 'reviews' and e.entity = s.product_id
left join internal.group_explanation x using (group_surge_id)
group by g.group_surge_id, x.group_surge_id having sum(s.seq) <> g.told_seq and (x.seq >= sum(s.seq) or max(s.updated_at) <= clock_timestamp() - $1 * interval '1 millisecond')
order by g.opened_at, g.group_surge_id`, [explainMs]);
  return rows.map((row) => ({ state: { groupSurgeId: row.group_surge_id, group: row.group_name, openedAt: row.opened_at.toISOString(), toldAs: row.told_as, seq: row.seq, children: row.children }, explained: row.explained }));
}

/** Settings and model are those of its worst child's newest transition. */
async function wholeNotice(client: ClientBase, kind: NoticeKind, state: GroupState, explained: ExplainedGroup | null): Promise<SurgeNotice | null> {
  const worst = state.children[0]!;
  const message = await tables.newestMessage(client, worst.surgeId);
  return message === null ? null : groupNoticeOf(kind, state, message, explained);
}
