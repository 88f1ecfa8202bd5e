/** Random numbers that depend on the seed alone, for simulations, training and tests: the same everywhere, and never for secrets. */

/** Uniform in [0, 1): mulberry32 (public domain, Tommy Ettinger). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Standard normal, from two uniform numbers of `random`: Box and Muller 1958. */
export const gaussian = (random: () => number): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Gamma of shape `size` and mean 1 (1 for an infinite size): Marsaglia and Tsang 2000. */
export function gamma(size: number, random: () => number): number {
  if (!Number.isFinite(size)) return 1;
  if (size < 1) return gamma(size + 1, random) * random() ** (1 / size) * ((size + 1) / size);
  const d = size - 1 / 3;
  for (;;) {
    const x = gaussian(random);
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v) / size;
  }
}
