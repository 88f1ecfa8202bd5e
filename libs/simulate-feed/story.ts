/**
 * The simulated feed: an endless story in event-time order, a function of seed and start alone. Telling can begin behind
 * any moment, so a feed that was stopped goes on where it was, and two feeds with one seed say the same.
 */
import { PRODUCTS } from './catalog.js';
import type { StoryMessage } from './message.js';
import { DAY, HOUR, STORY_SPAN } from './plot.js';
import { tellBroken } from './tell-broken.js';
import { QuoteWalker } from './tell-quotes.js';
import { tellReviews } from './tell-reviews.js';

export interface StorySettings {
  readonly seed: number;
  /** Epoch ms of a midnight UTC: the daily rhythm, and with it every count, is then the same in every telling. */
  readonly start: number;
}

/** The latest midnight from which the whole main part fits before `now`, with half a day to spare. */
export const storyStart = (now: number) => Math.floor((now - STORY_SPAN - DAY / 2) / DAY) * DAY;

/** Everything sent after `after` (epoch ms), without end. */
export function* tellStory({ seed, start }: StorySettings, after = start - 1): Generator<StoryMessage, never> {
  const quotes = new QuoteWalker(seed, start);
  quotes.skipTo(after);
  for (let hour = Math.max(Math.floor((after - start) / HOUR), 0); ; hour += 1) {
    const told = PRODUCTS.flatMap((_, product) => tellReviews(seed, start, product, hour));
    told.push(...quotes.tell(start + (hour + 1) * HOUR), ...tellBroken(seed, start, hour));
    // Stable: what falls on the same millisecond keeps the order it was told in.
    told.sort((a, b) => a.at - b.at);
    for (const message of told) if (message.at > after) yield message;
  }
}
