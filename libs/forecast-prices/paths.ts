/**
 * Joint sample paths of the log return over the next bars, from the forecasts of one bar. At the horizons a path's values have
 * exactly the forecasts' distributions, tied together by the copula (copula.ts). Between two horizons the copula's normal
 * variable goes on as a Brownian bridge, and a bar's distribution lies between its neighbours', in the root of time: an
 * interpolation, not a forecast of the model.
 */
import { normalCdf } from './baselines/random-walk.js';
import { cholesky } from './copula.js';
import { quantileAt } from './distribution.js';
import type { Random } from './random.js';

export interface PathForecast {
  /** Bars ahead, ascending. */
  readonly horizons: readonly number[];
  readonly levels: readonly number[];
  /** Log-return quantiles per horizon, ascending; [H][Q]. */
  readonly quantiles: readonly ArrayLike<number>[];
  /** Of the copula; [H][H]. */
  readonly correlations: readonly (readonly number[])[];
}

/** @returns one path after the other: log returns from now to 1, 2, ... last horizon bars ahead; [N * last] */
export function samplePaths({ horizons, levels, quantiles, correlations }: PathForecast, paths: number, random: Random): Float64Array {
  const last = horizons.at(-1)!;
  const factor = cholesky(correlations);
  const bars = bridge(horizons, correlations);
  const out = new Float64Array(paths * last);
  const noise = new Float64Array(horizons.length);
  const knots = new Float64Array(horizons.length + 1); // of the walk behind the copula; knots[0] = 0 is now
  const edge = 1e-12;
  for (let path = 0; path < paths; path += 1) {
    for (let h = 0; h < horizons.length; h += 1) {
      noise[h] = random.normal();
      let z = 0;
      for (let k = 0; k <= h; k += 1) z += factor[h]![k]! * noise[k]!;
      knots[h + 1] = z * Math.sqrt(horizons[h]!);
    }
    let at = 0;
    let value = 0; // of the walk behind the copula, at the bar before
    for (const { bar, knot, deviation, betweenRoots } of bars) {
      const [end, from] = [horizons[knot]!, knot === 0 ? 0 : horizons[knot - 1]!];
      if (at < from) [at, value] = [from, knots[knot]!];
      const left = end - at; // bars to the next knot, the value of which is known
      value = bar === end ? knots[knot + 1]! : value + ((knots[knot + 1]! - value) * (bar - at)) / left + Math.sqrt(((bar - at) * (end - bar)) / left) * random.normal();
      at = bar;
      const u = Math.min(Math.max(normalCdf(value / deviation), edge), 1 - edge);
      const far = quantileAt(levels, quantiles[knot]!, u);
      const near = knot === 0 ? 0 : betweenRoots === 1 ? far : quantileAt(levels, quantiles[knot - 1]!, u);
      out[path * last + bar - 1] = near + betweenRoots * (far - near);
    }
  }
  return out;
}

interface BarOfPath {
  readonly bar: number;
  /** Index of the first horizon at or behind the bar. */
  readonly knot: number;
  /** Standard deviation of the walk behind the copula there; the root of the bar only if the correlations are a random walk's. */
  readonly deviation: number;
  /** Where the bar lies between the roots of its neighbouring horizons, 0 to 1. */
  readonly betweenRoots: number;
}

function bridge(horizons: readonly number[], correlations: PathForecast['correlations']): readonly BarOfPath[] {
  return Array.from({ length: horizons.at(-1)! }, (_, i): BarOfPath => {
    const bar = i + 1;
    const knot = horizons.findIndex((h) => h >= bar);
    const [from, to] = [knot === 0 ? 0 : horizons[knot - 1]!, horizons[knot]!];
    const along = (bar - from) / (to - from);
    const shared = knot === 0 ? 0 : correlations[knot - 1]![knot]! * Math.sqrt(from * to);
    const variance = (1 - along) ** 2 * from + along ** 2 * to + 2 * along * (1 - along) * shared + ((bar - from) * (to - bar)) / (to - from);
    return { bar, knot, deviation: Math.sqrt(variance), betweenRoots: (Math.sqrt(bar) - Math.sqrt(from)) / (Math.sqrt(to) - Math.sqrt(from)) };
  });
}

/** Share of the paths that have reached `logReturn` at a bar's close, by 1, 2, ... last bars ahead: up to it where it is above 0, else down to it. */
export function touchShares(paths: Float64Array, last: number, logReturn: number): number[] {
  const touched = new Array<number>(last).fill(0);
  const count = paths.length / last;
  for (let path = 0; path < count; path += 1) {
    for (let i = 0; i < last; i += 1) {
      const value = paths[path * last + i]!;
      if (logReturn >= 0 ? value >= logReturn : value <= logReturn) {
        touched[i]! += 1;
        break;
      }
    }
  }
  let sum = 0;
  return touched.map((n) => (sum += n) / count);
}
