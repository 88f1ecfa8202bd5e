/**
 * What the quote model sees of a bar: scale-free (prices and volumes only as ratios, moves only in units of the
 * symbol's own volatility), bounded and finite for every quote that decode-events accepts; a field that is absent
 * gives 0 and a flag says so. Training computes its features with this very code.
 * The order is part of the model's contract: append, never reorder.
 */
import type { QuoteEvent } from '#contracts';
import { HISTORY_NAMES, historyFeatures, type ValueOfEach } from './history-features.js';
import type { Market } from './market.js';
import { barsLeft, type Rhythm } from './session.js';
import type { ForecastTracker } from './tracker.js';
import { sigmaOf } from './volatility.js';

const BAR_NAMES = [
  'return', 'absReturn', 'hasRange', 'range', 'openGap', 'closeInRange',
  'hasVolume', 'volumeChange', 'gap', 'border',
  'fastVolatility', 'slowVolatility', 'slowestVolatility', 'rangeVolatility', 'borderVolatility', 'walkVolatility',
  'hasSession', 'sessionPhase', 'endWithin1', 'endWithin5', 'endWithin20',
  'hourSin', 'hourCos', 'halfDaySin', 'halfDayCos', 'weekSin', 'weekCos',
  'hasSpread', 'spread', 'interval', 'autocorrelation', 'youth', 'previousReturn',
] as const;
export const FEATURE_NAMES = [...BAR_NAMES, ...HISTORY_NAMES] as const;
export const FEATURE_SIZE = FEATURE_NAMES.length;
/** No feature ever leaves [-FEATURE_BOUND, FEATURE_BOUND]. */
export const FEATURE_BOUND = 6;

const clip = (x: number, bound: number): number => (x > bound ? bound : x < -bound ? -bound : x);
/** log(a / b), bounded; 0 where either is not positive. */
const logRatio = (a: number, b: number, bound: number): number => (a > 0 && b > 0 ? clip(Math.log(a) - Math.log(b), bound) : 0);

const DAY_MS = 86_400_000;
const LOG_1H_MS = Math.log(3_600_000);
const PARKINSON = 1 / Math.sqrt(4 * Math.LN2);

/** Parkinson's volatility of a bar, from its high and low; null when the bar has none that make sense. */
export function parkinson(quote: QuoteEvent): number | null {
  const { high, low } = quote;
  return high !== null && low !== null && low > 0 && high >= low && Number.isFinite(high) ? (Math.log(high) - Math.log(low)) * PARKINSON : null;
}

/** What observeQuote already knows of the step. `before`: tracker before the bar, `after`: with the bar learned. */
export interface Step {
  readonly quote: QuoteEvent;
  readonly before: ForecastTracker;
  readonly after: ForecastTracker;
  readonly rhythm: Rhythm;
  /** Parkinson's volatility of the bar. */
  readonly range: number | null;
  readonly logReturn: number | null;
  /** Volatility of a bar before this one was learned. */
  readonly sigma: number;
  readonly market: Market | null;
}

/** [FEATURE_SIZE]; a plain array, since a typed one of this size cost more to make than all that is in it. */
export function barFeatures({ quote, before, after, rhythm, range, logReturn, sigma, market }: Step): readonly number[] {
  const { close, open, high, low, bid, ask, volume, at } = quote;
  const z = (logReturn ?? 0) / sigma;
  const v = after.volatilities;
  const base = sigmaOf(v.base, sigma);
  const previousClose = before.last?.close ?? null;
  const meanLogVolume = before.volume.weight > 0 ? before.volume.sum / before.volume.weight : null;
  const left = barsLeft(after.session, at);
  const span = left === null ? null : after.session.usualSpan;
  const ending = (bars: number): number => (left === null ? 0 : clip(1 - left / bars, 1) * (left < bars ? 1 : 0));
  const day = (2 * Math.PI * (((at % DAY_MS) + DAY_MS) % DAY_MS)) / DAY_MS;
  const week = (2 * Math.PI * (((at % (7 * DAY_MS)) + 7 * DAY_MS) % (7 * DAY_MS))) / (7 * DAY_MS);
  const spread = bid !== null && ask !== null && bid > 0 && ask > bid ? Math.log(ask) - Math.log(bid) : null;
  // Arrays in the order of the names: objects of so many fields, read by name, were a tenth of the stage.
  const values: ValueOfEach<typeof BAR_NAMES> = [
    /* return */ clip(Math.asinh(z), 6),
    /* absReturn */ clip(Math.asinh(Math.abs(z)), 6),
    /* hasRange */ range === null ? 0 : 1,
    /* range */ range === null ? 0 : logRatio(range + 0.01 * sigma, sigma, 4) / 2,
    /* openGap */ open !== null && open > 0 && previousClose !== null ? clip(Math.asinh((Math.log(open) - Math.log(previousClose)) / sigma), 6) : 0,
    /* closeInRange */ range !== null && range > 0 ? clip((Math.log(close / high!) + Math.log(close / low!)) / (range / PARKINSON), 1) : 0,
    /* hasVolume */ volume === null ? 0 : 1,
    /* volumeChange */ volume === null || meanLogVolume === null ? 0 : clip(Math.log1p(volume) - meanLogVolume, 6) / 2,
    /* gap */ clip(rhythm.logGapRatio, 8) / 4,
    /* border */ rhythm.border ? 1 : 0,
    /* fastVolatility */ logRatio(sigmaOf(v.fast, base), base, 3),
    /* slowVolatility */ logRatio(sigmaOf(v.slow, base), base, 3),
    /* slowestVolatility */ logRatio(sigmaOf(v.slowest, base), base, 3),
    /* rangeVolatility */ v.range.weight > 0 ? logRatio(sigmaOf(v.range, base), base, 3) : 0,
    /* borderVolatility */ v.border.weight > 0 ? logRatio(sigmaOf(v.border, base), base, 4) / 2 : 0,
    /* walkVolatility */ logRatio(sigmaOf(v.walk, base), base, 3),
    /* hasSession */ left === null ? 0 : 1,
    /* sessionPhase */ span === null || span <= 0 ? 0 : clip((at - after.session.startedAt) / span, 1.5),
    /* endWithin1 */ ending(1),
    /* endWithin5 */ ending(5),
    /* endWithin20 */ ending(20),
    /* hourSin */ Math.sin(day),
    /* hourCos */ Math.cos(day),
    /* halfDaySin */ Math.sin(2 * day),
    /* halfDayCos */ Math.cos(2 * day),
    /* weekSin */ Math.sin(week),
    /* weekCos */ Math.cos(week),
    /* hasSpread */ spread === null ? 0 : 1,
    /* spread */ spread === null ? 0 : logRatio(spread, base, 6) / 2,
    /* interval */ after.session.logGap === null ? 0 : clip((after.session.logGap - LOG_1H_MS) / 4, 4),
    /* autocorrelation */ after.autocorrelation,
    /* youth */ 1 / (1 + after.returns / 10),
    /* previousReturn */ clip(Math.asinh(before.lastZ), 6),
  ];
  return (values as readonly number[]).concat(historyFeatures(after, base, at, market));
}
