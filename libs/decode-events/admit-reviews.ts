/**
 * Which reviews are new, which correct an older one, which repeat. The newest admitted revision of a review decides alone,
 * whether it stands in the database or earlier in the same batch, so the outcome does not depend on where batches end.
 * Same revision and content: a duplicate, counted. Same revision, other content: refused, since neither can be told the
 * true one. Lower revision: refused as stale. Higher revision: a correction.
 */
import type { KnownReview, Rejection, ReviewEvent, StreamMessage, StreamPosition } from '#contracts';
import { fault, rejection, show } from './fault.js';

/** Gives back the message an event was decoded from, so that a rejection can carry its bytes. */
export type RejectionContext = (position: StreamPosition) => StreamMessage;

export interface Admission {
  /** First revision seen of each review, in order. */
  readonly fresh: ReviewEvent[];
  /** Higher revisions of reviews that are known or fresh in this very batch, in order. */
  readonly corrections: ReviewEvent[];
  readonly rejections: Rejection[];
  readonly duplicates: number;
}

type Admitted = Pick<KnownReview, 'revision' | 'contentHash'>;

/** `known` is keyed by product id, NUL, review id. */
export function admitReviews(events: readonly ReviewEvent[], known: ReadonlyMap<string, KnownReview>, context: RejectionContext): Admission {
  const newest = new Map<string, Admitted>();
  const fresh: ReviewEvent[] = [];
  const corrections: ReviewEvent[] = [];
  const rejections: Rejection[] = [];
  let duplicates = 0;
  for (const event of events) {
    const key = `${event.productId}\u0000${event.reviewId}`;
    const before = newest.get(key) ?? known.get(key);
    if (before === undefined || event.revision > before.revision) {
      newest.set(key, event);
      (before === undefined ? fresh : corrections).push(event);
    } else if (event.revision < before.revision) {
      rejections.push(rejection(context(event.position), fault('stale_revision', `Found revision ${event.revision} of review ${show(event.reviewId)}; expected a revision above ${before.revision}, which is scored already.`)));
    } else if (event.contentHash === before.contentHash) {
      duplicates += 1;
    } else {
      rejections.push(rejection(context(event.position), fault('conflicting_revision', `Found review ${show(event.reviewId)} again with revision ${event.revision} but other content; expected the same content, or revision ${event.revision + 1} to correct it.`)));
    }
  }
  return { fresh, corrections, rejections, duplicates };
}

/** The context of one batch's messages; the index is built only when something is refused. */
export function contextOf(messages: readonly StreamMessage[]): RejectionContext {
  let index: Map<string, StreamMessage> | null = null;
  const keyOf = ({ topic, partition, offset }: StreamPosition) => `${topic}/${partition}/${offset}`;
  return (position) => {
    index ??= new Map(messages.map((message) => [keyOf(message), message]));
    const message = index.get(keyOf(position));
    if (message === undefined) throw new RangeError(`No message at ${keyOf(position)} in this batch; pass the messages that the events were decoded from.`);
    return message;
  };
}
