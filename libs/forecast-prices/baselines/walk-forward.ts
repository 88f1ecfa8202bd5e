/**
 * The baselines of a backtest for one symbol, each seeing only what had happened by then: the EWMA(0.94) random walk with
 * Gaussian errors, the same with Student-t errors whose scale and degrees of freedom are fitted per horizon, GARCH(1,1)
 * with t errors, and the historical quantiles. Fits are by maximum likelihood on the newest returns, again whenever a new
 * calendar month (UTC) begins, from `fitFrom` on.
 */
import { crpsFromQuantiles } from '../distribution.js';
import { DEFAULT_T, fitStudentT, type ScaledT } from './fit-student-t.js';
import { filterVariance, fitGarch, type Garch, garchScale, nextVariance } from './garch.js';
import { crpsGaussian } from './random-walk.js';
import { crpsT, quantileT, type StudentT } from './student-t.js';

/** Newest returns that a fit takes. */
const RETURNS_KEPT = 2000;
/** Residuals that a fit of the walk's errors takes, spread evenly over the newest. */
const RESIDUALS_FITTED = 500;
/** Normal quantiles of the upper borders of the bands, by mass. */
const NORMAL: Readonly<Record<string, number>> = { '0.5': 0.6744897501960817, '0.8': 1.2815515655446004, '0.9': 1.6448536269514722, '0.95': 1.959963984540054, '0.99': 2.5758293035489004 };

export const BASELINES = ['ewmaGaussian', 'ewmaStudentT', 'garchT', 'historical'] as const;
export type BaselineName = (typeof BASELINES)[number];

export interface BaselineForecast {
  /** CRPS at the actual log return. */
  crps(actual: number): number;
  /** Half the width of the central band of this mass around 0; for 'historical' both borders differ. */
  band(mass: number): readonly [number, number];
}

export class WalkForward {
  private readonly returns: number[] = [];
  private readonly residuals: number[][];
  private readonly sums: number[][];
  private walk: ScaledT[];
  private garch: Garch | null = null;
  private variance = 0;
  private month = -1;
  private sorted: (Float64Array | null)[];

  constructor(private readonly horizons: readonly number[], private readonly levels: readonly number[], private readonly fitFrom: number) {
    this.residuals = horizons.map(() => []);
    this.sums = horizons.map(() => []);
    this.walk = horizons.map(() => DEFAULT_T);
    this.sorted = horizons.map(() => null);
  }

  /** The return of a bar that was comparable with the one before. */
  learn(logReturn: number, at: number): void {
    if (this.garch !== null) this.variance = nextVariance(this.garch, this.variance, logReturn);
    this.returns.push(logReturn);
    if (this.returns.length > 2 * RETURNS_KEPT) this.returns.splice(0, RETURNS_KEPT);
    const date = new Date(at);
    const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
    if (at >= this.fitFrom && month !== this.month) {
      this.month = month;
      this.refit();
    }
  }

  /** The return that came of a forecast `k` horizons down the list, with the walk's scale at its making. */
  settle(k: number, actual: number, walkScale: number): void {
    keep(this.residuals[k]!, actual / walkScale);
    keep(this.sums[k]!, actual);
  }

  /** null for a baseline that has too little to go by. */
  forecast(name: BaselineName, k: number, walkScale: number): BaselineForecast | null {
    if (name === 'ewmaGaussian') return { crps: (y) => crpsGaussian(walkScale, y), band: (mass) => around(walkScale * NORMAL[String(mass)]!) };
    if (name === 'historical') return this.historical(k);
    if (name === 'ewmaStudentT') return scaledT(this.walk[k]!, walkScale);
    if (this.garch === null) return null;
    return scaledT({ distribution: this.garch.distribution, scale: garchScale(this.garch, this.variance, this.horizons[k]!) }, 1);
  }

  private refit(): void {
    const newest = this.returns.slice(-RETURNS_KEPT);
    this.garch = fitGarch(newest, this.garch) ?? this.garch;
    if (this.garch !== null) this.variance = filterVariance(this.garch, newest);
    this.walk = this.residuals.map((all, k) => {
      const every = Math.max(1, Math.floor(all.length / RESIDUALS_FITTED));
      return fitStudentT(all.filter((_, i) => (all.length - 1 - i) % every === 0), this.walk[k]);
    });
    this.sorted = this.sums.map((all) => (all.length < 100 ? null : Float64Array.from(all).sort()));
  }

  private historical(k: number): BaselineForecast | null {
    const sorted = this.sorted[k];
    if (sorted === null || sorted === undefined) return null;
    const at = (level: number): number => sorted[Math.min(Math.max(Math.round(level * (sorted.length + 1)) - 1, 0), sorted.length - 1)]!;
    const quantiles = this.levels.map(at);
    return { crps: (y) => crpsFromQuantiles(this.levels, quantiles, y), band: (mass) => [at((1 - mass) / 2), at((1 + mass) / 2)] };
  }
}

function keep(list: number[], value: number): void {
  list.push(value);
  if (list.length > 2 * RETURNS_KEPT) list.splice(0, RETURNS_KEPT);
}

const around = (half: number): readonly [number, number] => [-half, half];

function scaledT({ distribution, scale }: ScaledT, unit: number): BaselineForecast {
  return { crps: (y) => crpsT(distribution, scale * unit, y), band: (mass) => around(scale * unit * borderOf(distribution, mass)) };
}

/** A quantile is found by bisection: once for each fit and band, not for each forecast. */
const borders = new WeakMap<StudentT, Map<number, number>>();
function borderOf(distribution: StudentT, mass: number): number {
  let known = borders.get(distribution);
  if (known === undefined) borders.set(distribution, (known = new Map<number, number>()));
  let border = known.get(mass);
  if (border === undefined) known.set(mass, (border = quantileT(distribution, (1 + mass) / 2)));
  return border;
}
