/**
 * Settles the forecasts whose target bar has come, scores them beside the baselines, and lets the conformal
 * correction learn; closes as unsettled those whose target will not come in any comparable way.
 */
import type { QuoteEvent, Settlement } from '#contracts';
import { crpsGaussian, crpsStudentT } from './baselines/random-walk.js';
import { learnOffsets } from './conformal.js';
import { crpsFromQuantiles, isWithin, pinballLoss, pitFromQuantiles } from './distribution.js';
import type { ForecastSettings } from './settings.js';
import type { ForecastTracker, HorizonState, PendingForecast } from './tracker.js';
import { learnWidening } from './widening.js';

export interface Settled {
  readonly settlements: readonly Settlement[];
  readonly horizons: readonly HorizonState[];
  readonly pending: readonly PendingForecast[];
  readonly widening: number;
}

/** Where a forecast's own two borders lie in what it keeps of its raw quantiles. */
const BORDERS = [0, 1] as const;

/** Weight that the newest settlement has in the recent means. */
const RECENT = 0.01;

/** `bar` and `quote`: the bar that just came. Settlements in the order the forecasts were made. */
export function settleAt(settings: ForecastSettings, { horizons, pending, widening: before }: Pick<ForecastTracker, 'horizons' | 'pending' | 'widening'>, bar: bigint, quote: QuoteEvent): Settled {
  const reached = Number(bar);
  const due = pending.filter(({ target }) => target <= reached);
  if (due.length === 0) return { settlements: [], horizons, pending, widening: before };
  const states = horizons.slice();
  let widening = before;
  const logClose = Math.log(quote.close);
  const settlements = due.map((forecast) => {
    if (forecast.corrected.length !== settings.levels.length) {
      return unsettled(quote.symbol, forecast, quote.at, `made with ${forecast.corrected.length} quantile levels, the model in service has ${settings.levels.length}`);
    }
    const settlement = score(settings, forecast, quote, logClose - Math.log(forecast.close));
    if (forecast.horizon === settings.horizons[0]) widening = learnWidening(settings, widening, forecast.corrected, settlement.actual!);
    for (let h = 0; h < states.length; h += 1) if (states[h]!.horizon === forecast.horizon) states[h] = learn(settings, states[h]!, forecast, settlement);
    return settlement;
  });
  return { settlements, horizons: states, pending: pending.filter(({ target }) => target > reached), widening };
}

/** Closes every pending forecast: no later bar can be compared with what they were made for. */
export function closeAll(symbol: string, pending: readonly PendingForecast[], at: number, reason: string): readonly Settlement[] {
  return pending.map((forecast) => unsettled(symbol, forecast, at, reason));
}

/** `actual`: the log return that came. */
function score(settings: ForecastSettings, forecast: PendingForecast, quote: QuoteEvent, actual: number): Settlement {
  const { levels, bands } = settings;
  const { symbol } = quote;
  const { bar, madeAt, horizon, corrected, raw, baselineSigma } = forecast;
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
    covered50: isWithin(bands[50], corrected, actual),
    covered80: isWithin(bands[80], corrected, actual),
    covered90: isWithin(bands[90], corrected, actual),
    covered95: isWithin(bands[95], corrected, actual),
    covered99: isWithin(bands[99], corrected, actual),
    rawCovered90: isWithin(raw.length === levels.length ? bands[90] : raw.length === 2 ? BORDERS : null, raw, actual),
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
