/**
 * forecast-prices: quantile forecasts per symbol, corrected online, settled and scored against random walks. Pure.
 * A worker calls, per quote: observeQuote -> the model's step on `features` -> makeForecasts.
 */
export { DEFAULT_HORIZONS, DEFAULT_LEVELS, type ForecastSettings, forecastSettings, GAP_LIMITS, type GapLimits } from './settings.js';
export { type ForecastTracker, type HorizonState, type PendingForecast, freshForecastTracker } from './tracker.js';
export { type Observed, observeQuote } from './observe-quote.js';
export { isFinite } from './finite.js';
export { closeOverdue } from './overdue.js';
export { judgeSilence, spansBefore } from './stale.js';
export { makeForecasts } from './make-forecasts.js';
export { forecastTrackerCodec } from './tracker-codec.js';
export { summarizeForecast } from './summary.js';
export { FEATURE_BOUND, FEATURE_NAMES, FEATURE_SIZE } from './features.js';
export { baselineScale, forecastScales } from './scale.js';
export { horizonCorrelations } from './copula.js';
export { type PathForecast, samplePaths, touchShares } from './paths.js';
export { coveredBy, crpsFromQuantiles, pinballLoss, pitFromQuantiles, quantileAt } from './distribution.js';
export { DIRECTION_LEVEL, DIRECTION_WINDOW, type DirectionClaim, dieboldMariano, directionClaim, type LossTest } from './skill.js';
export { crpsGaussian, crpsStudentT } from './baselines/random-walk.js';
export { crpsT, quantileT, studentT } from './baselines/student-t.js';
export { DEFAULT_T, fitStudentT, type ScaledT } from './baselines/fit-student-t.js';
export { fitGarch, filterVariance, type Garch, garchScale, nextVariance } from './baselines/garch.js';
export { type Random, randomFrom } from './random.js';
export { WALK_KINDS, type WalkKind, walkReturns } from './simulated-walks.js';
export { type BaselineForecast, type BaselineName, BASELINES, WalkForward } from './baselines/walk-forward.js';
