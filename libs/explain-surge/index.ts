/** explain-surge: what a surge's negatives have in common that the product's normal has not. Pure. */
export { contributorsAmong, contributorsOver, MOST_READ, type Reviews } from './contributors.js';
export { type LookAlikes, lookAlikesAmong, type Voice } from './look-alikes.js';
export { Aspects, type Lexicon, lexiconFrom } from './lexicon.js';
export { bestEvidence, type Witness } from './evidence.js';
export { excerptOf } from './excerpt.js';
export { evidenceOver } from './shared-evidence.js';
export { aspectsIn } from './mentions.js';
export { featuresOf } from './features.js';
