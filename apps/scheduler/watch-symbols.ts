/**
 * Symbols whose own feed is silent while their session is usually open (libs/forecast-prices/stale.ts has the rule), judged in
 * event time. While the whole feed is flagged as silent nothing is added: that is one alert, not one per symbol.
 */
import type { ClientBase } from 'pg';
import { judgeSilence, spansBefore } from '#forecast-prices';
import type { ChoreParts } from './chores.js';
import { eventTimeReached } from './event-time.js';
import * as tables from './tables.js';
import { withClient } from './with-client.js';

/** Silence shorter than this is not looked into: five bars of a minute. */
const SHORTEST_MS = 300_000;
/** One that has been silent for longer is gone, not stale. */
const LONGEST_MS = 30 * 86_400_000;

interface Silent { readonly symbol: string; readonly last: Date; readonly first: Date }

/** Symbols whose newest bar is old, with their first. */
async function silentSymbols(client: ClientBase, reached: number): Promise<Silent[]> {
  const { rows } = await client.query<Silent>(`
select e.entity as symbol, e.last_event_at as last, (select min(at) from internal.quote_bar b where b.symbol = e.entity) as first
from internal.entity_state e where e.stream = 'quotes' and e.last_event_at between $1 and $2 order by 1`, [new Date(reached - LONGEST_MS), new Date(reached - SHORTEST_MS)]);
  return rows.filter(({ first }) => (first as Date | null) !== null);
}

async function barsIn(client: ClientBase, symbol: string, from: number, to: number): Promise<number> {
  const { rows } = await client.query<{ n: number }>('select count(*)::int as n from internal.quote_bar where symbol = $1 and at > $2 and at <= $3', [symbol, new Date(from), new Date(to)]);
  return rows[0]!.n;
}

export async function watchSymbols({ pool, settings, say }: Pick<ChoreParts, 'pool' | 'settings' | 'say'>, now: number): Promise<void> {
  await withClient(pool, async (client) => {
    const reached = eventTimeReached(await tables.partitionTimes(client, settings.topics.quotes), now);
    if (reached === null) return;
    const { rows: back } = await client.query<{ symbol: string }>(`delete from internal.stale_symbol s using internal.entity_state e
      where e.stream = 'quotes' and e.entity = s.symbol and e.last_event_at > s.silent_since returning s.symbol`);
    for (const { symbol } of back) say('a silent symbol is back', { symbol });
    const { rows: gone } = await client.query<{ symbol: string }>('delete from internal.stale_symbol where silent_since < $1 returning symbol', [new Date(reached - LONGEST_MS)]);
    for (const { symbol } of gone) say('a symbol that has been silent for a month is gone', { symbol });
    if (await tables.isFlagged(client, 'quotes')) return;
    for (const { symbol, last, first } of await silentSymbols(client, reached)) {
      const spans = spansBefore(last.getTime(), reached);
      const bars: number[] = [];
      for (const { from, to } of spans) bars.push(from >= first.getTime() ? await barsIn(client, symbol, from, to) : 0);
      const stale = judgeSilence(spans, bars, first.getTime());
      if (stale === null) continue;
      const { rows } = await client.query<{ fresh: boolean }>(`insert into internal.stale_symbol (symbol, silent_since, usual_bars, weeks, severity) values ($1, $2, $3, $4, $5)
        on conflict (symbol) do update set usual_bars = excluded.usual_bars, weeks = excluded.weeks, severity = excluded.severity returning xmax = 0 as fresh`, [symbol, last, stale.usualBars, stale.weeks, stale.severity]);
      if (rows[0]!.fresh) say('a symbol is silent while its session is usually open', { symbol, silentSince: last.toISOString(), usualBars: stale.usualBars });
    }
  });
}
