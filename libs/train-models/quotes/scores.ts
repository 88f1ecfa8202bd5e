/** Sums over settled forecasts, from which the card's figures are made. Returns and losses are log returns. */
import type { Forecast, Settlement } from '#contracts';

export const BANDS = [0.5, 0.8, 0.9, 0.95, 0.99] as const;

/** A forecast before the correction. */
export interface RawScore {
  readonly crps: number;
  /** By BANDS. */
  readonly covered: readonly boolean[];
}

export interface Score {
  readonly count: number;
  readonly unsettled: number;
  readonly pinball: number;
  readonly crps: number;
  readonly crpsRaw: number;
  readonly crpsGaussian: number;
  readonly crpsStudentT: number;
  /** Absolute error of the median, and of "no change". */
  readonly medianError: number;
  readonly noChangeError: number;
  /** Width of the 90 % band. */
  readonly width90: number;
  /** Forecasts covered, by BANDS. */
  readonly covered: readonly number[];
  readonly coveredRaw: readonly number[];
}

export function emptyScore(): Score {
  return { count: 0, unsettled: 0, pinball: 0, crps: 0, crpsRaw: 0, crpsGaussian: 0, crpsStudentT: 0, medianError: 0, noChangeError: 0, width90: 0, covered: [0, 0, 0, 0, 0], coveredRaw: [0, 0, 0, 0, 0] };
}

export function addScore(sum: Score, settlement: Settlement, raw: RawScore | null, forecast: Forecast): Score {
  if (raw === null || settlement.actual === null) return { ...sum, unsettled: sum.unsettled + 1 };
  const { covered50, covered80, covered90, covered95, covered99, actual } = settlement;
  const median = forecast.corrected[(forecast.corrected.length - 1) / 2]!;
  const [low, high] = [forecast.levels.indexOf(0.05), forecast.levels.indexOf(0.95)];
  return {
    count: sum.count + 1,
    unsettled: sum.unsettled,
    pinball: sum.pinball + settlement.pinball!,
    crps: sum.crps + settlement.crps!,
    crpsRaw: sum.crpsRaw + raw.crps,
    crpsGaussian: sum.crpsGaussian + settlement.crpsGaussian!,
    crpsStudentT: sum.crpsStudentT + settlement.crpsStudentT!,
    medianError: sum.medianError + Math.abs(actual - median),
    noChangeError: sum.noChangeError + Math.abs(actual),
    width90: sum.width90 + forecast.corrected[high]! - forecast.corrected[low]!,
    covered: [covered50, covered80, covered90, covered95, covered99].map((c, i) => sum.covered[i]! + (c === true ? 1 : 0)),
    coveredRaw: raw.covered.map((c, i) => sum.coveredRaw[i]! + (c ? 1 : 0)),
  };
}

export function mergeScores(a: Score, b: Score): Score {
  const sums = (x: readonly number[], y: readonly number[]): number[] => x.map((v, i) => v + y[i]!);
  return {
    count: a.count + b.count, unsettled: a.unsettled + b.unsettled, pinball: a.pinball + b.pinball, crps: a.crps + b.crps, crpsRaw: a.crpsRaw + b.crpsRaw,
    crpsGaussian: a.crpsGaussian + b.crpsGaussian, crpsStudentT: a.crpsStudentT + b.crpsStudentT, medianError: a.medianError + b.medianError,
    noChangeError: a.noChangeError + b.noChangeError, width90: a.width90 + b.width90, covered: sums(a.covered, b.covered), coveredRaw: sums(a.coveredRaw, b.coveredRaw),
  };
}
