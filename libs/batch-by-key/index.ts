export { roundsByKey } from './rounds.js';
