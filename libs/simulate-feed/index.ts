/** A seeded story of reviews and quotes for demonstrations and tests. Pure: time is an argument. */
export { INSTRUMENTS, PRODUCTS } from './catalog.js';
export { advance, speedAt } from './pace.js';
export { MAIN_SURGE, STORY_SPAN } from './plot.js';
export { storyStart, tellStory, type StoryMessage, type StorySettings } from './story.js';
