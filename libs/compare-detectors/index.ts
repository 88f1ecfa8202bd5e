/** compare-detectors: rival detectors written from their papers, in-control and risen streams, and the measure that compares. Pure. */
export { earsC1, earsC2, earsC3 } from './ears.js';
export { defaultFarrington, farringtonScore, type FarringtonSettings } from './farrington.js';
export { negativeBinomialQuantile } from './negative-binomial.js';
export { changePointScores } from './change-point.js';
export { cusumAlarms, fixedThresholdAlarms, rollingScores } from './simple-rivals.js';
export { type Alarm, mergedOnsets, thresholdFor } from './alarms.js';
export { type StreamPlan, makeStream } from './streams.js';
