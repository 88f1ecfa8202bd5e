/**
 * How sure the excess of several products together is. Each product's count and expected err apart from the others', so the limits of the sum
 * lie as far from it as the root of the sum of squares of the products' own distances (MOVER, Zou & Donner 2008): of a 90 % interval each, one of all.
 */
export interface Excess {
  readonly excess: number;
  /** Of its interval; null in rows of older versions. */
  readonly low: number | null;
  readonly high: number | null;
}

/** null where one of them has no interval. */
export function excessOfAll(parts: readonly Excess[]): { readonly low: number; readonly high: number } | null {
  let [excess, below, above] = [0, 0, 0];
  for (const part of parts) {
    if (part.low === null || part.high === null) return null;
    excess += part.excess;
    below += (part.excess - part.low) ** 2;
    above += (part.high - part.excess) ** 2;
  }
  return { low: excess - Math.sqrt(below), high: excess + Math.sqrt(above) };
}
