/** A thread of `evaluate surges` and `calibrate surges`: one task in, its row out. */
import { parentPort } from 'node:worker_threads';
import { calibrateNode, measureAlarms, measureDelay, type ProofTask } from '../../libs/detect-surge/simulation.js';

export type SurgeWork = { readonly kind: 'proof'; readonly task: ProofTask } | { readonly kind: 'calibrate'; readonly rate: number; readonly size: number; readonly seed: number; readonly effort: number };

parentPort!.on('message', (work: SurgeWork) => {
  if (work.kind === 'calibrate') parentPort!.postMessage(calibrateNode(work.rate, work.size, work.seed, work.effort));
  else {
    const { kind, cell, ratio, runs, horizon } = work.task;
    parentPort!.postMessage(kind === 'delay' ? measureDelay(cell, ratio!, runs!, horizon!) : measureAlarms(cell));
  }
});
