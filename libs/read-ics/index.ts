/** read-ics: known events out of iCalendar files (RFC 5545), recurring ones as their occurrences; whole or not at all. */
export { type EventDefaults, type IcsOptions, readIcs } from './read-ics.js';
