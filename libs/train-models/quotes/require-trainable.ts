/** Whether there are bars enough: fewer would teach the model nothing, or choose its epoch by chance. */
import { TidewatchError } from '#contracts';
import type { Series } from './series.js';

const FEWEST = { train: 500, dev: 50 } as const;

/** @throws INPUT_FILE_INVALID with what was found and what is needed */
export function requireTrainable(series: readonly Series[], horizons: readonly number[]): void {
  const longest = horizons.at(-1)!;
  const seen = series.filter(({ heldOut }) => !heldOut);
  const usable = (s: Series, from: number, to: number): number => {
    let count = 0;
    for (let t = from; t < to - longest; t += 1) if (Number.isFinite(s.targets[t * horizons.length]!)) count += 1;
    return count;
  };
  const train = seen.reduce((sum, s) => sum + usable(s, 0, s.trainEnd), 0);
  const dev = seen.reduce((sum, s) => sum + usable(s, s.trainEnd, s.devEnd), 0);
  if (train >= FEWEST.train && dev >= FEWEST.dev) return;
  const bars = series.reduce((sum, s) => sum + s.bars, 0);
  throw new TidewatchError('INPUT_FILE_INVALID', `${bars} bars of ${series.length} symbols (${series.length - seen.length} of them held out) leave ${train} to train on and ${dev} to choose the epoch by: the first 70 % of the time and the tenth after it, each without its last ${longest} bars a symbol. At least ${FEWEST.train} and ${FEWEST.dev} are needed: give longer series, or shorter --horizons.`);
}
