/** detect-surge: baseline, CUSUM, episode; per product, event-driven, constant size. Pure. */
export { type SurgeSettings, defaultSurgeSettings, surgeSettings } from './settings.js';
export { Calendar, calendarFrom, EMPTY_CALENDAR } from './calendar.js';
export { type SurgePrior, defaultSurgePrior, poolPrior, surgePriorFrom } from './prior.js';
export { type SurgeTracker, freshSurgeTracker } from './tracker.js';
export { type Gaps, ordinarySilence } from './silence.js';
export { observeReview } from './observe.js';
export { type SurgeStep, elapseSurge } from './elapse.js';
export { type JudgedSurge, learnSurge, wasAdopted, windowOf, withCaution } from './feedback.js';
export { surgeTrackerCodec } from './tracker-codec.js';
export { summarizeSurge } from './summary.js';
