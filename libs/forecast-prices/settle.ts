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

/** Weight that the newest settlement has in the recent means. */
const RECENT = 0.01;

/**
 * Those due at `bar`, and the others, both in their order. Pending forecasts lie in the order they were made, so that of each
 * horizon only the first few can be due: once one is not, no later one is asked. All asked, with bigints, were a sixth of the stage.
 */
function partDue(settings: ForecastSettings, pending: readonly PendingForecast[], bar: bigint): { readonly due: PendingForecast[]; readonly kept: PendingForecast[] } {
  const { horizons } = settings;
  const newest: (bigint | null)[] = horizons.map((horizon) => bar - BigInt(horizon)); // made at or before this bar; null: none any more
  const due: PendingForecast[] = [];
  const kept: PendingForecast[] = [];
  for (const forecast of pending) {
    const h = horizons.indexOf(forecast.horizon);
    // A horizon that the settings no longer have is asked each time.
    const limit = h < 0 ? bar - BigInt(forecast.horizon) : newest[h]!;
    if (limit !== null && forecast.bar <= limit) due.push(forecast);
    else {
      if (h >= 0) newest[h] = null;
      kept.push(forecast);
    }
  }
  return { due, kept };
}

/** `bar` and `quote`: the bar that just came. Settlements in the order the forecasts were made. */
export function settleAt(settings: ForecastSettings, { horizons, pending, widening: before }: Pick<ForecastTracker, 'horizons' | 'pending' | 'widening'>, bar: bigint, quote: QuoteEvent): Settled {
  const { due, kept } = partDue(settings, pending, bar);
  if (due.length === 0) return { settlements: [], horizons, pending, widening: before };
  const states = horizons.slice();
  let widening = before;
  const settlements = due.map((forecast) => {
    if (forecast.corrected.length !== settings.levels.length) {
      return unsettled(quote.symbol, forecast, quote.at, `made with ${forecast.corrected.length} quantile levels, the model in service has ${settings.levels.length}`);
    }
    const settlement = score(settings, forecast, quote);
    if (forecast.horizon === settings.horizons[0]) widening = learnWidening(settings, widening, forecast.corrected, settlement.actual!);
    for (let h = 0; h < states.length; h += 1) if (states[h]!.horizon === forecast.horizon) states[h] = learn(settings, states[h]!, forecast, settlement);
    return settlement;
  });
  return { settlements, horizons: states, pending: kept, widening };
}

/** Closes every pending forecast: no later bar can be compared with what they were made for. */
export function closeAll(symbol: string, pending: readonly PendingForecast[], at: number, reason: string): readonly Settlement[] {
  return pending.map((forecast) => unsettled(symbol, forecast, at, reason));
}

function score(settings: ForecastSettings, forecast: PendingForecast, quote: QuoteEvent): Settlement {
  const { levels, bands } = settings;
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
    covered50: isWithin(bands[50], corrected, actual),
    covered80: isWithin(bands[80], corrected, actual),
    covered90: isWithin(bands[90], corrected, actual),
    covered95: isWithin(bands[95], corrected, actual),
    covered99: isWithin(bands[99], corrected, actual),
    rawCovered90: isWithin(bands[90], raw, actual),
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
