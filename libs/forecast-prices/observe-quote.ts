/**
 * One quote of a symbol: settles what waited for it, learns the symbol's volatility and rhythm, and makes the
 * features for the model. Pure: the tracker that comes in is never changed.
 * Late: earlier than the newest quote. Duplicate: same instant and same content as one taken at that instant;
 * the same instant with other content is another tick, and another bar. Foreign: of another interval than the symbol's
 * while bars of that one still come; once they have stopped, the new interval takes over and everything is learned anew.
 */
import type { QuoteEvent, Settlement } from '#contracts';
import { barFeatures, parkinson } from './features.js';
import { fingerprint } from './fingerprint.js';
import { closeOverdue, isOverdue } from './overdue.js';
import { freshSession, learnGap, type Rhythm, usualGap } from './session.js';
import { closeAll, settleAt, type Settled } from './settle.js';
import type { ForecastSettings } from './settings.js';
import { looksLikeSplit } from './split.js';
import { JUMP_SIGMAS, learnJump } from './jumps.js';
import type { Market } from './market.js';
import { learnProfile, NO_PROFILE } from './profile.js';
import { type ForecastTracker, NO_VOLATILITIES, SAME_INSTANT_KEPT, type Volatilities } from './tracker.js';
import { learnSquare, type RunningVariance, SIGMA_FLOOR, sigmaOf, SPEEDS, winsorize } from './volatility.js';

export type Observed =
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'late'; readonly reason: string }
  /** Of another interval than the symbol's bars. */
  | { readonly kind: 'foreign'; readonly reason: string }
  | {
      readonly kind: 'bar';
      readonly tracker: ForecastTracker;
      readonly bar: bigint;
      /** Since the previous bar; null for the first. */
      readonly logReturn: number | null;
      /** [FEATURE_SIZE] */
      readonly features: readonly number[];
      readonly settlements: readonly Settlement[];
      /** Why this bar is not compared with the ones before it and its return not learned: a split, a long gap, another interval; null: it is. */
      readonly breakReason: string | null;
    };

/** Weight of the newest product of neighbouring returns in the running autocorrelation. */
const AUTOCORRELATION_RATE = 0.03;

/** So many usual gaps without a bar of the known interval, and another one takes over. */
const INTERVAL_GONE = 20;

const differs = (tracker: ForecastTracker, { interval }: QuoteEvent): boolean => tracker.interval !== null && interval !== null && interval !== tracker.interval;
const isForeign = (tracker: ForecastTracker, quote: QuoteEvent): boolean => differs(tracker, quote) && quote.at - tracker.last!.at <= INTERVAL_GONE * usualGap(tracker.session);

/** The tracker for a symbol whose bars have another length from now on: rhythm and volatilities begin anew, what waits and the corrections stay. */
function withInterval(tracker: ForecastTracker, quote: QuoteEvent): ForecastTracker {
  if (!differs(tracker, quote)) return tracker;
  return { ...tracker, returns: 0, session: freshSession(quote.at), volatilities: NO_VOLATILITIES, profile: NO_PROFILE, interval: quote.interval };
}

