/**
 * Minimum of a function of a few variables without derivatives (Nelder and Mead, 1965, with the coefficients of Lagarias
 * et al. 1998). Deterministic. Not-finite values count as infinitely bad, so a domain may be fenced with Infinity.
 */
export interface Minimum {
  readonly at: readonly number[];
  readonly value: number;
  readonly evaluations: number;
}

/** @param steps first displacement along each variable */
export function minimize(f: (x: readonly number[]) => number, start: readonly number[], steps: readonly number[], tolerance = 1e-8, most = 2000): Minimum {
  const n = start.length;
  let evaluations = 0;
  const at = (x: readonly number[]) => {
    evaluations += 1;
    const value = f(x);
    return { x, value: Number.isFinite(value) ? value : Infinity };
  };
  const corners = [at(start), ...start.map((_, i) => at(start.map((v, k) => (k === i ? v + steps[i]! : v))))];
  while (evaluations < most) {
    corners.sort((a, b) => a.value - b.value);
    const best = corners[0]!;
    const worst = corners[n]!;
    if (worst.value - best.value <= tolerance * (Math.abs(best.value) + tolerance)) break;
    const centre = start.map((_, k) => corners.slice(0, n).reduce((sum, c) => sum + c.x[k]!, 0) / n);
    const along = (factor: number) => at(centre.map((c, k) => c + factor * (worst.x[k]! - c)));
    const reflected = along(-1);
    if (reflected.value < best.value) {
      const expanded = along(-2);
      corners[n] = expanded.value < reflected.value ? expanded : reflected;
    } else if (reflected.value < corners[n - 1]!.value) {
      corners[n] = reflected;
    } else {
      const contracted = reflected.value < worst.value ? along(-0.5) : along(0.5);
      if (contracted.value < Math.min(reflected.value, worst.value)) corners[n] = contracted;
      else for (let i = 1; i <= n; i += 1) corners[i] = at(best.x.map((b, k) => b + 0.5 * (corners[i]!.x[k]! - b)));
    }
  }
  corners.sort((a, b) => a.value - b.value);
  return { at: corners[0]!.x, value: corners[0]!.value, evaluations };
}
