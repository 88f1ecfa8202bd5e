/**
 * From quotes to what the network learns from: per symbol the features of every bar, made by observeQuote itself, and
 * the log returns over each horizon in units of the forecast scale. Splits:
 * - by time, per file: the last fifth is the test, the tenth before it the dev set, the rest is trained on. A bar whose
 *   longest target would reach over the border belongs to neither side, so the gap is the longest horizon.
 * - by symbol: one in five, chosen by a hash of its name, is never trained on or chosen by.
 */
import { createHash } from 'node:crypto';
import type { QuoteEvent } from '#contracts';
import { baselineScale, FEATURE_SIZE, type ForecastSettings, type ForecastTracker, forecastScales, freshForecastTracker, observeQuote } from '#forecast-prices';
import type { QuoteRows } from './read-quotes.js';

export interface Series {
  readonly file: string;
  readonly symbol: string;
  readonly heldOut: boolean;
  readonly bars: number;
  /** [bars, FEATURE_SIZE] */
  readonly features: Float32Array;
  /** [bars, H], scale units; NaN where there is nothing to learn: warm-up, a split or gap in between, no later bar. */
  readonly targets: Float32Array;
  /** [bars, H] forecast scale, and [bars] volatility of a bar as the walk has it: what the scale units are worth. */
  readonly scales: Float32Array;
  readonly walk: Float32Array;
  /** Bars before these indices are of the training and of the dev part. */
  readonly trainEnd: number;
  readonly devEnd: number;
  readonly quotes: readonly QuoteEvent[];
}

export interface TimeSplit {
  /** Epoch ms: first instant of the dev and of the test part. */
  readonly devFrom: number;
  readonly testFrom: number;
}

export function splitTimes(quotes: readonly QuoteEvent[]): TimeSplit {
  const at = (share: number): number => quotes[Math.min(Math.floor(quotes.length * share), quotes.length - 1)]!.at;
  return { devFrom: at(0.7), testFrom: at(0.8) };
}

export function isHeldOut(symbol: string, seed: number): boolean {
  return createHash('sha256').update(`${seed}/${symbol}`).digest().readUInt32BE(0) % 5 === 0;
}

export function makeSeries(rows: QuoteRows, settings: ForecastSettings, seed: number): Series[] {
  const { devFrom, testFrom } = splitTimes(rows.quotes);
  const bySymbol = groupBy(rows.quotes, (q) => q.symbol);
  // A file with fewer than ten symbols gives up its last one by name, so that it too can say how an unseen one fares.
  const names = [...bySymbol.keys()].sort();
  const heldOut = (symbol: string): boolean => (names.length < 10 ? names.length > 1 && symbol === names.at(-1) : isHeldOut(symbol, seed));
  return names.map((symbol) => {
    const quotes = bySymbol.get(symbol)!;
    return { file: rows.file.name, symbol, heldOut: heldOut(symbol), ...observeAll(quotes, settings), trainEnd: firstAt(quotes, devFrom), devEnd: firstAt(quotes, testFrom), quotes };
  });
}

function firstAt(quotes: readonly QuoteEvent[], time: number): number {
  const found = quotes.findIndex((q) => q.at >= time);
  return found < 0 ? quotes.length : found;
}

function observeAll(quotes: readonly QuoteEvent[], settings: ForecastSettings): Pick<Series, 'bars' | 'features' | 'targets' | 'scales' | 'walk'> {
  const H = settings.horizons.length;
  const bars = quotes.length;
  const features = new Float32Array(bars * FEATURE_SIZE);
  const scales = new Float32Array(bars * H);
  const walk = new Float32Array(bars);
  /** Number of bars up to each that were not learned (first bar, splits, long gaps). */
  const breaks = new Int32Array(bars);
  let tracker: ForecastTracker = freshForecastTracker(settings);
  quotes.forEach((quote, t) => {
    const seen = observeQuote(settings, tracker, quote);
    if (seen.kind !== 'bar') throw new RangeError(`${quote.symbol} at ${new Date(quote.at).toISOString()}: training files hold each bar once and in time order, this one is ${seen.kind}`);
    breaks[t] = (t === 0 ? 0 : breaks[t - 1]!) + (seen.tracker.returns === tracker.returns ? 1 : 0);
    tracker = seen.tracker;
    features.set(seen.features, t * FEATURE_SIZE);
    if (tracker.returns >= settings.warmupReturns) scales.set(forecastScales(tracker, settings.horizons), t * H);
    walk[t] = baselineScale(tracker, 1);
  });
  const targets = new Float32Array(bars * H).fill(Number.NaN);
  for (let t = 0; t < bars; t += 1) {
    settings.horizons.forEach((h, k) => {
      const scale = scales[t * H + k]!;
      if (t + h >= bars || scale === 0 || breaks[t + h] !== breaks[t]) return;
      targets[t * H + k] = (Math.log(quotes[t + h]!.close) - Math.log(quotes[t]!.close)) / scale;
    });
  }
  return { bars, features, targets, scales, walk };
}

/** Groups in the order in which their first items came. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
