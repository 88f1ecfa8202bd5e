export { freshState } from './fresh-state.js';
export { REVIEW_FEATURES_BESIDE_VECTOR, reviewFeatures } from './review-features.js';
export type { KeyedStep } from './keyed-step.js';
export { type ScoredRounds, scoreRounds } from './score-rounds.js';
export { type Recalibrated, recalibrateInOrder, type SteppedReview } from './recalibrate-in-order.js';
export { placeOfSource, restoreSource, type SourceState, storeSource } from './source-codec.js';
export { replaceTracker, restoreState, storeState, type TrackerCodec } from './state-codec.js';
export { withStars } from './with-stars.js';
