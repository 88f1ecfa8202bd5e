/** explain-surge: what a surge's negatives have in common that the product's normal has not. Pure. */
export { contributorsAmong, MOST_READ } from './contributors.js';
export { type LookAlikes, lookAlikesAmong, type Voice } from './look-alikes.js';
export { featuresOf } from './features.js';
