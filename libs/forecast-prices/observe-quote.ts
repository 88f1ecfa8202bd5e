/**
 * One quote of a symbol: settles what waited for it, learns the symbol's volatility and rhythm, and makes the
 * features for the model. Pure: the tracker that comes in is never changed.
 * Late: earlier than the newest quote. Duplicate: same instant and same content as one taken at that instant;
 * the same instant with other content is another tick, and another bar.
 */
import type { QuoteEvent, Settlement } from '#contracts';
import { barFeatures, parkinson } from './features.js';
import { fingerprint } from './fingerprint.js';
import { freshSession, learnGap, type Rhythm, usualGap } from './session.js';
import { closeAll, settleAt, type Settled } from './settle.js';
import type { ForecastSettings } from './settings.js';
import { looksLikeSplit } from './split.js';
import { type ForecastTracker, SAME_INSTANT_KEPT, type Volatilities } from './tracker.js';
import { learnSquare, SIGMA_FLOOR, sigmaOf, SPEEDS, winsorize } from './volatility.js';

export type Observed =
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'late'; readonly reason: string }
  | {
      readonly kind: 'bar';
      readonly tracker: ForecastTracker;
      readonly bar: bigint;
      /** Since the previous bar; null for the first. */
      readonly logReturn: number | null;
      /** [FEATURE_SIZE] */
      readonly features: Float32Array;
      readonly settlements: readonly Settlement[];
    };

/** Weight of the newest product of neighbouring returns in the running autocorrelation. */
const AUTOCORRELATION_RATE = 0.03;

export function observeQuote(settings: ForecastSettings, tracker: ForecastTracker, quote: QuoteEvent): Observed {
  const { last } = tracker;
  const print = fingerprint(quote);
  if (last !== null && quote.at < last.at) {
    return { kind: 'late', reason: `quote of ${new Date(quote.at).toISOString()} came after one of ${new Date(last.at).toISOString()}; quotes of a symbol are expected in time order` };
  }
  if (last !== null && quote.at === last.at && last.fingerprints.includes(print)) return { kind: 'duplicate' };

  const bar = tracker.bar + 1n;
  const logReturn = last === null ? null : Math.log(quote.close) - Math.log(last.close);
  const rhythm: Rhythm = last === null ? { session: freshSession(quote.at), border: false, logGapRatio: 0 } : learnGap(tracker.session, last.at, quote.at);
  // The first return is its own measure: 1 volatility.
  const sigma = sigmaOf(tracker.volatilities.base, Math.max(Math.abs(logReturn ?? 0), SIGMA_FLOOR));
  const broken = last === null || logReturn === null ? null : breakBetween(settings, tracker, last.at, quote.at, logReturn, sigma);
  const settled: Settled =
    broken === null
      ? settleAt(settings, tracker.horizons, tracker.pending, bar, quote)
      : { settlements: closeAll(quote.symbol, tracker.pending, quote.at, broken), horizons: tracker.horizons, pending: [] };

  const learned = logReturn !== null && broken === null;
  const z = learned ? Math.min(Math.max(logReturn / sigma, -5), 5) : 0;
  const after: ForecastTracker = {
    bar,
    returns: tracker.returns + (learned ? 1 : 0),
    last: {
      at: quote.at,
      close: quote.close,
      fingerprints: last !== null && quote.at === last.at ? [...last.fingerprints, print].slice(-SAME_INSTANT_KEPT) : [print],
    },
    session: rhythm.session,
    volatilities: learnVolatilities(tracker, quote, learned ? logReturn : null, rhythm.border, sigma),
    volume: quote.volume === null ? tracker.volume : learnSquare(tracker.volume, SPEEDS.base, Math.log1p(Math.max(quote.volume, 0))),
    lastZ: z,
    autocorrelation: tracker.autocorrelation + AUTOCORRELATION_RATE * (Math.min(Math.max(z * tracker.lastZ, -3), 3) - tracker.autocorrelation),
    horizons: settled.horizons,
    pending: settled.pending,
  };
  const features = barFeatures({ quote, before: tracker, after, rhythm, logReturn: learned ? logReturn : null, sigma });
  return { kind: 'bar', tracker: after, bar, logReturn, features, settlements: settled.settlements };
}

/** Why this bar cannot be compared with the bars before it, or null. */
function breakBetween(settings: ForecastSettings, tracker: ForecastTracker, lastAt: number, at: number, logReturn: number, sigma: number): string | null {
  const gap = at - lastAt;
  if (gap > settings.maxGapMs && gap > settings.maxGapBars * usualGap(tracker.session)) {
    return `the next quote came ${days(gap)} days later; forecasts are closed after ${days(settings.maxGapMs)} days (and ${settings.maxGapBars} usual bars) without one`;
  }
  const split = tracker.returns >= settings.warmupReturns ? looksLikeSplit(logReturn, sigma) : null;
  return split === null ? null : `the price jumped by a factor of ${Math.exp(logReturn).toPrecision(4)}, which looks like a split (${split}); not compared and not learned`;
}

const days = (ms: number): string => (ms / 86_400_000).toFixed(1);

function learnVolatilities(tracker: ForecastTracker, quote: QuoteEvent, logReturn: number | null, border: boolean, sigma: number): Volatilities {
  const was = tracker.volatilities;
  const range = parkinson(quote);
  const withRange = range === null ? was.range : learnSquare(was.range, SPEEDS.range, winsorize(range, sigma) ** 2);
  if (logReturn === null) return was;
  const walk = learnSquare(was.walk, SPEEDS.base, logReturn ** 2);
  if (border) {
    // Over a border the usual size is the border's own; its first value has nothing to be clipped by.
    const clipped = was.border.weight === 0 ? logReturn : winsorize(logReturn, sigmaOf(was.border, sigma));
    return { ...was, walk, range: withRange, border: learnSquare(was.border, SPEEDS.border, clipped ** 2) };
  }
  const square = (tracker.returns < 3 ? logReturn : winsorize(logReturn, sigma)) ** 2;
  return {
    fast: learnSquare(was.fast, SPEEDS.fast, square),
    base: learnSquare(was.base, SPEEDS.base, square),
    slow: learnSquare(was.slow, SPEEDS.slow, square),
    slowest: learnSquare(was.slowest, SPEEDS.slowest, square),
    range: withRange,
    border: was.border,
    walk,
  };
}
