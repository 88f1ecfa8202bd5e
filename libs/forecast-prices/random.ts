/** The random numbers of sample paths and simulated walks. */
import { seededRandom } from '#seeded-random';

export interface Random {
  /** Inside (0, 1), as quantile functions need it. */
  readonly uniform: () => number;
  readonly normal: () => number;
}

export function randomFrom(seed: number): Random {
  const random = seededRandom(seed);
  const uniform = (): number => random() + 0.5 / 2 ** 32;
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()) };
}
