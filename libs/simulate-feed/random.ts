/**
 * Seeded randomness for the story. Every product and hour draws from a stream of its own, named by numbers, so that any
 * hour can be told without telling those before it: the seed is a key mixed with the MurmurHash3 finaliser.
 */
import { gaussian, seededRandom } from '#seeded-random';

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number in [0, below). */
  below(below: number): number;
  pick<T>(items: readonly T[]): T;
  /** Index drawn with these weights. */
  weighted(weights: readonly number[]): number;
  chance(probability: number): boolean;
  /** Poisson with this mean (Knuth's product method; the means here are small). */
  poisson(mean: number): number;
  gaussian(): number;
  /** Eight hex digits. */
  hex(): string;
}

/** One stream per tuple of numbers. */
export function stream(...names: readonly number[]): Random {
  let key = 0x9e3779b9;
  for (const name of names) {
    key = Math.imul(key ^ Math.imul(name | 0, 0xcc9e2d51), 0x85ebca6b);
    key = Math.imul(key ^ (key >>> 13), 0xc2b2ae35);
    key ^= key >>> 16;
  }
  const next = seededRandom(key);
  return {
    next,
    below: (below) => Math.floor(next() * below),
    pick: (items) => items[Math.floor(next() * items.length)]!,
    weighted: (weights) => {
      let left = next() * weights.reduce((sum, weight) => sum + weight, 0);
      const found = weights.findIndex((weight) => (left -= weight) < 0);
      return found < 0 ? weights.length - 1 : found;
    },
    chance: (probability) => next() < probability,
    poisson: (mean) => {
      if (mean <= 0) return 0;
      const limit = Math.exp(-mean);
      let count = 0;
      for (let product = next(); product > limit; product *= next()) count += 1;
      return count;
    },
    gaussian: () => gaussian(next),
    hex: () => (next() * 2 ** 32).toString(16).padStart(8, '0'),
  };
}
