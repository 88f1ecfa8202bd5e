/** Distribution of counts with a given mean and dispersion phi = variance / mean (Poisson at one), by summing its mass. */
export function massUpTo(x: number, mean: number, phi: number): { below: number; at: number } {
  let log = phi > 1 ? -(mean / (phi - 1)) * Math.log(phi) : -mean;
  const size = mean / (phi - 1);
  let below = 0;
  for (let k = 0; k < x; k += 1) {
    below += Math.exp(log);
    log += phi > 1 ? Math.log(((size + k) / (k + 1)) * (1 - 1 / phi)) : Math.log(mean / (k + 1));
  }
  return { below, at: Math.exp(log) };
}

/** Smallest count whose distribution function reaches `p`. */
export function negativeBinomialQuantile(p: number, mean: number, phi: number): number {
  const size = mean / (phi - 1);
  let log = phi > 1 ? -size * Math.log(phi) : -mean;
  let sum = Math.exp(log);
  let x = 0;
  while (sum < p && x < 1e6) {
    log += phi > 1 ? Math.log(((size + x) / (x + 1)) * (1 - 1 / phi)) : Math.log(mean / (x + 1));
    x += 1;
    sum += Math.exp(log);
  }
  return x;
}
