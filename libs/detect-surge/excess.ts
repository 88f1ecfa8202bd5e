/**
 * How sure the excess is: a 90 % interval of the observed level minus the expected. What was observed is one draw of a count whose
 * variance is `dispersion` times its mean: limits by the square root (Anscombe 1948). The expected is a posterior mean with a
 * standard error. Both are put together by MOVER (Zou & Donner 2008), which keeps the count's limits unequal where it is small.
 * The start of a surge is chosen where the rise looks largest, so the interval is of what was seen since then, not of a rise picked beforehand.
 */
const QUANTILE = 1.645;

export interface ExcessLimits {
  readonly low: number;
  readonly high: number;
}

export function excessLimits(observed: number, dispersion: number, expected: number, error: number): ExcessLimits {
  const [least, most] = countLimits(observed, dispersion);
  const margin = QUANTILE * error;
  const excess = observed - expected;
  return { low: excess - Math.hypot(observed - least, margin), high: excess + Math.hypot(most - observed, margin) };
}

function countLimits(observed: number, dispersion: number): readonly [number, number] {
  const root = Math.sqrt(observed / dispersion + 0.375);
  const at = (deviations: number): number => dispersion * (Math.max(0, root + deviations / 2) ** 2 - 0.375);
  return [Math.max(0, Math.min(observed, at(-QUANTILE))), Math.max(observed, at(QUANTILE))];
}
