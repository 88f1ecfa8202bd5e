/** What a backtest keeps for its charts: coverage of the 90 % band over time, and each symbol's last closes with the fan that was made before the last of them. */
import type { Forecast } from '#contracts';

const HOUR_MS = 3_600_000;
/** Spans of time that coverage is shown in, at most. */
const SPANS = 60;
const CLOSES_KEPT = 80;

export interface CoverageSpan {
  readonly from: string;
  readonly forecasts: number;
  readonly covered90: number;
}

/** Counts by the hour in which forecasts were made; memory grows with hours, not with forecasts. */
export class CoverageOverTime {
  private readonly hours = new Map<number, { forecasts: number; covered: number }>();

  add(madeAt: number, covered: boolean): void {
    const hour = Math.floor(madeAt / HOUR_MS);
    let own = this.hours.get(hour);
    if (own === undefined) this.hours.set(hour, (own = { forecasts: 0, covered: 0 }));
    own.forecasts += 1;
    if (covered) own.covered += 1;
  }

  /** At most SPANS of about as many forecasts each, in time order; none is left out. */
  spans(): CoverageSpan[] {
    const hours = [...this.hours].sort(([a], [b]) => a - b);
    const most = hours.reduce((sum, [, { forecasts }]) => sum + forecasts, 0) / SPANS;
    const spans: { from: string; forecasts: number; covered90: number }[] = [];
    for (const [hour, { forecasts, covered }] of hours) {
      const last = spans.at(-1);
      if (last === undefined || last.forecasts >= most) spans.push({ from: new Date(hour * HOUR_MS).toISOString(), forecasts, covered90: covered });
      else {
        last.forecasts += forecasts;
        last.covered90 += covered;
      }
    }
    return spans.map((span) => ({ ...span, covered90: span.covered90 / span.forecasts }));
  }
}

export interface Fan {
  readonly symbol: string;
  /** Newest closes, oldest first; the fan starts from closes[at]. */
  readonly closes: readonly number[];
  readonly at: number;
  /** Prices at the 5, 25, 50, 75 and 95 % quantiles, by bars ahead. */
  readonly bands: readonly { readonly horizon: number; readonly prices: readonly number[] }[];
}

const FAN_LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95];

/** A symbol's newest closes, and the forecasts of as many bars as the longest horizon. */
export class NewestBars {
  private readonly bars: { readonly close: number; readonly forecasts: readonly Forecast[] }[] = [];

  constructor(private readonly longest: number) {}

  add(close: number, forecasts: readonly Forecast[]): void {
    this.bars.push({ close, forecasts });
    if (this.bars.length > CLOSES_KEPT) this.bars.shift();
    const over = this.bars.length - 2 - this.longest;
    if (over >= 0) this.bars[over] = { close: this.bars[over]!.close, forecasts: [] };
  }

  /** The fan whose longest target has just come; null where there was none yet. */
  fan(symbol: string): Fan | null {
    const at = this.bars.length - 1 - this.longest;
    const made = this.bars[at];
    if (made === undefined || made.forecasts.length === 0) return null;
    const bands = made.forecasts.map(({ horizon, levels, corrected, close }) => ({ horizon, prices: FAN_LEVELS.map((level) => close * Math.exp(corrected[levels.indexOf(level)] ?? Number.NaN)) }));
    return { symbol, closes: this.bars.map(({ close }) => close), at, bands };
  }
}
