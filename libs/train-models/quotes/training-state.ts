/** The training as it stood after a whole epoch, exact to the bit, so that a resumed one ends with the same bytes. */
import { TidewatchError } from '#contracts';
import type { Parameters } from '#models';
import { readCheckpoint, writeCheckpoint } from '../checkpoint.js';
import type { OptimizerState } from './optimizer.js';

export interface TrainingState {
  /** Hash of sizes, settings and data: the state of another training is not taken up. */
  readonly identity: string;
  /** Epochs done. */
  readonly epoch: number;
  readonly optimizer: OptimizerState;
  readonly best: { readonly epoch: number; readonly loss: number; readonly parameters: Parameters } | null;
  readonly history: readonly EpochRecord[];
}

export interface EpochRecord {
  readonly epoch: number;
  readonly trainLoss: number;
  /** By file, then by horizon: pinball loss to that of the walk with fitted Student-t errors (dev-ratios.ts). */
  readonly devRatio: Readonly<Record<string, readonly number[]>>;
}

interface Numbers {
  readonly identity: string;
  readonly epoch: number;
  readonly step: number;
  readonly best: { readonly epoch: number; readonly loss: number } | null;
  readonly history: readonly EpochRecord[];
}

const GROUPS = ['values', 'first', 'second', 'averaged'] as const;

export function saveTraining(path: string, { identity, epoch, optimizer, best, history }: TrainingState): void {
  const groups: [string, Parameters][] = GROUPS.map((group) => [group, optimizer[group]]);
  if (best !== null) groups.push(['best', best.parameters]);
  const arrays = Object.fromEntries(groups.flatMap(([group, parameters]) => Object.entries(parameters).map(([name, a]) => [`${group}/${name}`, a])));
  const numbers: Numbers = { identity, epoch, step: optimizer.step, best: best === null ? null : { epoch: best.epoch, loss: best.loss }, history };
  writeCheckpoint(path, { numbers, arrays });
}

/** null where there is none. @throws SETTING_INVALID where it belongs to another training */
export function loadTraining(path: string, identity: string): TrainingState | null {
  const read = readCheckpoint<Numbers>(path);
  if (read === null) return null;
  if (read.numbers.identity !== identity) throw new TidewatchError('SETTING_INVALID', 'the stopped training was begun with other data, horizons, seed or epochs: give the same, or train anew without --resume');
  const group = (name: string): Parameters =>
    Object.fromEntries(Object.entries(read.arrays).filter(([key]) => key.startsWith(`${name}/`)).map(([key, a]) => [key.slice(name.length + 1), a]));
  const { epoch, step, best, history } = read.numbers;
  return {
    identity, epoch, history,
    optimizer: { step, values: group('values'), first: group('first'), second: group('second'), averaged: group('averaged') },
    best: best === null ? null : { ...best, parameters: group('best') },
  };
}
