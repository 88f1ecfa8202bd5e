/**
 * The features that look further back than the bar: volatility beyond the running ones, the session's usual shape and how
 * far the present exceeds it, days since jumps, the season of the quarter, and the market when a snapshot gives it.
 * Logs of ratios, bounded like all features.
 */
import { jumpsAged, sinceJump } from './jumps.js';
import type { Market } from './market.js';
import { barAhead } from './profile.js';
import { forecastScales } from './scale.js';
import { barsLeft, usualGap } from './session.js';
import type { ForecastTracker } from './tracker.js';
import type { RunningVariance } from './volatility.js';

const DAY_MS = 86_400_000;
const QUARTER_MS = 91.3125 * DAY_MS;
/** Bars of at least half a day can know a quarter; for shorter ones it would only name the day. */
const DAILY_MS = DAY_MS / 2;

const NEXT_BAR = [1] as const;

const ratio = ({ sum, weight }: RunningVariance, unit: number): number => (weight > 0 && sum > 0 && unit > 0 ? Math.min(Math.max(Math.log(sum / weight / unit), -4), 4) / 2 : 0);

export const HISTORY_NAMES = [
  'rangeSlow', 'opening', 'daytime', 'absolute',
  'scaleToBase', 'excess', 'excessFast', 'excessSlow', 'nextBarEarly', 'nextBarNth', 'nextBarLeft',
  'sinceJump', 'jumpQuarterSharp', 'jumpQuarterWide', 'jumpHalfYear', 'jumpThreeQuarters', 'jumpYear',
  'seasonSin', 'seasonCos', 'halfSeasonSin', 'halfSeasonCos',
  'hasMarket', 'marketReturn', 'marketDispersion',
] as const;
export type ValueOfEach<Names extends readonly string[]> = { readonly [N in keyof Names]: number };

/** `base`: the base volatility of `after`. The values in the order of HISTORY_NAMES. */
export function historyFeatures(after: ForecastTracker, base: number, at: number, market: Market | null): ValueOfEach<typeof HISTORY_NAMES> {
  const { volatilities: v, profile, session, jumps } = after;
  const left = barsLeft(session, at);
  const next = barAhead(session, left, 1);
  const scale = forecastScales(after, NEXT_BAR)[0]!;
  const excess = profile.excess.weight > 0 ? profile.excess.sum / profile.excess.weight : 0;
  const gap = usualGap(session);
  const daily = gap >= DAILY_MS;
  const due = at + gap;
  const season = (2 * Math.PI * (due % QUARTER_MS)) / QUARTER_MS;
  return [
    /* rangeSlow */ ratio(v.rangeSlow, base * base),
    /* opening */ ratio(v.opening, base * base),
    /* daytime */ ratio(v.daytime, base * base),
    /* absolute */ v.absolute.weight > 0 ? Math.min(Math.max(Math.log((v.absolute.sum / v.absolute.weight) / base + 1e-4), -3), 3) : 0,
    /* scaleToBase */ Math.min(Math.max(Math.log(scale / base), -4), 4) / 2,
    /* excess */ excess > 0 ? Math.min(Math.max(Math.log(excess), -4), 4) / 2 : 0,
    /* excessFast */ ratio(profile.excessFast, excess),
    /* excessSlow */ ratio(profile.excessSlow, excess),
    /* nextBarEarly */ next === null ? 0 : 1 / (1 + next),
    /* nextBarNth */ next === null ? 0 : Math.exp(-next / 6),
    /* nextBarLeft */ left === null ? 0 : Math.exp(-Math.max(left - 1, 0) / 4),
    /* sinceJump */ sinceJump(jumps, due),
    /* jumpQuarterSharp */ daily ? jumpsAged(jumps, due, 91, 3) : 0,
    /* jumpQuarterWide */ daily ? jumpsAged(jumps, due, 91, 9) : 0,
    /* jumpHalfYear */ daily ? jumpsAged(jumps, due, 182, 7) : 0,
    /* jumpThreeQuarters */ daily ? jumpsAged(jumps, due, 273, 7) : 0,
    /* jumpYear */ daily ? jumpsAged(jumps, due, 364, 4) : 0,
    /* seasonSin */ daily ? Math.sin(season) : 0,
    /* seasonCos */ daily ? Math.cos(season) : 0,
    /* halfSeasonSin */ daily ? Math.sin(2 * season) : 0,
    /* halfSeasonCos */ daily ? Math.cos(2 * season) : 0,
    /* hasMarket */ market === null ? 0 : 1,
    /* marketReturn */ market === null ? 0 : Math.min(Math.max(market.meanReturn, -6), 6),
    /* marketDispersion */ market === null ? 0 : Math.min(Math.max(market.dispersion, -6), 6),
  ];
}
