/**
 * Tells a jump that looks like a split, a redenomination or a misplaced decimal point from a move of the market:
 * at least a third, more than ten volatilities, and close to a ratio of small whole numbers. Such a jump says
 * nothing about volatility; what was forecast across it cannot be compared.
 */
const RATIOS = [1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40, 50, 100, 1000];
const TOLERANCE = 0.04;
const SIGMAS = 10;

/** The ratio that the jump looks like ("2:1", "1:10"), or null. */
export function looksLikeSplit(logReturn: number, sigma: number): string | null {
  const size = Math.abs(logReturn);
  if (size < Math.log(RATIOS[0]!) - TOLERANCE || size < SIGMAS * sigma) return null;
  const ratio = RATIOS.find((r) => Math.abs(size - Math.log(r)) < TOLERANCE);
  if (ratio === undefined) return null;
  return logReturn < 0 ? `${ratio}:1` : `1:${ratio}`;
}
