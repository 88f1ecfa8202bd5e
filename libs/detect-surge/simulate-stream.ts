/**
 * Seeded streams of scored reviews in event order, cheap enough for millions: negatives and others are Poisson, negatives with
 * a gamma factor of mean 1 and variance 1 / size a day (negative binomial days), and every way in which the model can be
 * wrong: batches, a rhythm of days and weeks, drift, daylight saving. Thinning: Lewis & Shedler 1979.
 */
import type { SurgeObservation } from '#contracts';
import { gamma, seededRandom } from '#seeded-random';
import { DAY_MS } from './settings.js';

export interface SimulatedStream {
  /** Negatives a day, and their share of all reviews. */
  readonly rate: number;
  readonly share: number;
  /** Size k of the negative binomial of a day's negatives; Infinity is Poisson. */
  readonly size: number;
  readonly wrong?: 'batches' | 'week' | 'drift' | 'daylight saving';
  /** From this day on negatives come `ratio` times as often. */
  readonly rise?: { readonly day: number; readonly ratio: number };
}

export const SIMULATION_START = Date.UTC(2015, 0, 1);
const BATCH = 4;
const DOUBLING_DAYS = 730;

/** Factor on all rates at `t` days, at most `TOP`; mean about one. */
function factorAt(wrong: SimulatedStream['wrong'], t: number): number {
  if (wrong === 'week') return (Math.floor(t) % 7 < 2 ? 0.6 : 1.16) * (1 + 0.5 * Math.cos(2 * Math.PI * (t - 0.8)));
  if (wrong === 'daylight saving') return 1 + 0.5 * Math.cos(2 * Math.PI * (t - 0.8 + (t % 365 > 86 && t % 365 < 302 ? 1 / 24 : 0)));
  if (wrong === 'drift') return 2 ** ((t % (2 * DOUBLING_DAYS) < DOUBLING_DAYS ? t % DOUBLING_DAYS : DOUBLING_DAYS - (t % DOUBLING_DAYS)) / DOUBLING_DAYS) / 1.44;
  return 1;
}
const TOP: Readonly<Record<string, number>> = { week: 1.74, 'daylight saving': 1.5, drift: 1.4 };

/** Observations of `days` days. `P` is 0 or 1; texts are empty. */
export function* simulateStream({ rate, share, size, wrong, rise }: SimulatedStream, days: number, seed: number): Generator<SurgeObservation> {
  const random = seededRandom(seed);
  const others = (rate * (1 - share)) / share;
  const top = TOP[wrong ?? ''] ?? 1;
  const batch = wrong === 'batches' ? BATCH : 1;
  const nextOf = (perDay: number, from: number) => from - Math.log(1 - random()) / perDay;
  let day = 0;
  let swing = gamma(size, random);
  let ratio = rise !== undefined && rise.day <= 0 ? rise.ratio : 1;
  let limit = rise !== undefined && rise.day > 0 && rise.day < 1 ? rise.day : 1;
  const negativesPerDay = () => (Math.max(swing, 1e-12) * ratio * rate * top) / batch;
  const othersPerDay = (others * top) / batch;
  let negative = nextOf(negativesPerDay(), 0);
  let other = nextOf(othersPerDay, 0);
  while (day < days) {
    const t = Math.min(negative, other);
    if (t >= limit) {
      // Memoryless: what had been drawn beyond the border is drawn anew under what holds behind it
      if (rise !== undefined && limit === rise.day) ratio = rise.ratio;
      if (limit === day + 1) {
        day += 1;
        swing = gamma(size, random);
      }
      negative = nextOf(negativesPerDay(), limit);
      if (other >= limit) other = nextOf(othersPerDay, limit);
      limit = rise !== undefined && rise.day > limit && rise.day < day + 1 ? rise.day : day + 1;
      continue;
    }
    const isNegative = negative < other;
    if (isNegative) negative = nextOf(negativesPerDay(), t);
    else other = nextOf(othersPerDay, t);
    if (top > 1 && random() * top > factorAt(wrong, t)) continue;
    let copies = 1;
    if (batch > 1) while (random() > 1 / batch) copies += 1;
    const at = SIMULATION_START + Math.round(t * DAY_MS);
    for (let i = 0; i < copies; i += 1) yield { productId: 'p', at, pNegative: isNegative ? 1 : 0 };
  }
}
