/** What the story is told in. */
export interface StoryMessage {
  readonly stream: 'reviews' | 'quotes';
  readonly key: string | null;
  /** JSON text; bytes or null where a producer is broken. */
  readonly value: string | Uint8Array | null;
  /** Event time at which it is sent, epoch ms. */
  readonly at: number;
}
