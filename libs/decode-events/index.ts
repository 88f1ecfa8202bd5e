/** Bytes to a typed event, or a typed rejection (design section 4). Pure; never throws for what a message holds. */
import type { Decoded, QuoteEvent, ReviewEvent, StreamMessage } from '#contracts';
import { decodeQuote } from './decode-quote.js';
import { decodeReview } from './decode-review.js';
import type { DecodeSettings } from './settings.js';

export { admitReviews, contextOf, type Admission, type RejectionContext } from './admit-reviews.js';
export { contentHash } from './decode-review.js';
export { parseIsoTime } from './iso-time.js';
export { defaultDecodeSettings, type DecodeSettings } from './settings.js';

/** One result per message, in order. */
export function decodeReviews(settings: DecodeSettings, messages: readonly StreamMessage[]): readonly Decoded<ReviewEvent>[] {
  return messages.map((message) => decodeReview(settings, message));
}

/** One result per message, in order. */
export function decodeQuotes(settings: DecodeSettings, messages: readonly StreamMessage[]): readonly Decoded<QuoteEvent>[] {
  return messages.map((message) => decodeQuote(settings, message));
}
