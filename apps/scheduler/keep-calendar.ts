/**
 * The calendar, and the budgets of products, as numbered snapshots: whenever what people entered differs from the newest one, the next is written. Workers and the
 * scheduler apply the newest that they know, and every state names it, so that nobody's result depends on a row that changes underneath.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ClientBase } from 'pg';
import type { CalendarBody, CalendarEvent, ProductBudget } from '#contracts';
import type { ChoreParts } from './chores.js';
import * as tables from './tables.js';
import { withClient } from './with-client.js';

/** @returns whether a snapshot was written */
export async function keepCalendar({ pool, store, say }: Pick<ChoreParts, 'pool' | 'store' | 'say'>): Promise<boolean> {
  const { body } = await store.latestSnapshot('calendar');
  return withClient(pool, async (client) => {
    const { rows } = await client.query<{ event_id: string; name: string; kind: CalendarEvent['kind']; from_at: Date; until_at: Date; products: string[] | null; factor: number | null; mute: boolean }>(
      'select event_id, name, kind, from_at, until_at, products, factor, mute from internal.calendar_event order by from_at, event_id');
    const events = rows.map((row): CalendarEvent => ({ eventId: row.event_id, name: row.name, kind: row.kind, from: row.from_at.getTime(), until: row.until_at.getTime(), products: row.products, factor: row.factor, mute: row.mute }));
    const budgets = await productBudgets(client);
    const next: CalendarBody = budgets.length === 0 ? { events } : { events, budgets };
    if (isDeepStrictEqual(next, body) || !(await tables.writeSnapshot(client, 'calendar', next))) return false;
    say('calendar of known events and budgets written', { events: rows.length, budgets: budgets.length });
    return true;
  });
}

/** Each product that has a budget of its own, or is in a group that has one. */
async function productBudgets(client: ClientBase): Promise<ProductBudget[]> {
  const { rows } = await client.query<{ product_id: string; per_day: number; group_name: string | null }>(`
select name as product_id, per_day, null as group_name from internal.alarm_budget where scope = 'product'
union all
select g.product_id, b.per_day, g.group_name from internal.alarm_budget b join internal.product_group g on b.scope = 'group' and g.group_name = b.name
where not exists (select from internal.alarm_budget own where own.scope = 'product' and own.name = g.product_id)
order by product_id`);
  return rows.map((row) => ({ productId: row.product_id, perDay: row.per_day, group: row.group_name }));
}
