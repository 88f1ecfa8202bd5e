/** From the newest forecast and past PITs to what `tidewatch forecast` prints. Pure. */
import { TidewatchError } from '#contracts';
import { horizonCorrelations, randomFrom, samplePaths, touchShares } from '#forecast-prices';
import type { NewestForecast } from './forecast-rows.js';

export interface PathQuestion {
  readonly paths: number;
  readonly touch: number | null;
  readonly within: number | null;
  readonly seed: number;
}

export type ForecastAnswer = ReturnType<typeof pathAnswer>;

export function pathAnswer({ symbol, at, close, horizons, levels, quantiles }: NewestForecast, pits: readonly (readonly number[])[], { paths, touch, within: asked, seed }: PathQuestion) {
  const last = horizons.at(-1)!;
  const within = asked ?? last;
  if (!Number.isInteger(within) || within > last) throw new TidewatchError('SETTING_INVALID', `--within is ${within}: expected a whole number of bars up to ${last}, the longest horizon of the model.`);
  const correlations = horizonCorrelations(horizons, pits);
  const sampled = samplePaths({ horizons, levels, quantiles, correlations }, paths, randomFrom(seed));
  const share = touch === null ? null : touchShares(sampled, last, Math.log(touch / close))[within - 1]!;
  return {
    symbol, at: at.toISOString(), close, paths, settledBars: pits.length, correlations,
    horizons: horizons.map((horizon) => {
      const prices = Float64Array.from({ length: paths }, (_, i) => close * Math.exp(sampled[i * last + horizon - 1]!)).sort();
      const of = (level: number) => prices[Math.min(Math.floor(level * paths), paths - 1)]!;
      return { horizon, q05: of(0.05), q25: of(0.25), q50: of(0.5), q75: of(0.75), q95: of(0.95) };
    }),
    touch: share === null ? null : { price: touch!, within, share, ...wilson(share, paths) },
  };
}

/** Wilson's 95 % interval. */
function wilson(share: number, trials: number): { low: number; high: number } {
  const z = 1.959963984540054 ** 2;
  const middle = (share + z / (2 * trials)) / (1 + z / trials);
  const reach = Math.sqrt(z * ((share * (1 - share)) / trials + z / (4 * trials ** 2))) / (1 + z / trials);
  return { low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) };
}
