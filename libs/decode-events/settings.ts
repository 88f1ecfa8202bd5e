/** Bounds that a message is held to before it costs anything. Sizes are bytes, times milliseconds. */
export interface DecodeSettings {
  /** Largest message value that is parsed at all. */
  readonly maxBytes: number;
  /** Largest review text or title, as UTF-8. */
  readonly maxTextBytes: number;
  /** Arrays and objects within each other, the outermost included. */
  readonly maxDepth: number;
  /** Event time may lie this far after the message's own timestamp; the clock is never asked, so a replay decides alike. */
  readonly futureToleranceMs: number;
  /** False where nobody asks whether a review came before: contentHash is then empty. */
  readonly hashContents?: boolean;
}

export const defaultDecodeSettings: DecodeSettings = {
  maxBytes: 1_048_576,
  maxTextBytes: 32_768,
  maxDepth: 32,
  futureToleranceMs: 86_400_000,
};
