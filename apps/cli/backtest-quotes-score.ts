/** Sums over settled forecasts of one group (all, or one symbol) and horizon, and the document's figures from them. */
import type { Forecast, Settlement } from '#contracts';
import { BASELINES, type BaselineName, type BaselineForecast, coveredBy } from '#forecast-prices';

export const BANDS = [0.5, 0.8, 0.9, 0.95, 0.99] as const;

interface BaselineSum { forecasts: number; crps: number; modelCrps: number; covered: number[] }

export interface QuoteScore {
  readonly horizon: number;
  forecasts: number;
  unsettled: number;
  covered: number[];
  coveredRaw: number[];
  width: number;
  crps: number;
  pinball: number;
  /** PIT histogram, 20 bins. */
  pit: number[];
  baselines: Record<BaselineName, BaselineSum>;
}

const none = (): BaselineSum => ({ forecasts: 0, crps: 0, modelCrps: 0, covered: BANDS.map(() => 0) });

export function emptyQuoteScore(horizon: number): QuoteScore {
  return {
    horizon, forecasts: 0, unsettled: 0, covered: BANDS.map(() => 0), coveredRaw: BANDS.map(() => 0), width: 0, crps: 0, pinball: 0,
    pit: new Array<number>(20).fill(0), baselines: { ewmaGaussian: none(), ewmaStudentT: none(), garchT: none(), historical: none() },
  };
}

export interface Judged {
  readonly crps: number;
  readonly covered: readonly boolean[];
}

/** How a baseline did at the actual return. */
export function judge(baseline: BaselineForecast | null, actual: number): Judged | null {
  if (baseline === null) return null;
  return { crps: baseline.crps(actual), covered: BANDS.map((mass) => { const [low, high] = baseline.band(mass); return low <= actual && actual <= high; }) };
}

export function addQuoteScore(to: QuoteScore, forecast: Forecast, settlement: Settlement, baselines: Readonly<Record<BaselineName, Judged | null>>): void {
  const { actual } = settlement;
  if (actual === null) {
    to.unsettled += 1;
    return;
  }
  to.forecasts += 1;
  to.crps += settlement.crps!;
  to.pinball += settlement.pinball!;
  to.pit[Math.min(19, Math.floor(settlement.pit! * 20))]! += 1;
  to.width += forecast.corrected[forecast.levels.indexOf(0.95)]! - forecast.corrected[forecast.levels.indexOf(0.05)]!;
  BANDS.forEach((mass, i) => {
    if (coveredBy(forecast.levels, forecast.corrected, actual, mass) === true) to.covered[i]! += 1;
    if (coveredBy(forecast.levels, forecast.raw, actual, mass) === true) to.coveredRaw[i]! += 1;
  });
  for (const name of BASELINES) {
    const judged = baselines[name];
    if (judged === null) continue;
    const sum = to.baselines[name];
    sum.forecasts += 1;
    sum.crps += judged.crps;
    sum.modelCrps += settlement.crps!;
    judged.covered.forEach((covered, i) => { if (covered) sum.covered[i]! += 1; });
  }
}

const shares = (counts: readonly number[], of: number) => Object.fromEntries(BANDS.map((band, i) => [String(band), of === 0 ? null : counts[i]! / of]));
const mean = (sum: number, of: number) => (of === 0 ? null : sum / of);

/** One horizon of the document. `skill`: 1 - CRPS / CRPS of the EWMA walk with fitted Student-t errors. `ratio`: the model's CRPS to a baseline's, over the forecasts that both made. */
export function horizonFigures(score: QuoteScore) {
  const t = score.baselines.ewmaStudentT;
  return {
    horizon: score.horizon, forecasts: score.forecasts, unsettled: score.unsettled,
    coverage: shares(score.covered, score.forecasts), coverageRaw: shares(score.coveredRaw, score.forecasts),
    width: mean(score.width, score.forecasts), crps: mean(score.crps, score.forecasts), pinball: mean(score.pinball, score.forecasts),
    baselines: Object.fromEntries(BASELINES.map((name) => {
      const { forecasts, crps, modelCrps, covered } = score.baselines[name];
      return [name, { forecasts, crps: mean(crps, forecasts), ratio: crps > 0 ? modelCrps / crps : null, coverage: shares(covered, forecasts) }];
    })),
    skill: t.crps > 0 ? 1 - t.modelCrps / t.crps : null,
    pit: score.pit,
  };
}
export type HorizonFigures = ReturnType<typeof horizonFigures>;
