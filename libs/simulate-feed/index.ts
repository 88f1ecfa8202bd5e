/** A seeded story of reviews and quotes for demonstrations and tests. Pure: time is an argument. */
export { INSTRUMENTS, PRODUCTS } from './catalog.js';
export { advance, speedAt } from './pace.js';
export { MAIN_SURGE, STORY_SPAN } from './plot.js';
export type { StoryMessage } from './message.js';
export { storyStart, tellStory, type StorySettings } from './story.js';
