/**
 * Settles the forecasts whose target bar has come, scores them beside the baselines, and lets the conformal
 * correction learn; closes as unsettled those whose target will not come in any comparable way.
 */
import type { QuoteEvent, Settlement } from '#contracts';
import { crpsGaussian, crpsStudentT } from './baselines/random-walk.js';
import { learnOffsets } from './conformal.js';
import { coveredBy, crpsFromQuantiles, pinballLoss, pitFromQuantiles } from './distribution.js';
import type { ForecastSettings } from './settings.js';
import type { HorizonState, PendingForecast } from './tracker.js';

export interface Settled {
  readonly settlements: readonly Settlement[];
  readonly horizons: readonly HorizonState[];
  readonly pending: readonly PendingForecast[];
}

/** Weight that the newest settlement has in the recent means. */
const RECENT = 0.01;

/** `bar` and `quote`: the bar that just came. Settlements in the order the forecasts were made. */
export function settleAt(settings: ForecastSettings, horizons: readonly HorizonState[], pending: readonly PendingForecast[], bar: bigint, quote: QuoteEvent): Settled {
  const settlements: Settlement[] = [];
  const kept: PendingForecast[] = [];
  let states = horizons;
  for (const forecast of pending) {
    if (Number(bar - forecast.bar) < forecast.horizon) {
      kept.push(forecast);
      continue;
    }
    if (forecast.corrected.length !== settings.levels.length) {
      settlements.push(unsettled(quote.symbol, forecast, quote.at, `made with ${forecast.corrected.length} quantile levels, the model in service has ${settings.levels.length}`));
      continue;
    }
    const settlement = score(settings, forecast, quote);
    settlements.push(settlement);
    states = states.map((state) => (state.horizon === forecast.horizon ? learn(settings, state, forecast, settlement) : state));
  }
  return { settlements, horizons: states, pending: kept };
}

/** Closes every pending forecast: no later bar can be compared with what they were made for. */
export function closeAll(symbol: string, pending: readonly PendingForecast[], at: number, reason: string): readonly Settlement[] {
  return pending.map((forecast) => unsettled(symbol, forecast, at, reason));
}

function score(settings: ForecastSettings, forecast: PendingForecast, quote: QuoteEvent): Settlement {
  const { levels } = settings;
  const { symbol } = quote;
  const { bar, madeAt, horizon, corrected, raw, baselineSigma } = forecast;
  const actual = Math.log(quote.close) - Math.log(forecast.close);
  return {
    symbol, bar, madeAt, horizon,
    settledAt: quote.at,
    status: 'settled',
    reason: null,
    actual,
    median: corrected[levels.indexOf(0.5)] ?? null,
    pinball: pinballLoss(levels, corrected, actual),
    crps: crpsFromQuantiles(levels, corrected, actual),
    pit: pitFromQuantiles(levels, corrected, actual),
    covered50: coveredBy(levels, corrected, actual, 0.5),
    covered80: coveredBy(levels, corrected, actual, 0.8),
    covered90: coveredBy(levels, corrected, actual, 0.9),
    covered95: coveredBy(levels, corrected, actual, 0.95),
    covered99: coveredBy(levels, corrected, actual, 0.99),
    rawCovered90: coveredBy(levels, raw, actual, 0.9),
    crpsGaussian: crpsGaussian(baselineSigma, actual),
    crpsStudentT: crpsStudentT(baselineSigma, actual),
  };
}

function learn(settings: ForecastSettings, state: HorizonState, forecast: PendingForecast, settlement: Settlement): HorizonState {
  const recent = (mean: number, value: number): number => mean + RECENT * (value - mean);
  const offsets = state.offsets.length === settings.levels.length ? state.offsets : new Array<number>(settings.levels.length).fill(0);
  return {
    horizon: state.horizon,
    offsets: learnOffsets(settings, state.horizon, offsets, forecast.corrected, settlement.actual!),
    settled: state.settled + 1,
    recentWeight: recent(state.recentWeight, 1),
    recentCovered90: recent(state.recentCovered90, settlement.covered90 === true ? 1 : 0),
    // In units of the baseline's scale, so that a wild week does not outweigh a calm year.
    recentCrps: recent(state.recentCrps, settlement.crps! / forecast.baselineSigma),
    recentCrpsStudentT: recent(state.recentCrpsStudentT, settlement.crpsStudentT! / forecast.baselineSigma),
  };
}

function unsettled(symbol: string, forecast: PendingForecast, at: number, reason: string): Settlement {
  const { bar, madeAt, horizon } = forecast;
  return {
    symbol, bar, madeAt, horizon, settledAt: at, status: 'unsettled', reason,
    actual: null, median: null, pinball: null, crps: null, pit: null, covered50: null, covered80: null, covered90: null, covered95: null, covered99: null,
    rawCovered90: null, crpsGaussian: null, crpsStudentT: null,
  };
}
