/** Seeded random numbers of the simulations: uniform (mulberry32) and gamma. */

/** mulberry32: uniform in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Gamma(size, mean 1): Marsaglia and Tsang. */
export function gamma(size: number, random: () => number): number {
  if (!Number.isFinite(size)) return 1;
  if (size < 1) return gamma(size + 1, random) * random() ** (1 / size) * ((size + 1) / size);
  const d = size - 1 / 3;
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v) / size;
  }
}
