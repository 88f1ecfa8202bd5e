/**
 * The calendar as numbered snapshots: whenever what people entered differs from the newest one, the next is written. Workers and the
 * scheduler apply the newest that they know, and every state names it, so that nobody's result depends on a row that changes underneath.
 */
import { isDeepStrictEqual } from 'node:util';
import type { CalendarBody, CalendarEvent } from '#contracts';
import type { ChoreParts } from './chores.js';
import * as tables from './tables.js';
import { withClient } from './with-client.js';

/** @returns whether a snapshot was written */
export async function keepCalendar({ pool, store, say }: Pick<ChoreParts, 'pool' | 'store' | 'say'>): Promise<boolean> {
  const { body } = await store.latestSnapshot('calendar');
  return withClient(pool, async (client) => {
    const { rows } = await client.query<{ event_id: string; name: string; kind: CalendarEvent['kind']; from_at: Date; until_at: Date; products: string[] | null; factor: number | null; mute: boolean }>(
      'select event_id, name, kind, from_at, until_at, products, factor, mute from internal.calendar_event order by from_at, event_id');
    const next: CalendarBody = { events: rows.map((row) => ({ eventId: row.event_id, name: row.name, kind: row.kind, from: row.from_at.getTime(), until: row.until_at.getTime(), products: row.products, factor: row.factor, mute: row.mute })) };
    if (isDeepStrictEqual(next, body) || !(await tables.writeSnapshot(client, 'calendar', next))) return false;
    say('calendar of known events written', { events: rows.length });
    return true;
  });
}
