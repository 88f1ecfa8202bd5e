/**
 * "The feed is dead" is another alert than "no reviews of this product": a whole topic that brought nothing for longer
 * than the limit is flagged once, and the flag is taken back with the next message.
 */
export interface FeedReading {
  readonly stream: string;
  /** Clock time of the newest commit of the stream, epoch ms; null when nothing ever came. */
  readonly lastCommit: number | null;
  readonly flagged: boolean;
}

export type FeedChange = { readonly kind: 'none' } | { readonly kind: 'flag'; readonly silentSince: number } | { readonly kind: 'clear' };

export function judgeFeed(reading: FeedReading, now: number, limitMs: number): FeedChange {
  if (reading.lastCommit === null) return { kind: 'none' };
  const silent = now - reading.lastCommit > limitMs;
  if (silent && !reading.flagged) return { kind: 'flag', silentSince: reading.lastCommit };
  if (!silent && reading.flagged) return { kind: 'clear' };
  return { kind: 'none' };
}
