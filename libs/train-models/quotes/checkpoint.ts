/** The training as it stood after a whole epoch, exact to the bit, so that a resumed one ends with the same bytes. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import type { Parameters } from '#models';
import type { OptimizerState } from './optimizer.js';

export interface Checkpoint {
  /** Hash of sizes, settings and data: a checkpoint of another training is not taken up. */
  readonly identity: string;
  /** Epochs done. */
  readonly epoch: number;
  readonly optimizer: OptimizerState;
  readonly best: { readonly epoch: number; readonly loss: number; readonly parameters: Parameters } | null;
  readonly history: readonly { readonly epoch: number; readonly trainLoss: number; readonly devLoss: Readonly<Record<string, number>> }[];
}

/** Written beside and moved into place: a kill leaves the older or the newer one, whole. */
export function saveCheckpoint(path: string, checkpoint: Checkpoint): void {
  writeFileSync(`${path}.new`, serialize(checkpoint));
  renameSync(`${path}.new`, path);
}

export function loadCheckpoint(path: string, identity: string): Checkpoint | null {
  if (!existsSync(path)) return null;
  const checkpoint = deserialize(readFileSync(path)) as Checkpoint;
  if (checkpoint.identity !== identity) return null;
  // deserialize gives arrays over one shared buffer of odd alignment: own copies, as the optimizer writes into them
  const own = (parameters: Parameters): Parameters => Object.fromEntries(Object.entries(parameters).map(([name, a]) => [name, Float32Array.from(a)]));
  const { optimizer: o, best } = checkpoint;
  return {
    ...checkpoint,
    optimizer: { step: o.step, values: own(o.values), first: own(o.first), second: own(o.second), averaged: own(o.averaged) },
    best: best === null ? null : { ...best, parameters: own(best.parameters) },
  };
}

export function removeCheckpoint(path: string): void {
  rmSync(path, { force: true });
}