export function observeQuote(settings: ForecastSettings, carried: ForecastTracker, quote: QuoteEvent, market: Market | null = null): Observed {
  const { last } = carried;
  const print = fingerprint(quote);
  if (last !== null && quote.at < last.at) {
    return { kind: 'late', reason: `quote of ${new Date(quote.at).toISOString()} came after one of ${new Date(last.at).toISOString()}; quotes of a symbol are expected in time order` };
  }
  if (last !== null && quote.at === last.at && last.fingerprints.includes(print)) return { kind: 'duplicate' };

  if (last !== null && isForeign(carried, quote)) {
    return { kind: 'foreign', reason: `bar of ${quote.interval} at ${new Date(quote.at).toISOString()} among bars of ${carried.interval}; one symbol carries one interval, give the other a symbol of its own` };
  }

  const given = closeOverdue(settings, quote.symbol, carried, quote.at);
  const tracker = withInterval(given.tracker, quote);
  const bar = tracker.bar + 1n;
  const logReturn = last === null ? null : Math.log(quote.close) - Math.log(last.close);
  const rhythm: Rhythm = last === null ? { session: freshSession(quote.at), border: false, logGapRatio: 0 } : learnGap(tracker.session, last.at, quote.at);
  // The first return is its own measure: 1 volatility.
  const sigma = sigmaOf(tracker.volatilities.base, Math.max(Math.abs(logReturn ?? 0), SIGMA_FLOOR));
  const broken = last === null || logReturn === null ? null : breakBetween(settings, carried, quote, logReturn, sigma);
  const settled: Settled =
    broken === null
      ? settleAt(settings, tracker, bar, quote)
      : { settlements: [...given.settlements, ...closeAll(quote.symbol, tracker.pending, quote.at, broken)], horizons: tracker.horizons, pending: [], widening: tracker.widening };

  const learned = logReturn !== null && broken === null;
  const jumped = learned && !rhythm.border && tracker.returns >= 40 && Math.abs(logReturn) > JUMP_SIGMAS * sigmaOf(tracker.volatilities.slow, sigma);
  const range = parkinson(quote);
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
    volatilities: learnVolatilities(tracker, quote, range, learned ? logReturn : null, rhythm.border, sigma),
    profile: learned && rhythm.session.regular > 0 ? learnProfile(tracker.profile, rhythm.session.bars - 1, logReturn ** 2) : tracker.profile,
    jumps: learnJump(tracker.jumps, quote.at, jumped),
    interval: tracker.interval ?? quote.interval,
    volume: quote.volume === null ? tracker.volume : learnSquare(tracker.volume, SPEEDS.base, Math.log1p(Math.max(quote.volume, 0))),
    lastZ: z,
    autocorrelation: tracker.autocorrelation + AUTOCORRELATION_RATE * (Math.min(Math.max(z * tracker.lastZ, -3), 3) - tracker.autocorrelation),
    horizons: settled.horizons,
    pending: settled.pending,
    widening: settled.widening,
  };
  const features = barFeatures({ quote, before: tracker, after, rhythm, range, logReturn: learned ? logReturn : null, sigma, market });
  return { kind: 'bar', tracker: after, bar, logReturn, features, settlements: settled.settlements, breakReason: broken };
}

/** Why this bar cannot be compared with the bars before it, or null. */
function breakBetween(settings: ForecastSettings, tracker: ForecastTracker, quote: QuoteEvent, logReturn: number, sigma: number): string | null {
  if (isOverdue(settings, tracker, quote.at)) return `the first quote after ${days(quote.at - tracker.last!.at)} days; not compared and not learned`;
  if (differs(tracker, quote)) return `bars of ${tracker.interval} stopped and bars of ${quote.interval} came; not compared, the symbol is learned anew`;
  const split = tracker.returns >= settings.warmupReturns ? looksLikeSplit(logReturn, sigma) : null;
  return split === null ? null : `the price jumped by a factor of ${Math.exp(logReturn).toPrecision(4)}, which looks like a split (${split}); not compared and not learned`;
}

const days = (ms: number): string => (ms / 86_400_000).toFixed(1);

function learnVolatilities(tracker: ForecastTracker, quote: QuoteEvent, range: number | null, logReturn: number | null, border: boolean, sigma: number): Volatilities {
  const was = tracker.volatilities;
  const withRange: RunningVariance = range === null ? was.range : learnSquare(was.range, SPEEDS.range, winsorize(range, sigma) ** 2);
  if (logReturn === null) return was;
  const rangeSlow = range === null ? was.rangeSlow : learnSquare(was.rangeSlow, SPEEDS.rangeSlow, winsorize(range, sigma) ** 2);
  const toOpen = quote.open === null || !(quote.open > 0) ? null : Math.log(quote.open) - Math.log(tracker.last!.close);
  const parts = {
    rangeSlow,
    opening: toOpen === null ? was.opening : learnSquare(was.opening, SPEEDS.opening, winsorize(toOpen, sigma) ** 2),
    daytime: toOpen === null ? was.daytime : learnSquare(was.daytime, SPEEDS.daytime, winsorize(logReturn - toOpen, sigma) ** 2),
    absolute: border ? was.absolute : learnSquare(was.absolute, SPEEDS.absolute, Math.abs(winsorize(logReturn, sigma))),
  };
  const walk = learnSquare(was.walk, SPEEDS.base, logReturn ** 2);
  if (border) {
    // Over a border the usual size is the border's own; its first value has nothing to be clipped by.
    const clipped = was.border.weight === 0 ? logReturn : winsorize(logReturn, sigmaOf(was.border, sigma));
    return { ...was, ...parts, walk, range: withRange, border: learnSquare(was.border, SPEEDS.border, clipped ** 2) };
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
    ...parts,
  };
}
