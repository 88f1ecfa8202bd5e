/**
 * The place for what all symbols together say up to the previous bar: a versioned snapshot, so that every stored byte stays
 * a function of messages and snapshot rows. No snapshot is written yet; without one the features are 0 and say so.
 */
export interface Market {
  /** Mean return of all symbols over the previous bar, and the deviation between them, each in units of their volatility. */
  readonly meanReturn: number;
  readonly dispersion: number;
}
