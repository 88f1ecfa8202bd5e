/** Streams of reviews with a known rise: Poisson in time, days over-dispersed by a gamma factor (negative binomial counts). Seeded. */
import { gamma, seededRandom } from '#seeded-random';

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

/** @returns times in days, ascending, and which are negative. The part before the rise is the same whatever the rise. */
export function makeStream({ days, rate, share, size, rise }: StreamPlan, seed: number): { at: number; negative: boolean }[] {
  const events: { at: number; negative: boolean }[] = [];
  for (const negative of [true, false]) {
    for (let day = 0; day < days; day += 1) {
      const random = seededRandom(Math.imul(seed, 0x9e3779b1) + 2 * day + (negative ? 1 : 0));
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
