/**
 * Are the forecasts honest where the truth is known? Simulated random walks through the serving path (quoteStep over the
 * model's batched step, settlement, conformal correction): how often the bands hold, and how often skill in direction is
 * claimed where there is none; and how soon the bands hold again after the volatility has jumped.
 */
import type { EntityState, QuoteEvent, Settlement } from '#contracts';
import { contextOf } from '#decode-events';
import { DIRECTION_WINDOW, directionClaim, type ForecastTracker, WALK_KINDS, type WalkKind, walkReturns } from '#forecast-prices';
import type { OpenModel } from '#serve-models';
import { scoreRounds } from '#score-with-state';
import { quoteStep } from '../quote-worker/quote-step.js';
import { offlineScoring } from './offline-quotes.js';

/** Symbols that are stepped side by side. */
const SIDE_BY_SIDE = 250;
const HOUR_MS = 3_600_000;
const START = Date.UTC(2024, 0, 1);

/** `take` gets every settlement with the index of its walk. One bar an hour, closes only. */
async function settleWalks(model: OpenModel, returns: readonly Float64Array[], take: (walk: number, settlement: Settlement) => void, onProgress: (bars: number) => void): Promise<void> {
  const scoring = offlineScoring(model);
  const step = quoteStep(scoring, contextOf([]));
  for (let from = 0; from < returns.length; from += SIDE_BY_SIDE) {
    const group = returns.slice(from, from + SIDE_BY_SIDE);
    const states = new Map<string, EntityState<ForecastTracker>>();
    const prices = group.map(() => 100);
    for (let bar = 0; bar <= group[0]!.length; bar += 1) {
      const round = group.map((own, i): QuoteEvent => {
        if (bar > 0) prices[i]! *= Math.exp(own[bar - 1]!);
        return { kind: 'quote', position: { topic: 'simulated', partition: 0, offset: BigInt(bar) }, symbol: String(from + i), at: START + bar * HOUR_MS, close: prices[i]!, open: null, high: null, low: null, bid: null, ask: null, volume: null, interval: null, extra: null };
      });
      const scored = await scoreRounds(scoring.stepper, [round], states, scoring.fresh, step);
      for (const [symbol, state] of scored.states) states.set(symbol, state);
      for (const result of scored.results) {
        if (result.kind !== 'scored') throw new Error(`a simulated bar was not taken: ${result.kind === 'rejected' ? result.rejection.reason : result.kind}`);
        for (const settlement of result.settlements) take(Number(result.quote.event.symbol), settlement);
      }
      onProgress(group.length);
    }
  }
}

const BANDS = ['covered50', 'covered80', 'covered90', 'covered95', 'covered99'] as const;

interface Tally { forecasts: number; covered: number[] }
const none = (): Tally => ({ forecasts: 0, covered: BANDS.map(() => 0) });
function add(to: Tally, settlement: Settlement): void {
  to.forecasts += 1;
  BANDS.forEach((band, i) => { if (settlement[band] === true) to.covered[i]! += 1; });
}
const coverage = ({ forecasts, covered }: Tally) => Object.fromEntries([0.5, 0.8, 0.9, 0.95, 0.99].map((stated, i) => [String(stated), forecasts === 0 ? null : covered[i]! / forecasts]));

export interface HonestyOptions {
  readonly model: OpenModel;
  /** Of each kind. */
  readonly walks: number;
  readonly bars: number;
  readonly seed: number;
  readonly onProgress: (bars: number) => void;
}

/** Walks of each kind: coverage of every settled forecast, the same of those made in the second half of the bars (a symbol that is no longer new), and the claims of direction at the last bar. */
export async function runHonesty({ model, walks, bars, seed, onProgress }: HonestyOptions) {
  const { horizons } = offlineScoring(model).forecast;
  const kinds = [];
  for (const [k, kind] of WALK_KINDS.entries()) {
    const [tallies, later] = [horizons.map(none), horizons.map(none)];
    const newest = Array.from({ length: walks }, () => horizons.map(() => ({ medians: [] as number[], actuals: [] as number[] })));
    const returns = Array.from({ length: walks }, (_, walk) => walkReturns(kind, bars, seed + 1_000_003 * k + walk));
    await settleWalks(model, returns, (walk, settlement) => {
      const h = horizons.indexOf(settlement.horizon);
      if (settlement.actual === null) return;
      add(tallies[h]!, settlement);
      if (2 * Number(settlement.bar) > bars) add(later[h]!, settlement);
      const own = newest[walk]![h]!;
      own.medians.push(settlement.median!);
      own.actuals.push(settlement.actual);
      if (own.actuals.length > 2 * DIRECTION_WINDOW) for (const list of [own.medians, own.actuals]) list.splice(0, DIRECTION_WINDOW);
    }, onProgress);
    const claims = newest.map((own) => own.map(({ medians, actuals }, h) => directionClaim(medians, actuals, horizons[h]!, horizons.length).claimed));
    kinds.push({
      kind, walks,
      walksWithClaim: claims.filter((own) => own.includes(true)).length,
      horizons: horizons.map((horizon, h) => ({ horizon, forecasts: tallies[h]!.forecasts, coverage: coverage(tallies[h]!), coverageLater: coverage(later[h]!), forecastsLater: later[h]!.forecasts, claims: claims.filter((own) => own[h]).length })),
    });
  }
  return { walksWithClaim: kinds.reduce((sum, kind) => sum + kind.walksWithClaim, 0), walks: kinds.length * walks, kinds };
}

export const JUMP = { at: 400, factor: 3, watched: 200, step: 10 } as const;

/** Volatility times three at bar JUMP.at: coverage of the 90 % band by the bar at which the forecasts were made, ten bars together. */
export async function runVolatilityJump({ model, walks, seed, onProgress }: Omit<HonestyOptions, 'bars'>, kind: WalkKind = 'gaussian') {
  const { horizons } = offlineScoring(model).forecast;
  const spans = JUMP.watched / JUMP.step;
  const tallies = horizons.map(() => Array.from({ length: spans }, none));
  const returns = Array.from({ length: walks }, (_, walk) => walkReturns(kind, JUMP.at + JUMP.watched + horizons.at(-1)!, seed + 77_000_003 + walk, { jump: JUMP }));
  await settleWalks(model, returns, (_, settlement) => {
    // bar n of a symbol is followed by return n - 1: the first forecast that meets the jump whole is made at bar JUMP.at + 1
    const after = Number(settlement.bar) - (JUMP.at + 1);
    if (settlement.actual !== null && after >= 0 && after < JUMP.watched) add(tallies[horizons.indexOf(settlement.horizon)]![Math.floor(after / JUMP.step)]!, settlement);
  }, onProgress);
  return horizons.map((horizon, h) => {
    const achieved = tallies[h]!.map(({ forecasts, covered }) => covered[2]! / forecasts);
    const lastOff = achieved.findLastIndex((share) => share < 0.85 || share > 0.95);
    return { horizon, walks, achieved90: achieved, barsUntilHeld: lastOff + 1 === spans ? null : (lastOff + 1) * JUMP.step };
  });
}
