/**
 * One factor on the spread of all forecasts of a symbol, for what model and offsets see too late: a market that turns wild, or
 * calm, at once. It learns from the forecasts of the shortest horizon alone, whose answers come first, and serves every horizon:
 * a volatility that has tripled has tripled for the next 20 bars too, while their own answers would come 20 bars later.
 *   w <- MEMORY * w + RATE * sum over the bands of (1[outside] - stated share outside),  factor = exp(w^3 / (w^2 + NOISE^2))
 * Chance alone moves w by about NOISE in calm times; the cube keeps that from moving the bands, and lets what is larger through.
 * The guarantee of the offsets (conformal.ts) is untouched: it holds for any forecasts, scaled ones as well.
 * Rate, memory and noise were chosen on simulated walks and on parts of the data that no test looks at (docs/forecast-backtests.md).
 */
import { isWithin } from './distribution.js';
import type { ForecastSettings } from './settings.js';

const MEMORY = 0.99;
const NOISE = 0.15;
/** The factor lies between a fourth and four. */
const LARGEST = Math.log(4);

const STATED = [[50, 0.5], [80, 0.2], [90, 0.1], [95, 0.05], [99, 0.01]] as const;

/** w after a settled forecast of the shortest horizon; `shown` and `actual` in the same unit. */
export function learnWidening({ bands, wideningRate }: Pick<ForecastSettings, 'bands' | 'wideningRate'>, widening: number, shown: ArrayLike<number>, actual: number): number {
  let surprise = 0;
  for (const [band, outside] of STATED) {
    const within = isWithin(bands[band], shown, actual);
    if (within !== null) surprise += (within ? 0 : 1) - outside;
  }
  return Math.min(Math.max(MEMORY * widening + wideningRate * surprise, -LARGEST), LARGEST);
}

/** What raw quantiles are multiplied by. */
export const widenBy = (widening: number): number => Math.exp(widening ** 3 / (widening * widening + NOISE * NOISE));
