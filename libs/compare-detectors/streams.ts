/** Streams of reviews with a known rise: Poisson in time, days over-dispersed by a gamma factor (negative binomial counts). Seeded. */
export interface StreamPlan {
  readonly days: number;
  /** Negatives a day, and share of negatives among all. */
  readonly rate: number;
  readonly share: number;
  /** Negative binomial size of a day's count; Infinity is Poisson. */
  readonly size: number;
  /** The rate of negatives is `times` as high from this day on. */
  readonly rise?: { readonly from: number; readonly times: number };
}

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

/** @returns times in days, ascending, and which are negative. The part before the rise is the same whatever the rise. */
export function makeStream({ days, rate, share, size, rise }: StreamPlan, seed: number): { at: number; negative: boolean }[] {
  const events: { at: number; negative: boolean }[] = [];
  for (const negative of [true, false]) {
    for (let day = 0; day < days; day += 1) {
      const random = seeded(Math.imul(seed, 0x9e3779b1) + 2 * day + (negative ? 1 : 0));
      const normal = (negative ? rate : (rate * (1 - share)) / share) * gamma(size, random);
      const times = negative && rise !== undefined && day + 1 > rise.from ? rise.times : 1;
      for (let t = -Math.log(1 - random()) / normal; t < 1; t += -Math.log(1 - random()) / normal) events.push({ at: day + t, negative });
      // The excess on top, from its own numbers: what was there without it stays
      if (times > 1) {
        const excess = normal * (times - 1);
        for (let t = -Math.log(1 - random()) / excess; t < 1; t += -Math.log(1 - random()) / excess) if (day + t >= rise!.from) events.push({ at: day + t, negative });
      }
    }
  }
  return events.sort((a, b) => a.at - b.at);
}

/** Gamma(size, mean 1): Marsaglia and Tsang 2000. */
function gamma(size: number, random: () => number): number {
  if (!Number.isFinite(size)) return 1;
  const d = size - 1 / 3;
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v) / size;
  }
}
