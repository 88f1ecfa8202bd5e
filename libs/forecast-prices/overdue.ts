/**
 * Gives up forecasts whose target bar never came: a symbol that brought no quote for longer than both limits. The rule
 * looks at event time and at the symbol's own bars alone, and a closing is dated at the moment the limit was passed; so the
 * rows are the same whether the symbol's next quote closes them (in its own transaction) or, where none ever comes, the
 * scheduler does.
 */
import type { Settlement } from '#contracts';
import { usualGap } from './session.js';
import type { GapLimits } from './settings.js';
import { closeAll } from './settle.js';
import type { ForecastTracker } from './tracker.js';

const DAY_MS = 86_400_000;

/** How long after its newest quote a symbol's forecasts are given up, ms. */
export function patience({ maxGapMs, maxGapBars }: GapLimits, tracker: ForecastTracker): number {
  return Math.round(Math.max(maxGapMs, maxGapBars * usualGap(tracker.session)));
}

export function isOverdue(limits: GapLimits, tracker: ForecastTracker, reached: number): boolean {
  return tracker.last !== null && reached - tracker.last.at > patience(limits, tracker);
}

/** `reached`: event time, epoch ms. The same tracker and no settlements where nothing is overdue or nothing waits. */
export function closeOverdue(limits: GapLimits, symbol: string, tracker: ForecastTracker, reached: number): { readonly tracker: ForecastTracker; readonly settlements: readonly Settlement[] } {
  if (tracker.pending.length === 0 || !isOverdue(limits, tracker, reached)) return { tracker, settlements: [] };
  const { at } = tracker.last!;
  const waited = patience(limits, tracker);
  const reason = `no quote came within ${(waited / DAY_MS).toFixed(1)} days of ${new Date(at).toISOString()}; forecasts are given up after ${limits.maxGapMs / DAY_MS} days and ${limits.maxGapBars} usual bars without one`;
  return { tracker: { ...tracker, pending: [] }, settlements: closeAll(symbol, tracker.pending, at + waited, reason) };
}
