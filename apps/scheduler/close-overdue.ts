/**
 * Forecasts of symbols that stopped coming (delisted, renamed, a feed that was cut): no next quote will close them. The rule and
 * the rows are those of the quote's own transaction (libs/forecast-prices/overdue.ts); fenced by the state's version. A symbol
 * whose state was written within the last hour of the clock is left to its worker: files of old quotes fed one after another
 * move the stream's event time far past a symbol that is still being fed.
 */
import { closeOverdue, forecastTrackerCodec, GAP_LIMITS, summarizeForecast } from '#forecast-prices';
import { replaceTracker, restoreState } from '#score-with-state';
import type { ChoreParts } from './chores.js';
import { eventTimeReached } from './event-time.js';
import * as tables from './tables.js';
import { withClient } from './with-client.js';

const LEFT_ALONE_MS = 3_600_000;
const LOADED_AT_ONCE = 200;

/** @returns how many symbols' forecasts were closed */
export async function closeOverdueForecasts({ pool, store, settings, say }: Omit<ChoreParts, 'producer' | 'surge' | 'calendar' | 'summarize'>, now: number): Promise<number> {
  const [reached, symbols] = await withClient(pool, async (client) => {
    const time = eventTimeReached(await tables.partitionTimes(client, settings.topics.quotes), now);
    return [time, time === null ? [] : await tables.waitingSymbols(client, time - GAP_LIMITS.maxGapMs, now - LEFT_ALONE_MS)] as const;
  });
  if (reached === null) return 0;
  let closed = 0;
  for (let from = 0; from < symbols.length; from += LOADED_AT_ONCE) {
    const { states } = await store.load({ stream: 'quotes', entities: symbols.slice(from, from + LOADED_AT_ONCE), reviews: [] });
    for (const stored of states.values()) {
      const { tracker, settlements } = closeOverdue(GAP_LIMITS, stored.entity, restoreState(stored, null, forecastTrackerCodec).tracker, reached);
      if (settlements.length === 0) continue;
      const next = replaceTracker(stored, tracker, forecastTrackerCodec, summarizeForecast(tracker));
      const outcome = await store.amend({ stream: 'quotes', state: next, expectedVersion: stored.version, settlements });
      if (outcome.kind !== 'committed') continue; // a worker was faster, or the database is away: seen again at the next turn
      closed += 1;
      say('forecasts of a symbol that stopped coming are closed as unsettled', { symbol: stored.entity, forecasts: settlements.length, reason: settlements[0]!.reason });
    }
  }
  return closed;
}
